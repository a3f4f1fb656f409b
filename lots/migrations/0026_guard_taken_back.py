from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("lots", "0025_withdrawn_units")]

    operations = [
        migrations.RunSQL(
            (SQL / "taken_back_v1.sql").read_text(), (SQL / "taken_back_v1_undo.sql").read_text()
        ),
    ]
