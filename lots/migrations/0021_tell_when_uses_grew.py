from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("lots", "0020_guard_retold_materials")]

    operations = [
        migrations.RunSQL(
            (SQL / "material_uses_v3.sql").read_text(),
            (SQL / "material_uses_v3_undo.sql").read_text(),
        ),
    ]
