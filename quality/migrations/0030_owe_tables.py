from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("quality", "0029_pending_tables")]

    operations = [
        migrations.RunSQL(
            sql=(SQL / "bin_tables_v1.sql").read_text(),
            reverse_sql=(SQL / "bin_tables_v1_drop.sql").read_text(),
        ),
    ]
