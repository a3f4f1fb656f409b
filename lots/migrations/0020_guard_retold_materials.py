from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("lots", "0019_retold_materials")]

    operations = [
        migrations.RunSQL(
            (SQL / "material_uses_v2.sql").read_text(),
            (SQL / "material_uses_v2_undo.sql").read_text()
            + (SQL / "material_uses_v1.sql").read_text(),
        ),
    ]
