"""Triggers that freeze an approved write-down and keep what was prepared."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("finance", "0015_write_downs")]

    operations = [
        migrations.RunSQL(
            (SQL / "write_downs_v1.sql").read_text(), (SQL / "write_downs_v1_drop.sql").read_text()
        )
    ]
