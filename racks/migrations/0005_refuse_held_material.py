from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("racks", "0004_refuse_held"), ("lots", "0016_materials_without_serials")]

    operations = [
        migrations.RunSQL(
            (SQL / "refuse_held_v2.sql").read_text(),
            (SQL / "refuse_held_v2_undo.sql").read_text()
            + (SQL / "refuse_held_v1.sql").read_text(),
        ),
    ]
