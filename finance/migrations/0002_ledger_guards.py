"""Triggers that keep the ledger append-only and balanced, and the view that exports read."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent.parent / "sql"


def from_files(name: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        (SQL / f"{name}.sql").read_text(), (SQL / f"{name}_drop.sql").read_text()
    )


class Migration(migrations.Migration):
    dependencies = [("finance", "0001_initial")]

    operations = [
        from_files("append_only_v1"),
        from_files("balance_v1"),
        from_files("frozen_v1"),
        from_files("ledger_v1"),
    ]
