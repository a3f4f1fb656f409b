"""Closes of before are told as their version 1; triggers keep every version as it was reported."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("finance", "0008_closes")]

    operations = [
        migrations.RunSQL(
            (SQL / "closes_v1.sql").read_text(), (SQL / "closes_v1_drop.sql").read_text()
        )
    ]
