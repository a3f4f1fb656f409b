"""Invoices for work on our lots, beside those for goods."""

from pathlib import Path

from django.db import migrations, models

SQL = Path(__file__).parent.parent / "sql"


def text(name: str) -> str:
    return (SQL / f"{name}.sql").read_text()


class Migration(migrations.Migration):
    dependencies = [
        ("finance", "0028_guard_reopenings"),
        ("lots", "0030_guard_holds_and_lines"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="invoiceline",
            options={"ordering": ["invoice", "lot_id", "work"]},
        ),
        migrations.RemoveConstraint(
            model_name="invoiceline",
            name="finance_invoiceline_once",
        ),
        migrations.AddField(
            model_name="invoiceline",
            name="work",
            field=models.CharField(blank=True, default="", max_length=32),
        ),
        migrations.AlterField(
            model_name="ledgerentry",
            name="kind",
            field=models.CharField(
                choices=[
                    ("receipt", "Receipt"),
                    ("purchase", "Purchase"),
                    ("transfer", "Transfer"),
                    ("absorption", "Absorption"),
                    ("consumption", "Consumption"),
                    ("production", "Production"),
                    ("normal-loss", "Normal loss"),
                    ("yield-variance", "Yield variance"),
                    ("map-count-variance", "Map count variance"),
                    ("standard-change", "Standard change"),
                    ("scrap", "Scrap"),
                    ("retirement", "Retirement"),
                    ("count-difference", "Count difference"),
                    ("write-down", "Write down"),
                    ("purchase-price-variance", "Purchase price variance"),
                    ("conversion-variance", "Conversion variance"),
                    ("revaluation", "Revaluation"),
                ],
                max_length=24,
            ),
        ),
        migrations.AddConstraint(
            model_name="invoiceline",
            constraint=models.UniqueConstraint(
                fields=("invoice", "lot", "work"), name="finance_invoiceline_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="invoiceline",
            constraint=models.CheckConstraint(
                condition=models.Q(("work", ""), ("work", models.F("stage")), _connector="OR"),
                name="finance_invoiceline_work",
            ),
        ),
        migrations.AlterModelTable(
            name="receivedline",
            table="finance_received_v2",
        ),
        migrations.RunSQL(text("received_v2"), text("received_v2_drop")),
    ]
