from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("racks", "0003_owe_contents"), ("lots", "0014_late_moves")]

    operations = [
        migrations.RunSQL(
            (SQL / "refuse_held_v1.sql").read_text(), (SQL / "refuse_held_v1_undo.sql").read_text()
        ),
    ]
