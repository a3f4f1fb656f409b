"""Triggers that freeze approved posting rules and stages of steps, and keep the days they applied to."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent.parent / "sql"


def text(name: str) -> str:
    return (SQL / f"{name}.sql").read_text()


class Migration(migrations.Migration):
    dependencies = [("finance", "0038_posting_rules_are_signed")]

    operations = [
        migrations.RunSQL(text("posting_rules_v1"), text("posting_rules_v1_drop")),
    ]
