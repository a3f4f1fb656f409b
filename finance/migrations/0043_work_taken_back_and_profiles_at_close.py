"""Work that a way back takes off is counted down; a profile's approval waits for a close."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent.parent / "sql"


def text(name: str) -> str:
    return (SQL / f"{name}.sql").read_text()


class Migration(migrations.Migration):
    dependencies = [("finance", "0042_guard_closing")]

    operations = [
        migrations.AlterModelTable(name="receivedline", table="finance_received_v3"),
        migrations.RunSQL(text("received_v3"), text("received_v3_drop")),
        migrations.RunSQL(text("profiles_late_v2"), text("profiles_late_v2_drop")),
    ]
