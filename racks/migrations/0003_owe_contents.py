from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("racks", "0002_count_contents")]

    operations = [
        migrations.RunSQL(
            (SQL / "rack_owed_v1.sql").read_text(), (SQL / "rack_owed_v1_undo.sql").read_text()
        ),
    ]
