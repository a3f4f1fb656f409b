from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("racks", "0005_refuse_held_material"),
        ("lots", "0020_guard_retold_materials"),
    ]

    operations = [
        migrations.RunSQL(
            (SQL / "refuse_held_v3.sql").read_text(),
            (SQL / "refuse_held_v3_undo.sql").read_text()
            + (SQL / "refuse_held_v1.sql").read_text()
            + (SQL / "refuse_held_v2.sql").read_text(),
        ),
    ]
