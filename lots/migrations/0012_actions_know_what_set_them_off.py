import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("lots", "0011_tell_missing_units")]

    operations = [
        migrations.AddField(
            model_name="futureaction",
            name="set_off_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="set_off_actions",
                to="lots.event",
            ),
        ),
    ]
