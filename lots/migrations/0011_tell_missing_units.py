from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("lots", "0010_missing_units")]

    operations = [
        migrations.RunSQL(
            (SQL / "missing_units_v1.sql").read_text(),
            "UPDATE lots_unit SET state = 'reject' WHERE state = 'missing'",
        ),
    ]
