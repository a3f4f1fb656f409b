from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("testing", "0010_oven_logs")]

    operations = [
        migrations.RunSQL(
            (SQL / "recounts_v1.sql").read_text(), (SQL / "recounts_v1_drop.sql").read_text()
        )
    ]
