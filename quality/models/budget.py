"""What the detectors that go by chance have tested, and what they flagged: where q comes from."""

from __future__ import annotations

from django.db import models

from testing.models import LotStep


class WeighedWeek(models.Model):
    """All tests of lots first inserted in one week, restated whenever one of them changes.

    test_count: lot steps times the detectors that weighed them. family_count: what a flag is set
    against, never fewer than the week before had. sure_count: flags within the budget_ratio that
    stood then. spent_ratio: the share of these that may be false, null without any. p_value: chance
    that nothing was there to find in any test.
    """

    starts_on = models.DateField(primary_key=True, help_text="Monday, UTC.")
    test_count = models.PositiveIntegerField()
    family_count = models.PositiveIntegerField()
    flag_count = models.PositiveIntegerField()
    sure_count = models.PositiveIntegerField()
    budget_ratio = models.FloatField()
    spent_ratio = models.FloatField(null=True)
    p_value = models.FloatField()

    class Meta:
        ordering = ["-starts_on"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    sure_count__lte=models.F("flag_count"),
                    flag_count__lte=models.F("test_count"),
                    test_count__lte=models.F("family_count"),
                ),
                name="quality_weighedweek_counts",
            ),
        ]

    def __str__(self) -> str:
        return f"week of {self.starts_on}"


class Weighing(models.Model):
    """One test: a lot at a step weighed by one detector, changed in place when it is judged again.

    p_value: combined over all that the detector looked at there; null where chance flagged nothing.
    q_value: of the flags of its week that are at least as sure, at most this share is false.
    """

    lot_step = models.ForeignKey(LotStep, models.CASCADE, related_name="weighings")
    detector = models.CharField(max_length=64)
    week_on = models.DateField(help_text="Monday of the lot's first insertion, UTC.")
    p_value = models.FloatField(null=True)
    q_value = models.FloatField(null=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["lot_step", "detector"], name="quality_weighing_once"),
            models.CheckConstraint(
                condition=models.Q(p_value__gte=0, p_value__lte=1)
                | models.Q(p_value__isnull=True, q_value__isnull=True),
                name="quality_weighing_chance",
            ),
        ]
        indexes = [
            models.Index(fields=["week_on"], name="quality_weighing_week"),
            models.Index(
                fields=["week_on", "p_value"],
                name="quality_weighing_flags",
                condition=models.Q(p_value__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.lot_step} by {self.detector}"


class Flag(models.Model):
    """A cause that a test flagged, and the facts it was found on, as the finding names both."""

    weighing = models.ForeignKey(Weighing, models.CASCADE, related_name="flags")
    cause_key = models.CharField(max_length=200)
    revision = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["weighing", "cause_key"], name="quality_flag_once"),
        ]
        indexes = [models.Index(fields=["cause_key"], name="quality_flag_cause")]

    def __str__(self) -> str:
        return self.cause_key
