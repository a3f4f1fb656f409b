from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("lots", "0028_waiting_since")]

    operations = [
        migrations.RunSQL((SQL / "fill_waiting_since_v1.sql").read_text(), migrations.RunSQL.noop),
    ]
