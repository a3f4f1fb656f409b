"""Days and moments of the ledger as exports write them, kept beside the values."""

from pathlib import Path

from django.db import migrations, models

SQL = Path(__file__).parent.parent / "sql"


def from_files(name: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        (SQL / f"{name}.sql").read_text(), (SQL / f"{name}_drop.sql").read_text()
    )


class Migration(migrations.Migration):
    dependencies = [("finance", "0011_guard_profiles")]

    operations = [
        from_files("ledger_texts_v1"),
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
        from_files("ledger_v2"),
    ]
