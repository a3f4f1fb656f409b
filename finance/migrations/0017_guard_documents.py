"""One pair of triggers keeps what every document says; write-downs come under it."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent.parent / "sql"


def text(name: str) -> str:
    return (SQL / f"{name}.sql").read_text()


class Migration(migrations.Migration):
    dependencies = [("finance", "0016_guard_write_downs")]

    operations = [
        migrations.RunSQL(text("documents_v1"), text("documents_v1_drop") + text("write_downs_v1"))
    ]
