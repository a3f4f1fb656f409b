import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("finance", "0012_ledger_texts"),
        ("lots", "0026_guard_taken_back"),
    ]

    operations = [
        migrations.CreateModel(
            name="CostAssumption",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("line", models.PositiveSmallIntegerField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("purchase-price", "Purchase price"),
                            ("part-price", "Part price"),
                            ("gross-dies", "Gross dies"),
                            ("yield", "Yield"),
                            ("conversion", "Conversion"),
                            ("component", "Component"),
                        ],
                        max_length=16,
                    ),
                ),
                ("value", models.DecimalField(decimal_places=6, max_digits=20)),
                (
                    "source",
                    models.CharField(
                        blank=True, help_text="Where the figure is from.", max_length=200
                    ),
                ),
                (
                    "component",
                    models.ForeignKey(
                        blank=True,
                        db_column="component",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="lots.product",
                        to_field="code",
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        db_column="item",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="lots.product",
                        to_field="code",
                    ),
                ),
                (
                    "stage",
                    models.ForeignKey(
                        db_column="stage",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="finance.stage",
                        to_field="code",
                    ),
                ),
                (
                    "supplier",
                    models.ForeignKey(
                        blank=True,
                        db_column="supplier",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="lots.supplier",
                        to_field="code",
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="assumptions",
                        to="finance.costversion",
                    ),
                ),
            ],
            options={
                "ordering": ["version", "line"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("version", "line"), name="finance_assumption_line"
                    ),
                    models.UniqueConstraint(
                        fields=("version", "kind", "item", "stage", "component", "supplier"),
                        name="finance_assumption_once",
                        nulls_distinct=False,
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("value__gte", 0)),
                        name="finance_assumption_not_negative",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("kind", "yield"),
                                _negated=True,
                            ),
                            models.Q(("value__gt", 0), ("value__lte", 1)),
                            _connector="OR",
                        ),
                        name="finance_assumption_yield",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                (
                                    "kind__in",
                                    [
                                        "gross-dies",
                                        "component",
                                    ],
                                ),
                                _negated=True,
                            ),
                            ("value__gte", 1),
                            _connector="OR",
                        ),
                        name="finance_assumption_counted",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("component__isnull", False),
                                ("kind", "component"),
                            ),
                            models.Q(
                                models.Q(
                                    ("kind", "component"),
                                    _negated=True,
                                ),
                                ("component__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="finance_assumption_component",
                    ),
                ],
            },
        ),
    ]
