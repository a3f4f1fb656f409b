from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("testing", "0014_statements_of_runs")]

    operations = [
        migrations.RunSQL((SQL / "first_statements_v1.sql").read_text(), migrations.RunSQL.noop)
    ]
