"""A version of a close keeps its control totals; those from before have none."""

from pathlib import Path

from django.db import migrations, models

SQL = Path(__file__).parent.parent / "sql"


def text(name: str) -> str:
    return (SQL / f"{name}.sql").read_text()


class Migration(migrations.Migration):
    dependencies = [("finance", "0029_work_invoices")]

    operations = [
        migrations.AddField(
            model_name="periodclose",
            name="totals",
            field=models.JSONField(null=True, blank=True),
        ),
        migrations.RunSQL(text("closes_v2"), text("closes_v2_drop")),
    ]
