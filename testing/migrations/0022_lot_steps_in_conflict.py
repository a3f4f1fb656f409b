from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("testing", "0021_sessions_that_count_their_parts")]

    operations = [
        migrations.RunSQL(
            (SQL / "conflicting_lot_steps_v1.sql").read_text(), migrations.RunSQL.noop
        )
    ]
