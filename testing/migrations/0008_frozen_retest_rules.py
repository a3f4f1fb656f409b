from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("testing", "0007_retest_rules")]

    operations = [
        migrations.RunSQL(
            (SQL / "frozen_rules_v1.sql").read_text(),
            (SQL / "frozen_rules_v1_drop.sql").read_text(),
        )
    ]
