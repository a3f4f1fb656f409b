"""The append-only event ledger: the truth that lots and quantities are projected from."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models

from lots.domain.words import LineKind, Source, UnitOfMeasure, Verb
from lots.models.lots import Lot
from lots.models.routes import Step
from supplychain.base.choices import choices
from supplychain.base.clocks import TwoClocks


class LedgerHead(models.Model):
    """One row: the last seq given out and the hash of that event. Locked last in a transaction."""

    name = models.CharField(max_length=16, primary_key=True)
    seq = models.BigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, default="0" * 64)

    def __str__(self) -> str:
        return f"{self.name} at {self.seq}"


class Event(TwoClocks):
    """One thing that happened to a lot. Never updated, never deleted; a correction is a new event.

    seq: gapless, in commit order. op_key: the caller's idempotency key. body_sha256: of its wish.
    step_from: null when a lot is born; a receive with one is the arrival of a shipped lot.
    reported_quantity: what the vendor counted, where it may differ from our balance.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    seq = models.BigIntegerField(unique=True)
    op_key = models.CharField(max_length=200, unique=True)
    body_sha256 = models.CharField(max_length=64)
    verb = models.CharField(max_length=16, choices=choices(Verb))
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="events")
    step_from = models.ForeignKey(Step, models.PROTECT, null=True, blank=True, related_name="+")
    step_to = models.ForeignKey(Step, models.PROTECT, null=True, blank=True, related_name="+")
    reported_quantity = models.PositiveIntegerField(null=True, blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="lot_events"
    )
    source = models.CharField(max_length=16, choices=choices(Source))
    source_reference = models.CharField(
        max_length=200, blank=True, help_text="File and row, or page."
    )
    request_id = models.CharField(max_length=64, blank=True)
    reason = models.CharField(max_length=64, blank=True)
    comment = models.TextField(blank=True)
    payload = models.JSONField(default=dict, blank=True)
    corrects = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="corrections"
    )
    previous_sha256 = models.CharField(max_length=64)
    sha256 = models.CharField(max_length=64)

    class Meta:
        ordering = ["seq"]
        constraints = [
            models.UniqueConstraint(
                fields=["corrects"],
                name="lots_event_corrected_once",
                condition=models.Q(verb=Verb.CORRECT),
            ),
        ]
        indexes = [models.Index(fields=["lot", "seq"], name="lots_event_lot_seq")]

    def __str__(self) -> str:
        return f"{self.seq} {self.verb}"


class EventLine(models.Model):
    """One quantity of one event and lot. For each event, lot and unit of measure the lines balance:

    in + bonus + merge-in + produced = good + reject + scrap + loss + split-out + consumed, "in" and
    "good" being always stated. "in" is the "good" of the lot's event before.
    expected: what a conversion should have given, where actual may differ.
    """

    event = models.ForeignKey(Event, models.PROTECT, related_name="lines")
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="lines", db_index=False)
    unit_of_measure = models.CharField(max_length=16, choices=choices(UnitOfMeasure))
    kind = models.CharField(max_length=16, choices=choices(LineKind))
    quantity = models.PositiveIntegerField()
    expected = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["event", "lot", "unit_of_measure", "kind"], name="lots_eventline_once"
            ),
        ]
        indexes = [
            # In order: a lot's first line is found without reading the whole ledger up to it.
            models.Index(fields=["lot", "id"], name="lots_eventline_lot_order"),
            models.Index(
                fields=["lot", "unit_of_measure", "-id"],
                name="lots_eventline_balance",
                condition=models.Q(kind=LineKind.GOOD),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.quantity} {self.unit_of_measure}"
