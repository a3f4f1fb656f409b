from pathlib import Path

from django.db import migrations, models

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("lots", "0003_lot_execution")]

    operations = [
        migrations.AddConstraint(
            model_name="event",
            constraint=models.UniqueConstraint(
                condition=models.Q(("verb", "correct")),
                fields=("corrects",),
                name="lots_event_corrected_once",
            ),
        ),
        migrations.AddIndex(
            model_name="futureaction",
            index=models.Index(
                condition=models.Q(("state", "armed")),
                fields=["product"],
                name="lots_futureaction_products",
            ),
        ),
        migrations.RunSQL(
            (SQL / "ledger_guards_v2.sql").read_text(),
            (SQL / "ledger_guards_v2_undo.sql").read_text(),
        ),
    ]
