"""What is looked for, how strictly, and what follows: configuration."""

from __future__ import annotations

from decimal import Decimal

from django.db import models

from lots.models import Product
from notices.domain.words import Severity
from quality.domain.words import Statistic
from supplychain.base.choices import choices


class Rule(models.Model):
    """A detector switched on with its thresholds. holds_lot: what it finds in a lot also holds it.

    parameters: thresholds by name; a name that is absent takes the detector's own default.
    raise_from_units, raise_from_amount: a lot with so many units, or that the books carry at so
    much, makes an issue a step more severe; null for never.
    """

    code = models.CharField(max_length=64, unique=True)
    detector = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=120)
    description = models.TextField(blank=True)
    severity = models.CharField(max_length=16, choices=choices(Severity))
    raise_from_units = models.PositiveIntegerField(
        null=True, blank=True, help_text="Of the lot; from so many on an issue is a step worse."
    )
    raise_from_amount = models.DecimalField(
        max_digits=20,
        decimal_places=2,
        null=True,
        blank=True,
        default=Decimal(1_000_000),
        help_text="That the books carry the lot at; from so much on an issue is a step worse.",
    )
    is_enabled = models.BooleanField(default=True)
    holds_lot = models.BooleanField(default=False)
    parameters = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(condition=~models.Q(code=""), name="quality_rule_code"),
            models.CheckConstraint(
                condition=models.Q(severity__in=[word.value for word in Severity]),
                name="quality_rule_severity",
            ),
        ]

    def __str__(self) -> str:
        return self.code


class YieldLimit(models.Model):
    """A fixed lower limit for one product at one step, beside the statistical one.

    A purely lot-relative limit makes a slow decline look normal; this one does not move.
    step_code: holds for every version of the route. ratio_min: 0 to 1; at the limit passes.
    """

    product = models.ForeignKey(Product, models.PROTECT, related_name="yield_limits")
    step_code = models.CharField(max_length=32)
    statistic = models.CharField(
        max_length=16,
        choices=choices(Statistic),
        default=Statistic.FINAL_YIELD,
    )
    ratio_min = models.FloatField(help_text="0 to 1.")
    is_enabled = models.BooleanField(default=True)
    comment = models.TextField(blank=True)

    class Meta:
        ordering = ["product", "step_code", "statistic"]
        constraints = [
            models.UniqueConstraint(
                fields=["product", "step_code", "statistic"], name="quality_yieldlimit_once"
            ),
            models.CheckConstraint(
                condition=models.Q(ratio_min__gte=0, ratio_min__lte=1),
                name="quality_yieldlimit_ratio",
            ),
            models.CheckConstraint(
                condition=models.Q(statistic__in=[Statistic.FIRST_YIELD, Statistic.FINAL_YIELD]),
                name="quality_yieldlimit_statistic",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product} {self.step_code} {self.statistic}"
