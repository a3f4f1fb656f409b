from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("lots", "0029_fill_waiting_since")]

    operations = [
        migrations.RunSQL(
            (SQL / "ledger_guards_v3.sql").read_text(),
            (SQL / "ledger_guards_v3_undo.sql").read_text(),
        ),
    ]
