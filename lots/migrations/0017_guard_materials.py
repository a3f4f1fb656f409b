from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("lots", "0016_materials_without_serials")]

    operations = [
        migrations.RunSQL(
            (SQL / "material_uses_v1.sql").read_text(),
            (SQL / "material_uses_v1_undo.sql").read_text(),
        ),
    ]
