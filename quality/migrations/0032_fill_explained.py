from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    """Of issues that were resolved so far, with what is found of them still."""

    dependencies = [("quality", "0031_explained_lots")]

    operations = [
        migrations.RunSQL(
            sql=(SQL / "fill_explained_v1.sql").read_text(),
            reverse_sql=migrations.RunSQL.noop,
        ),
    ]
