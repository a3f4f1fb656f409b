from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("quality", "0010_limit_versions")]

    operations = [
        migrations.RunSQL(
            sql=(SQL / "limits_v1.sql").read_text(),
            reverse_sql=(SQL / "limits_v1_drop.sql").read_text(),
        ),
    ]
