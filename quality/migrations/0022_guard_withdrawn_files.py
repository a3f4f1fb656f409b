from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("quality", "0021_withdraw_files")]

    operations = [
        migrations.RunSQL(
            sql=(SQL / "attachments_v1.sql").read_text(),
            reverse_sql=(SQL / "attachments_v1_drop.sql").read_text(),
        ),
    ]
