"""Limits as versions: computed from a recorded history, approved by another person, kept."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from lots.models import Lot, Product
from quality.domain.words import LimitKind
from supplychain.base.choices import choices
from testing.models import LotStep, Parameter

APPROVED = models.Q(approved_by__isnull=False, approved_at__isnull=False)
UNAPPROVED = models.Q(approved_by__isnull=True, approved_at__isnull=True)
WITHDRAWN = models.Q(withdrawn_by__isnull=False, withdrawn_at__isnull=False)
STANDING = models.Q(withdrawn_by__isnull=True, withdrawn_at__isnull=True, withdrawn_reason="")


class LimitVersion(models.Model):
    """One version of a limit of a product at a step; a change is a new version.

    What it asks and what was computed never change (a trigger refuses it). It counts for lots first
    tested at the step from valid_from on, which is never before it was approved. low, middle, high:
    ratios 0 to 1 of lots and bins, base units of tests; null: none. as_of_seq: last event then. A
    chart's version is its first phase: see `domain.control` for what sigma means there.
    """

    product = models.ForeignKey(Product, models.PROTECT, related_name="limit_versions")
    step_code = models.CharField(max_length=32)
    kind = models.CharField(max_length=16, choices=choices(LimitKind))
    subject = models.CharField(max_length=300, blank=True, help_text="Yield, bin, test or figure.")
    parameter = models.ForeignKey(Parameter, models.PROTECT, null=True, blank=True)
    number = models.PositiveIntegerField()
    lots_max = models.PositiveIntegerField()
    units_min = models.PositiveIntegerField()
    sigmas = models.FloatField()
    share_min = models.FloatField()
    count_min = models.PositiveIntegerField()
    low = models.FloatField(null=True)
    middle = models.FloatField(null=True)
    high = models.FloatField(null=True)
    sigma = models.FloatField(null=True)
    method = models.CharField(max_length=40)
    is_provisional = models.BooleanField()
    as_of_seq = models.PositiveBigIntegerField()
    reason = models.TextField()
    prepared_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    prepared_at = models.DateTimeField(db_default=Now(), editable=False)
    valid_from = models.DateTimeField(null=True, blank=True, help_text="Empty: from approval on.")
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    approved_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_reason = models.TextField(blank=True)

    class Meta:
        ordering = ["product", "step_code", "kind", "subject", "-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["product", "step_code", "kind", "subject", "number"],
                name="quality_limitversion_once",
            ),
            models.CheckConstraint(
                condition=models.Q(approved_by__isnull=True)
                | ~models.Q(approved_by=models.F("prepared_by")),
                name="quality_limitversion_two_people",
            ),
            models.CheckConstraint(
                condition=UNAPPROVED | models.Q(APPROVED, valid_from__gte=models.F("approved_at")),
                name="quality_limitversion_no_reach_back",
            ),
            models.CheckConstraint(
                condition=STANDING | (WITHDRAWN & ~models.Q(withdrawn_reason="")),
                name="quality_limitversion_withdrawn_whole",
            ),
            models.CheckConstraint(
                condition=~models.Q(reason=""), name="quality_limitversion_says_why"
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=[kind.value for kind in LimitKind]),
                name="quality_limitversion_kind",
            ),
        ]
        permissions = [("approve_limitversion", "Can approve and withdraw limit versions")]

    def __str__(self) -> str:
        return f"{self.name} of {self.product} at {self.step_code}, v{self.number}"

    @property
    def name(self) -> str:
        """What kind of limit on what: `SBL 5`."""
        return f"{self.kind.upper()} {self.subject}".strip()


class LimitLot(models.Model):
    """A lot of the history a version was computed from, as it then stood; or why it was left out.

    passed of tested: units that passed, or were in the bin; of a chart what its figure counts, of
    how many. value: of a figure that measures, in its unit; null where it counts. lot_step: null of
    figures without results. lot, started_at: null before they were kept; the lot step tells them.
    """

    version = models.ForeignKey(LimitVersion, models.PROTECT, related_name="lots")
    lot = models.ForeignKey(Lot, models.PROTECT, null=True, related_name="+")
    lot_step = models.ForeignKey(LotStep, models.PROTECT, null=True, related_name="+")
    started_at = models.DateTimeField(null=True)
    passed = models.PositiveIntegerField()
    tested = models.PositiveIntegerField()
    value = models.FloatField(null=True)
    left_out = models.TextField(blank=True, help_text="Why it was left out; empty: it counted.")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["version", "lot_step"], name="quality_limitlot_once"),
            models.CheckConstraint(
                condition=models.Q(lot_step__isnull=False)
                | models.Q(lot__isnull=False, started_at__isnull=False),
                name="quality_limitlot_names_lot",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.lot_code} in {self.version}"

    @property
    def lot_code(self) -> str:
        """Of the lot."""
        lot = self.lot if self.lot_step is None else self.lot_step.lot
        assert lot is not None, "the database sees to it"
        return lot.code
