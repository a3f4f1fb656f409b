"""A prepared period is opened again only with a reason, which stays."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent.parent / "sql"


def text(name: str) -> str:
    return (SQL / f"{name}.sql").read_text()


class Migration(migrations.Migration):
    dependencies = [("finance", "0027_period_reopenings")]

    operations = [
        migrations.RunSQL(text("reopenings_v1"), text("reopenings_v1_drop")),
    ]
