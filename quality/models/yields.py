"""Yields as stored: counts, never only ratios, with the intervals and the policy they rest on."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from lots.models import Wafer
from quality.domain.intervals import WILSON
from quality.domain.words import YieldScope
from supplychain.base.choices import choices
from testing.domain.words import RetestPolicy
from testing.models import LotStep, ProgramRevision


class YieldFigure(models.Model):
    """Yield of one scope of a lot at a step, on one revision of its test results.

    A restated figure is a new row; is_current marks the one that stands. tested: distinct units;
    retested: units with more than one insertion; recovered: of those, failed first and passed last.
    Ratios 0 to 1, null for no units; low and high are 95 % bounds by interval_method. entered,
    left, reworked: units of the step by the ledger (lot scope; null until the lot moves on);
    step_ratio is left of entered, first_time_ratio that without the reworked.
    """

    lot_step = models.ForeignKey(LotStep, models.PROTECT, related_name="yield_figures")
    scope = models.CharField(max_length=8, choices=choices(YieldScope))
    scope_key = models.CharField(max_length=200, blank=True, help_text="Empty for the whole lot.")
    wafer = models.ForeignKey(Wafer, models.PROTECT, null=True, blank=True, related_name="yields")
    program_revision = models.ForeignKey(
        ProgramRevision, models.PROTECT, null=True, blank=True, related_name="yields"
    )
    revision = models.PositiveIntegerField()
    policy = models.CharField(max_length=16, choices=choices(RetestPolicy))
    tested = models.PositiveIntegerField()
    first_passed = models.PositiveIntegerField()
    final_passed = models.PositiveIntegerField()
    retested = models.PositiveIntegerField()
    recovered = models.PositiveIntegerField()
    first_ratio = models.FloatField(null=True)
    first_low = models.FloatField(null=True)
    first_high = models.FloatField(null=True)
    final_ratio = models.FloatField(null=True)
    final_low = models.FloatField(null=True)
    final_high = models.FloatField(null=True)
    interval_method = models.CharField(max_length=24, default=WILSON, db_default=WILSON)
    entered = models.PositiveIntegerField(null=True, blank=True)
    left = models.PositiveIntegerField(null=True, blank=True)
    reworked = models.PositiveIntegerField(null=True, blank=True)
    step_ratio = models.FloatField(null=True, blank=True)
    first_time_ratio = models.FloatField(null=True, blank=True)
    fail_bins = models.JSONField(default=dict, help_text="Hard bin → units that failed; lot scope.")
    started_at = models.DateTimeField(help_text="First insertion of the lot at the step.")
    is_current = models.BooleanField(default=True)
    computed_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["lot_step", "scope", "scope_key", "policy", "revision"],
                name="quality_yield_once",
            ),
            models.UniqueConstraint(
                fields=["lot_step", "scope", "scope_key", "policy"],
                name="quality_yield_one_current",
                condition=models.Q(is_current=True),
            ),
            models.CheckConstraint(
                condition=models.Q(
                    first_passed__lte=models.F("tested"),
                    final_passed__lte=models.F("tested"),
                    retested__lte=models.F("tested"),
                    recovered__lte=models.F("retested"),
                ),
                name="quality_yield_counts",
            ),
            models.CheckConstraint(
                condition=models.Q(left__lte=models.F("entered"), reworked__lte=models.F("left")),
                name="quality_yield_flow",
            ),
        ]
        indexes = [
            models.Index(
                fields=["scope", "started_at"],
                name="quality_yield_series",
                condition=models.Q(is_current=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.lot_step} {self.scope} {self.scope_key}".strip()
