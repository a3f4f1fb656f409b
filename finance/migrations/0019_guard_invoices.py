"""Triggers that freeze an approved invoice, and the view of what was received."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent.parent / "sql"


def text(name: str) -> str:
    return (SQL / f"{name}.sql").read_text()


class Migration(migrations.Migration):
    dependencies = [("finance", "0018_invoices")]

    operations = [
        migrations.RunSQL(text("invoices_v1"), text("invoices_v1_drop")),
        migrations.RunSQL(text("received_v1"), text("received_v1_drop")),
    ]
