"""What racks should cost, and how many should come into service when."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from finance.domain.plan_table import COST_MAX, UNITS_MAX
from finance.models.periods import Period
from finance.models.prepared import signed_by_day
from lots.models import Product


def _is_cost(column: str) -> models.Q:
    return models.Q(**{f"{column}__gte": 0, f"{column}__lt": COST_MAX})


class AssetPlan(models.Model):
    """A plan of assets from a day on. Approved by another than its preparer; then frozen."""

    code = models.CharField(max_length=32, unique=True)
    effective_on = models.DateField(help_text="First plant day it is the plan in force.")
    prepared_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    approved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-effective_on", "-id"]
        verbose_name = "plan of assets"
        verbose_name_plural = "plans of assets"
        permissions = [("approve_assetplan", "Can approve plans of assets")]
        constraints = signed_by_day("finance_assetplan")

    def __str__(self) -> str:
        return self.code


class AssetPlanLine(models.Model):
    """Units of an item that should come into service in a month, and what each should cost.

    chip_cost, megawatt_cost: empty where they follow from the cost of a unit.
    """

    plan = models.ForeignKey(AssetPlan, models.CASCADE, related_name="lines")
    item = models.ForeignKey(
        Product, models.PROTECT, to_field="code", db_column="item", related_name="+"
    )
    month = models.ForeignKey(
        Period, models.PROTECT, to_field="code", db_column="month", related_name="+"
    )
    quantity = models.PositiveIntegerField(help_text="Units that come into service in the month.")
    unit_cost = models.DecimalField(max_digits=20, decimal_places=6)
    chip_cost = models.DecimalField(max_digits=20, decimal_places=6, null=True, blank=True)
    megawatt_cost = models.DecimalField(max_digits=20, decimal_places=6, null=True, blank=True)

    class Meta:
        ordering = ["plan", "item", "month"]
        verbose_name = "line of a plan of assets"
        verbose_name_plural = "lines of plans of assets"
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "item", "month"], name="finance_assetplanline_once"
            ),
            models.CheckConstraint(
                condition=models.Q(quantity__lte=UNITS_MAX)
                & _is_cost("unit_cost")
                & (models.Q(chip_cost__isnull=True) | _is_cost("chip_cost"))
                & (models.Q(megawatt_cost__isnull=True) | _is_cost("megawatt_cost")),
                name="finance_assetplanline_within",
                violation_error_message="A cost is 0 or more, with at most 12 digits before the "
                "point, and a quantity at most 1,000,000.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item_id} {self.month_id}"
