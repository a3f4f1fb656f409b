"""Costs, periods, closes and the books' entity are kept as plans and documents are."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent.parent / "sql"


def text(name: str) -> str:
    return (SQL / f"{name}.sql").read_text()


class Migration(migrations.Migration):
    dependencies = [("finance", "0023_guard_asset_plans")]

    operations = [
        migrations.RunSQL(text("frozen_v2"), text("frozen_v2_drop")),
        migrations.RunSQL(text("emptied_v1"), text("emptied_v1_drop")),
    ]
