"""Triggers that freeze an approved plan of assets and keep who prepared it."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("finance", "0022_retirement_and_asset_plans")]

    operations = [
        migrations.RunSQL(
            (SQL / "asset_plans_v1.sql").read_text(), (SQL / "asset_plans_v1_drop.sql").read_text()
        )
    ]
