from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("testing", "0005_keep_decisions_made_before")]

    operations = [
        migrations.RunSQL(
            (SQL / "history_v1.sql").read_text(), (SQL / "history_v1_drop.sql").read_text()
        )
    ]
