"""Triggers that keep files of exports, and finished exports, as they are."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("finance", "0003_exports")]

    operations = [
        migrations.RunSQL(
            (SQL / "export_guards_v1.sql").read_text(),
            (SQL / "export_guards_v1_drop.sql").read_text(),
        )
    ]
