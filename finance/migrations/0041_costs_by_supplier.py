"""A standard cost may be that of the lots of one supplier; those from before are of all."""

from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models

SQL = Path(__file__).parent.parent / "sql"


def text(name: str) -> str:
    return (SQL / f"{name}.sql").read_text()


class Migration(migrations.Migration):
    dependencies = [("finance", "0040_running_reads")]

    operations = [
        migrations.AlterModelOptions(
            name="standardcost", options={"ordering": ["version", "item", "stage", "supplier"]}
        ),
        migrations.AddField(
            model_name="standardcost",
            name="supplier",
            field=models.ForeignKey(
                blank=True,
                db_column="supplier",
                help_text="Whose lots it is for; empty for all others.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="lots.supplier",
                to_field="code",
            ),
        ),
        migrations.RemoveConstraint(model_name="standardcost", name="finance_standardcost_once"),
        migrations.AddConstraint(
            model_name="standardcost",
            constraint=models.UniqueConstraint(
                fields=("version", "item", "stage", "supplier"),
                name="finance_standardcost_once",
                nulls_distinct=False,
            ),
        ),
        migrations.RunSQL(text("costs_late_v2"), text("costs_late_v2_drop")),
    ]
