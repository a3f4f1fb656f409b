from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("lots", "0023_pilot_runs")]

    operations = [
        migrations.RunSQL(
            (SQL / "lineage_guards_v1.sql").read_text(),
            (SQL / "lineage_guards_v1_undo.sql").read_text(),
        ),
    ]
