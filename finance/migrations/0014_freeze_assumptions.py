"""A trigger that freezes what an approved cost version was rolled up from."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("finance", "0013_cost_assumptions")]

    operations = [
        migrations.RunSQL(
            (SQL / "assumptions_v1.sql").read_text(), (SQL / "assumptions_v1_drop.sql").read_text()
        )
    ]
