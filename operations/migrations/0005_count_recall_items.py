from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("operations", "0004_follow_missing")]

    operations = [
        migrations.AddField("recallcase", "listed_count", models.PositiveIntegerField(default=0)),
        migrations.AddField(
            "recallcase",
            "open_count",
            models.PositiveIntegerField(default=0, help_text="A case closes at zero."),
        ),
    ]
