"""Triggers that let a period close only as a whole, and approve a document only with what it posts."""

from pathlib import Path

from django.conf import settings
from django.db import migrations, models

SQL = Path(__file__).parent.parent / "sql"


def text(name: str) -> str:
    return (SQL / f"{name}.sql").read_text()


class Migration(migrations.Migration):
    dependencies = [
        ("finance", "0041_costs_by_supplier"),
        ("lots", "0031_title_of_suppliers"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddConstraint(
            model_name="period",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state", "open"), ("prepared_by__isnull", False), _connector="OR"
                ),
                name="finance_period_prepared",
            ),
        ),
        migrations.RunSQL(text("closing_v1"), text("closing_v1_drop")),
        migrations.RunSQL(text("documents_posted_v1"), text("documents_posted_v1_drop")),
    ]
