"""Triggers that freeze an approved posting profile and keep who prepared it."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("finance", "0010_posting_profiles")]

    operations = [
        migrations.RunSQL(
            (SQL / "profiles_v1.sql").read_text(), (SQL / "profiles_v1_drop.sql").read_text()
        )
    ]
