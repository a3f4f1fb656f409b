"""What a unit should cost at each stage."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from finance.domain.words import AssumptionKind
from finance.models.prepared import signed_by_day
from lots.models import Product, Supplier
from supplychain.base.choices import choices


class Stage(models.Model):
    """A degree of completion that has its own cost: wafer, good die, package, chip, rack."""

    code = models.CharField(max_length=32, unique=True)
    name = models.CharField(max_length=120)
    sequence = models.PositiveSmallIntegerField(unique=True)

    class Meta:
        ordering = ["sequence"]

    def __str__(self) -> str:
        return self.code


class CostVersion(models.Model):
    """A set of standard costs from a day on. Approved by another than its preparer; then frozen."""

    code = models.CharField(max_length=32, unique=True)
    effective_on = models.DateField(help_text="First plant day it applies to.")
    prepared_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    approved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-effective_on", "-id"]
        permissions = [("approve_costversion", "Can approve standard costs")]
        constraints = signed_by_day("finance_costversion")

    def __str__(self) -> str:
        return self.code


class StandardCost(models.Model):
    """Cost of one unit of an item at a stage. yield_ratio: good of those started.

    supplier: whose lots it is for, before the row of all others, which has none.
    """

    version = models.ForeignKey(CostVersion, models.PROTECT, related_name="costs")
    item = models.ForeignKey(
        Product, models.PROTECT, to_field="code", db_column="item", related_name="standard_costs"
    )
    stage = models.ForeignKey(
        Stage, models.PROTECT, to_field="code", db_column="stage", related_name="+"
    )
    supplier = models.ForeignKey(
        Supplier, models.PROTECT, to_field="code", db_column="supplier", null=True, blank=True,
        related_name="+", help_text="Whose lots it is for; empty for all others.",
    )  # fmt: skip
    unit_cost = models.DecimalField(max_digits=20, decimal_places=6)
    yield_ratio = models.DecimalField(max_digits=7, decimal_places=6, null=True, blank=True)

    class Meta:
        ordering = ["version", "item", "stage", "supplier"]
        constraints = [
            models.UniqueConstraint(
                fields=["version", "item", "stage", "supplier"],
                name="finance_standardcost_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=models.Q(unit_cost__gte=0), name="finance_standardcost_not_negative"
            ),
            models.CheckConstraint(
                condition=models.Q(yield_ratio__isnull=True)
                | models.Q(yield_ratio__gt=0, yield_ratio__lte=1),
                name="finance_standardcost_yield",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item_id} {self.stage_id} {self.supplier_id or ''}".rstrip()


class CostAssumption(models.Model):
    """A line that a version's costs are rolled up from; frozen with the version.

    value: money for a price or the work on a unit, a count for dies and components, good of gross
    for a yield. line: where it stood in its table; lines of the bill follow the others.
    """

    version = models.ForeignKey(CostVersion, models.PROTECT, related_name="assumptions")
    line = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=16, choices=choices(AssumptionKind))
    item = models.ForeignKey(
        Product, models.PROTECT, to_field="code", db_column="item", related_name="+"
    )
    stage = models.ForeignKey(
        Stage, models.PROTECT, to_field="code", db_column="stage", related_name="+"
    )
    component = models.ForeignKey(
        Product, models.PROTECT, to_field="code", db_column="component", null=True, blank=True,
        related_name="+",
    )  # fmt: skip
    supplier = models.ForeignKey(
        Supplier, models.PROTECT, to_field="code", db_column="supplier", null=True, blank=True,
        related_name="+",
    )  # fmt: skip
    value = models.DecimalField(max_digits=20, decimal_places=6)
    source = models.CharField(max_length=200, blank=True, help_text="Where the figure is from.")

    class Meta:
        ordering = ["version", "line"]
        constraints = [
            models.UniqueConstraint(fields=["version", "line"], name="finance_assumption_line"),
            models.UniqueConstraint(
                fields=["version", "kind", "item", "stage", "component", "supplier"],
                name="finance_assumption_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=models.Q(value__gte=0), name="finance_assumption_not_negative"
            ),
            models.CheckConstraint(
                condition=~models.Q(kind=AssumptionKind.YIELD)
                | models.Q(value__gt=0, value__lte=1),
                name="finance_assumption_yield",
            ),
            models.CheckConstraint(
                condition=~models.Q(kind__in=[AssumptionKind.GROSS_DIES, AssumptionKind.COMPONENT])
                | models.Q(value__gte=1),
                name="finance_assumption_counted",
            ),
            models.CheckConstraint(
                condition=models.Q(kind=AssumptionKind.COMPONENT, component__isnull=False)
                | ~models.Q(kind=AssumptionKind.COMPONENT) & models.Q(component__isnull=True),
                name="finance_assumption_component",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version_id} line {self.line}"
