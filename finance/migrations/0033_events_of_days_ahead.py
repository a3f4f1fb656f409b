"""An event of a day that has not come is owed."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("finance", "0032_name_missing_reasons"),
    ]

    operations = [
        migrations.AlterField(
            model_name="postinggap",
            name="code",
            field=models.CharField(
                choices=[
                    ("missing-cost", "Missing cost"),
                    ("missing-stage", "Missing stage"),
                    ("missing-period", "Missing period"),
                    ("wrong-quantity", "Wrong quantity"),
                    ("waiting", "Waiting"),
                    ("day-ahead", "Day ahead"),
                ],
                max_length=24,
            ),
        ),
    ]
