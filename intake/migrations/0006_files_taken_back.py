from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("intake", "0005_match_by_folder_mode_retest_sublot_and_temperature"),
        ("testing", "0016_runs_taken_back"),
    ]

    operations = [
        migrations.AddField(
            model_name="rawfile",
            name="wafer_codes",
            field=models.JSONField(blank=True, db_default={}, default=dict),
        ),
        migrations.AddField(
            model_name="rawfile",
            name="is_taken_back",
            field=models.BooleanField(db_default=False, default=False),
        ),
    ]
