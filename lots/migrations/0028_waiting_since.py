from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("lots", "0027_keyed_once")]

    operations = [
        migrations.AddField(
            model_name="lot",
            name="waiting_since",
            field=models.DateTimeField(
                null=True,
                blank=True,
                help_text=(
                    "Waits at its step since, where that is longer than it stands there; else "
                    "empty."
                ),
            ),
        ),
    ]
