"""New lines of the ledger go on from its head, in open periods, with the hashes they should have."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent.parent / "sql"


def text(name: str) -> str:
    return (SQL / f"{name}.sql").read_text()


class Migration(migrations.Migration):
    dependencies = [("finance", "0025_costs_of_closed_periods")]

    operations = [
        migrations.RunSQL(text("lines_v1"), text("lines_v1_drop")),
        migrations.RunSQL(text("balance_v3"), text("balance_v3_drop")),
    ]
