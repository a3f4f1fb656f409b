"""A scrap reason also says whether its units are missing."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("finance", "0030_control_totals_of_closes"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="scrapreason",
            options={"ordering": ["reason"], "verbose_name": "scrap reason"},
        ),
        migrations.AddField(
            model_name="scrapreason",
            name="is_missing",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="scrapreason",
            name="is_normal",
            field=models.BooleanField(default=True),
        ),
    ]
