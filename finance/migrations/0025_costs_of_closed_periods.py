"""Costs approved for days of a closed period change none that were in force there."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent.parent / "sql"


def text(name: str) -> str:
    return (SQL / f"{name}.sql").read_text()


class Migration(migrations.Migration):
    dependencies = [("finance", "0024_guard_costs_periods_books")]

    operations = [
        migrations.RunSQL(text("costs_late_v1"), text("costs_late_v1_drop")),
    ]
