"""Revaluations are kept as other documents are, and large transactions are summed once."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent.parent / "sql"


def text(name: str) -> str:
    return (SQL / f"{name}.sql").read_text()


class Migration(migrations.Migration):
    dependencies = [("finance", "0020_revaluations")]

    operations = [
        migrations.RunSQL(text("revaluations_v1"), text("revaluations_v1_drop")),
        migrations.RunSQL(text("balance_v2"), text("balance_v2_drop") + text("balance_v1")),
    ]
