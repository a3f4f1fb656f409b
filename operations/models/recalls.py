"""Recall cases: everything that traces to a suspect, tracked until nothing is exposed."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from lots.models import Lot, Unit
from operations.domain.words import CaseState, Origin, Place
from racks.models import Rack
from supplychain.base.choices import choices
from supplychain.base.keyed import KeyedModel


class RecallCase(KeyedModel):
    """A suspect and what it reached. as_of_seq: of the event ledger, when last drawn up.

    query: what was asked, as plain values, so that it can be drawn up again and compared.
    opened_at_seq: of the ledger, when it was drawn up first. conclusion: why it ended.
    listed_count, open_count: items, and those still exposed, counted whenever they change.
    """

    number = models.PositiveIntegerField(unique=True)
    title = models.CharField(max_length=200)
    origin = models.CharField(max_length=12, choices=choices(Origin))
    query = models.JSONField()
    reason = models.TextField()
    state = models.CharField(max_length=12, choices=choices(CaseState), default=CaseState.OPEN)
    opened_at_seq = models.BigIntegerField()
    as_of_seq = models.BigIntegerField()
    listed_count = models.PositiveIntegerField(default=0)
    open_count = models.PositiveIntegerField(default=0, help_text="A case closes at zero.")
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    opened_at = models.DateTimeField(db_default=Now(), editable=False)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    closed_at = models.DateTimeField(null=True, blank=True)
    conclusion = models.TextField(blank=True)

    class Meta:
        ordering = ["-number"]
        constraints = [
            *KeyedModel.Meta.constraints,
            models.CheckConstraint(
                condition=models.Q(state=CaseState.OPEN, closed_at__isnull=True, conclusion="")
                | (
                    ~models.Q(state=CaseState.OPEN)
                    & models.Q(closed_at__isnull=False)
                    & ~models.Q(conclusion="")
                ),
                name="operations_recallcase_end_whole",
            ),
        ]
        permissions = [("track_recallcase", "Can settle what a recall exposes")]

    def __str__(self) -> str:
        return f"R-{self.number}"


class RecallItem(models.Model):
    """One affected unit, or a lot's material without serials: there, or missing.

    quantity: what it stands for.

    place, rack and ultraserver: where it was when the list was last drawn up. joined_seq: of the
    ledger, when it came onto the list. settled_at: no longer exposed; settlement says why.
    """

    case = models.ForeignKey(RecallCase, models.CASCADE, related_name="items")
    unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="recall_items"
    )
    lot = models.ForeignKey(Lot, models.PROTECT, null=True, blank=True, related_name="recall_items")
    kind = models.CharField(max_length=16, help_text="What is counted.")
    place = models.CharField(max_length=12, choices=choices(Place))
    rack = models.ForeignKey(Rack, models.PROTECT, null=True, blank=True, related_name="+")
    ultraserver = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="+")
    where = models.CharField(max_length=200, blank=True, help_text="Step, rack and slot, customer.")
    customer = models.CharField(max_length=120, blank=True)
    quantity = models.PositiveIntegerField(default=1)
    joined_seq = models.BigIntegerField()
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    settlement = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["case", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(unit__isnull=False) | models.Q(lot__isnull=False),
                name="operations_recallitem_of_something",
            ),
            models.UniqueConstraint(
                fields=["case", "unit"],
                name="operations_recallitem_unit_once",
                condition=models.Q(unit__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["case", "lot"],
                name="operations_recallitem_lot_once",
                condition=models.Q(unit__isnull=True) & ~models.Q(place=Place.MISSING),
            ),
            models.UniqueConstraint(
                fields=["case", "lot"],
                name="operations_recallitem_lot_missing_once",
                condition=models.Q(unit__isnull=True, place=Place.MISSING),
            ),
            models.CheckConstraint(
                condition=models.Q(settled_at__isnull=True, settlement="")
                | (models.Q(settled_at__isnull=False) & ~models.Q(settlement="")),
                name="operations_recallitem_settled_whole",
            ),
        ]
        indexes = [
            models.Index(
                fields=["case", "place"],
                name="operations_recall_exposed",
                condition=models.Q(settled_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case}: {self.unit or self.lot}"
