"""A trigger that keeps whose a product is, and whether it is engineering material, once it has lots."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("lots", "0031_title_of_suppliers")]

    operations = [
        migrations.RunSQL(
            (SQL / "products_kept_v1.sql").read_text(),
            (SQL / "products_kept_v1_undo.sql").read_text(),
        ),
    ]
