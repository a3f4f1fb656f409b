"""A version of a close keeps the reconciliation as it was; those from before have none."""

from pathlib import Path

from django.db import migrations, models

SQL = Path(__file__).parent.parent / "sql"


def text(name: str) -> str:
    return (SQL / f"{name}.sql").read_text()


class Migration(migrations.Migration):
    dependencies = [("finance", "0034_carried_at_close")]

    operations = [
        migrations.AddField(
            model_name="periodclose",
            name="reconciliation",
            field=models.JSONField(editable=False, null=True),
        ),
        migrations.RunSQL(text("closes_v3"), text("closes_v3_drop")),
    ]
