import django.db.models.deletion
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("lots", "0005_freeze_released")]

    operations = [
        AddIndexConcurrently(
            model_name="eventline",
            index=models.Index(fields=["lot", "id"], name="lots_eventline_lot_order"),
        ),
        migrations.AlterField(
            model_name="eventline",
            name="lot",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="lines",
                to="lots.lot",
            ),
        ),
    ]
