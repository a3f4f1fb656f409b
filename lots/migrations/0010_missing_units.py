from django.db import migrations, models

import lots.domain.words


class Migration(migrations.Migration):
    dependencies = [("lots", "0009_tell_swapped_parts")]

    operations = [
        migrations.AlterField(
            model_name="unit",
            name="state",
            field=models.CharField(
                choices=[
                    ("good", "Good"),
                    ("reject", "Reject"),
                    ("missing", "Missing"),
                    ("scrapped", "Scrapped"),
                ],
                default=lots.domain.words.UnitState.GOOD,
                max_length=16,
            ),
        ),
    ]
