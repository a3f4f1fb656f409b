"""What an event leaves behind beside quantities: stops on a lot, and its ancestry."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import models

from lots.domain.words import HoldClass, HoldScope, LineageKind
from lots.models.ledger import Event
from lots.models.lots import Lot, Wafer
from lots.models.units import Unit
from supplychain.base.choices import choices


class LotLineage(models.Model):
    """Ancestry between lots, kept through split, merge and assembly.

    Of kind swap: one unit of the parent, whose edge the event closed, came to the child.
    """

    parent = models.ForeignKey(Lot, models.PROTECT, related_name="child_links")
    child = models.ForeignKey(Lot, models.PROTECT, related_name="parent_links")
    kind = models.CharField(max_length=16, choices=choices(LineageKind))
    event = models.ForeignKey(Event, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["parent", "child", "event"], name="lots_lineage_once"),
            models.CheckConstraint(
                condition=~models.Q(parent=models.F("child")), name="lots_lineage_not_self"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.parent} {self.kind} {self.child}"


class Hold(models.Model):
    """A stop on a lot or a part of it, with reason and owner; several may stand at once.

    scope: the whole lot, or the wafers or units of `items`, which it follows to another lot.
    bin_number: for scope "bin", the hard bin its units were taken by.
    """

    lot = models.ForeignKey(Lot, models.PROTECT, related_name="holds")
    hold_class = models.CharField(max_length=16, choices=choices(HoldClass))
    reason = models.CharField(max_length=200)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="holds"
    )
    due_on = models.DateField(null=True, blank=True)
    scope = models.CharField(max_length=8, choices=choices(HoldScope), default=HoldScope.LOT)
    bin_number = models.PositiveIntegerField(null=True, blank=True)
    releasing_role = models.ForeignKey(
        Group,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Only its members may release; empty = whoever may release holds.",
    )
    placed_at = models.DateTimeField()
    released_at = models.DateTimeField(null=True, blank=True)
    disposition = models.CharField(max_length=200, blank=True)
    placed_by = models.ForeignKey(Event, models.PROTECT, related_name="holds_placed")
    released_by = models.ForeignKey(
        Event, models.PROTECT, null=True, blank=True, related_name="holds_released"
    )

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(released_at__isnull=True, released_by__isnull=True)
                | models.Q(released_at__isnull=False, released_by__isnull=False),
                name="lots_hold_release_whole",
            ),
            models.CheckConstraint(
                condition=models.Q(scope=HoldScope.BIN, bin_number__isnull=False)
                | (~models.Q(scope=HoldScope.BIN) & models.Q(bin_number__isnull=True)),
                name="lots_hold_bin_scope",
            ),
        ]
        indexes = [
            models.Index(
                fields=["lot"], name="lots_hold_open", condition=models.Q(released_at__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.lot}: {self.reason}"


class HoldItem(models.Model):
    """A wafer or a unit that a hold stops."""

    hold = models.ForeignKey(Hold, models.CASCADE, related_name="items")
    wafer = models.ForeignKey(
        Wafer, models.PROTECT, null=True, blank=True, related_name="hold_items"
    )
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="hold_items")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(wafer__isnull=True, unit__isnull=False)
                | models.Q(wafer__isnull=False, unit__isnull=True),
                name="lots_holditem_one_thing",
            ),
            models.UniqueConstraint(fields=["hold", "wafer"], name="lots_holditem_wafer_once"),
            models.UniqueConstraint(fields=["hold", "unit"], name="lots_holditem_unit_once"),
        ]

    def __str__(self) -> str:
        return str(self.wafer or self.unit)
