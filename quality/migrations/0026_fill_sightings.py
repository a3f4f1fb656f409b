from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    """Where issues were found so far; what of it is true no more, the reviews asked for tell."""

    dependencies = [("quality", "0025_sightings")]

    operations = [
        migrations.RunSQL(
            sql=(SQL / "fill_sightings_v1.sql").read_text(),
            reverse_sql=migrations.RunSQL.noop,
        ),
    ]
