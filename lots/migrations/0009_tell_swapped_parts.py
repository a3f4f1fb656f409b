from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("lots", "0008_swap_lineage")]

    operations = [
        migrations.RunSQL(
            (SQL / "swap_lineage_v1.sql").read_text(),
            "DELETE FROM lots_lotlineage WHERE kind = 'swap'",
        ),
    ]
