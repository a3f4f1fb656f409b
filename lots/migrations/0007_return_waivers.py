from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("lots", "0006_order_lines_by_lot")]

    operations = [
        migrations.RunSQL(
            (SQL / "frozen_waivers_v2.sql").read_text(),
            (SQL / "frozen_waivers_v2_undo.sql").read_text(),
        ),
    ]
