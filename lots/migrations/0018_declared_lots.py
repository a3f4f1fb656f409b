from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("lots", "0017_guard_materials")]

    operations = [
        AddIndexConcurrently(
            model_name="unit",
            index=models.Index(
                fields=[column],
                name=f"lots_unit_{column}",
                condition=models.Q((column, ""), _negated=True),
            ),
        )
        for column in ("declared_lot", "declared_wafer")
    ]
