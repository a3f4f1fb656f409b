from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    """Triggers across rooms; every lot step that has results is owed its parts from the start."""

    dependencies = [
        ("quality", "0006_yield_books"),
        ("testing", "0011_append_only_recounts"),
        ("lots", "0001_initial"),
    ]

    operations = [
        migrations.RunSQL(
            sql=(SQL / "yield_owed_v1.sql").read_text(),
            reverse_sql=(SQL / "yield_owed_v1_drop.sql").read_text(),
        ),
    ]
