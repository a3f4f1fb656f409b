"""Triggers that keep the preparer of costs and of a close."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("finance", "0005_reads_name_their_token")]

    operations = [
        migrations.RunSQL(
            (SQL / "preparer_v1.sql").read_text(), (SQL / "preparer_v1_drop.sql").read_text()
        )
    ]
