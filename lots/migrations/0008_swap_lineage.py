from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("lots", "0007_return_waivers")]

    operations = [
        migrations.AlterField(
            model_name="lotlineage",
            name="kind",
            field=models.CharField(
                choices=[
                    ("split", "Split"),
                    ("merge", "Merge"),
                    ("assemble", "Assemble"),
                    ("bin", "Bin"),
                    ("swap", "Swap"),
                ],
                max_length=16,
            ),
        ),
    ]
