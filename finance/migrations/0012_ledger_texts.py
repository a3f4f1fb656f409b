"""Days and moments of the ledger as exports write them, kept beside the values."""

from pathlib import Path

from django.db import migrations, models

SQL = Path(__file__).parent.parent / "sql"


def text(name: str) -> str:
    return (SQL / f"{name}.sql").read_text()


class Migration(migrations.Migration):
    dependencies = [("finance", "0011_guard_profiles")]

    operations = [
        migrations.RunSQL(text("ledger_texts_v1"), text("ledger_texts_v1_drop")),
        migrations.AddField(
            model_name="ledgerentry",
            name="effective_text",
            field=models.GeneratedField(
                db_persist=True,
                expression=models.Func("effective_on", function="finance_day_text"),
                output_field=models.TextField(),
            ),
        ),
        migrations.AddField(
            model_name="ledgerentry",
            name="recorded_text",
            field=models.GeneratedField(
                db_persist=True,
                expression=models.Func("recorded_at", function="finance_moment_text"),
                output_field=models.TextField(),
            ),
        ),
        migrations.RunSQL(text("ledger_v2"), text("ledger_v1_drop") + text("ledger_v1")),
    ]
