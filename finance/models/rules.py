"""What posts an event where: reasons of scrap by version, and the stage of each route step."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from finance.domain.words import PLACES, Account
from finance.models.costs import Stage
from finance.models.prepared import signed, signed_by_day
from lots.domain.words import UnitOfMeasure
from lots.models import Step
from supplychain.base.choices import choices


class PostingRules(models.Model):
    """Rules of posting from a day on. Approved by another than its preparer; then frozen.

    An event is posted by those in force on its plant day, whenever the poster comes to it.
    """

    code = models.CharField(max_length=32, unique=True)
    effective_on = models.DateField(help_text="First plant day they apply to.")
    prepared_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    approved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-effective_on", "-id"]
        verbose_name = verbose_name_plural = "posting rules"
        permissions = [("approve_postingrules", "Can approve posting rules")]
        constraints = signed_by_day("finance_postingrules")

    def __str__(self) -> str:
        return self.code


class ScrapReason(models.Model):
    """What a reason of scrap or of a loss means to the books. One that is not listed is neither.

    is_normal: planned for; any other is abnormal, an expense of the period. is_missing: the units
    are not there, so that those in dispute after a count go first.
    """

    rules = models.ForeignKey(PostingRules, models.CASCADE, related_name="reasons")
    reason = models.CharField(max_length=64)
    is_normal = models.BooleanField(default=True)
    is_missing = models.BooleanField(default=False)
    comment = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["rules", "reason"]
        verbose_name = "scrap reason"
        constraints = [
            models.UniqueConstraint(fields=["rules", "reason"], name="finance_scrapreason_once"),
        ]

    def __str__(self) -> str:
        return self.reason


class StepStage(models.Model):
    """How a lot standing at a route step is valued: at which stage, and on which account.

    Standing at a step means that it is not done yet: a lot at burn-in is valued as tested.
    vendor-owned: title has not passed, so it is counted but worth nothing to us.
    It counts once another than its preparer has approved it, and never changes then: lots stand
    by it. A changed route is a new version, whose steps have stages of their own.
    """

    step = models.ForeignKey(Step, models.PROTECT, related_name="+")
    unit_of_measure = models.CharField(max_length=16, choices=choices(UnitOfMeasure))
    stage = models.ForeignKey(Stage, models.PROTECT, to_field="code", related_name="steps")
    account = models.CharField(
        max_length=32, choices=[row for row in choices(Account) if row[0] in PLACES]
    )
    prepared_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    approved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["step", "unit_of_measure"]
        permissions = [("approve_stepstage", "Can approve stages of steps")]
        verbose_name = "stage of a step"
        verbose_name_plural = "stages of steps"
        constraints = [
            models.UniqueConstraint(
                fields=["step", "unit_of_measure"], name="finance_stepstage_once"
            ),
            *signed("finance_stepstage"),
        ]

    def __str__(self) -> str:
        return f"{self.step} {self.unit_of_measure}: {self.stage_id}"
