"""Yield at every level: lot steps told apart, and their sums by week."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from lots.models import Product
from quality.domain.words import YieldCause, YieldSlice
from supplychain.base.choices import choices
from testing.domain.words import RetestPolicy
from testing.models import LotStep


class YieldTally(models.Model):
    """Units by first and deciding insertion.

    passed: in any bin that passes, so sellable; prime: of them, not in a down-bin. recovered:
    failed first and passed by the deciding insertion; recovered_prime: into a prime bin.
    """

    tested = models.PositiveBigIntegerField()
    first_passed = models.PositiveBigIntegerField()
    final_passed = models.PositiveBigIntegerField()
    retested = models.PositiveBigIntegerField()
    recovered = models.PositiveBigIntegerField()
    first_prime = models.PositiveBigIntegerField()
    final_prime = models.PositiveBigIntegerField()
    recovered_prime = models.PositiveBigIntegerField()

    class Meta:
        abstract = True


COUNTS = tuple(field.name for field in YieldTally._meta.fields)


def counts_fit(name: str) -> models.CheckConstraint:
    """No part is larger than its whole."""
    return models.CheckConstraint(
        condition=models.Q(
            first_passed__lte=models.F("tested"),
            final_passed__lte=models.F("tested"),
            retested__lte=models.F("tested"),
            recovered__lte=models.F("retested"),
            first_prime__lte=models.F("first_passed"),
            final_prime__lte=models.F("final_passed"),
            recovered_prime__lte=models.F("recovered"),
        ),
        name=name,
    )


class DownBin(models.Model):
    """A hard bin that passes, and whose units are sold as a lesser product."""

    product = models.ForeignKey(Product, models.PROTECT, related_name="down_bins")
    step_code = models.CharField(max_length=32)
    hard_bin = models.PositiveIntegerField()
    comment = models.CharField(max_length=200, blank=True, help_text="What it is sold as.")

    class Meta:
        verbose_name = "down-bin"
        ordering = ["product", "step_code", "hard_bin"]
        constraints = [
            models.UniqueConstraint(
                fields=["product", "step_code", "hard_bin"], name="quality_downbin_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.product} {self.step_code} bin {self.hard_bin}"


class OwedYield(models.Model):
    """A lot step whose yield must be counted; written by triggers. asked: how often since."""

    lot_step = models.OneToOneField(
        LotStep, models.CASCADE, primary_key=True, related_name="owed_yield"
    )
    asked = models.PositiveIntegerField(default=1)

    def __str__(self) -> str:
        return str(self.lot_step)


class YieldBook(YieldTally):
    """What the yield of one lot at one step rests on, and its sum.

    product, step_code, week (its Monday): where it is added up; is_counted: not for engineering
    lots. insertion_count: rows used; left_out_count: rows of superseded files and rejected records.
    expected, covered: wafers or units that should have results, and have; null where not known.
    """

    lot_step = models.OneToOneField(LotStep, models.PROTECT, related_name="yield_book")
    product = models.ForeignKey(Product, models.PROTECT, related_name="+", db_index=False)
    step_code = models.CharField(max_length=32)
    week = models.DateField()
    is_counted = models.BooleanField()
    revision = models.PositiveIntegerField()
    policy = models.CharField(max_length=16, choices=choices(RetestPolicy))
    insertion_count = models.PositiveIntegerField()
    left_out_count = models.PositiveBigIntegerField()
    expected = models.PositiveIntegerField(null=True)
    covered = models.PositiveIntegerField(null=True)
    expected_noun = models.CharField(max_length=16, blank=True)
    computed_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            counts_fit("quality_book_counts"),
            models.CheckConstraint(
                condition=models.Q(covered__lte=models.F("expected"))
                | models.Q(expected__isnull=True, covered__isnull=True),
                name="quality_book_coverage",
            ),
        ]
        indexes = [
            models.Index(fields=["product", "step_code", "week"], name="quality_book_place"),
        ]

    def __str__(self) -> str:
        return str(self.lot_step)


class YieldPart(YieldTally):
    """Units of a lot step whose first insertion was alike in one respect; whole is all of them.

    slice_key: wafer code, zone, tester, tester/head/site, card, board, oven, or id of a program
    revision.
    """

    lot_step = models.ForeignKey(
        LotStep, models.CASCADE, related_name="yield_parts", db_index=False
    )
    slice = models.CharField(max_length=8, choices=choices(YieldSlice))
    slice_key = models.CharField(max_length=250, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["lot_step", "slice", "slice_key"], name="quality_part_once"
            ),
            counts_fit("quality_part_counts"),
            models.CheckConstraint(
                condition=models.Q(tested__gt=0)
                & (models.Q(slice=YieldSlice.WHOLE) | ~models.Q(slice_key="")),
                name="quality_part_has_units_and_key",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.lot_step} {self.slice} {self.slice_key}".strip()


class YieldWeek(models.Model):
    """A product at a step in a week; its row is locked while the totals below it change."""

    product = models.ForeignKey(Product, models.PROTECT, related_name="yield_weeks")
    step_code = models.CharField(max_length=32)
    week = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["product", "step_code", "week"], name="quality_week_once"
            ),
            models.CheckConstraint(
                condition=models.Q(week__iso_week_day=1), name="quality_week_starts_on_monday"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product} {self.step_code} {self.week}"


class YieldTotal(YieldTally):
    """Sum of one slice over the production lots of a week, kept by difference.

    As a part of a lot step, without wafers. The
    squares and products over lots tell how lots differ; see `quality.domain.clustering`.
    """

    week = models.ForeignKey(YieldWeek, models.CASCADE, related_name="totals", db_index=False)
    slice = models.CharField(max_length=8, choices=choices(YieldSlice))
    slice_key = models.CharField(max_length=250, blank=True)
    lot_count = models.PositiveIntegerField()
    tested_squared = models.PositiveBigIntegerField()
    first_passed_squared = models.PositiveBigIntegerField()
    first_passed_product = models.PositiveBigIntegerField()
    final_passed_squared = models.PositiveBigIntegerField()
    final_passed_product = models.PositiveBigIntegerField()
    first_prime_squared = models.PositiveBigIntegerField()
    first_prime_product = models.PositiveBigIntegerField()
    final_prime_squared = models.PositiveBigIntegerField()
    final_prime_product = models.PositiveBigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["week", "slice", "slice_key"], name="quality_total_once"
            ),
            counts_fit("quality_total_counts"),
            models.CheckConstraint(
                condition=models.Q(lot_count__gt=0, tested__gte=models.F("lot_count")),
                name="quality_total_has_lots",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.week} {self.slice} {self.slice_key}".strip()


SUMS = (
    "lot_count",
    *COUNTS,
    *(
        field.name
        for field in YieldTotal._meta.fields
        if field.name.endswith(("_squared", "_product"))
    ),
)
"""What is added up over lots."""


class YieldRestatement(models.Model):
    """The yield of a lot step before and after it was stated anew; never changed or deleted.

    before, after: count → units, with revision and policy. reason: what the files or persons said.
    """

    lot_step = models.ForeignKey(LotStep, models.PROTECT, related_name="yield_restatements")
    product = models.ForeignKey(Product, models.PROTECT, related_name="+", db_index=False)
    step_code = models.CharField(max_length=32)
    week = models.DateField()
    cause = models.CharField(max_length=8, choices=choices(YieldCause))
    reason = models.TextField(blank=True)
    before = models.JSONField()
    after = models.JSONField()
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["product", "step_code", "-id"], name="quality_restated_place"),
        ]

    def __str__(self) -> str:
        return f"{self.lot_step}: {self.cause}"
