"""Serialised things and what they are built into."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from lots.domain.words import Trust, UnitKind, UnitState
from lots.models.ledger import Event
from lots.models.lots import Lot, Wafer
from lots.models.products import Product
from supplychain.base.choices import choices


class Unit(models.Model):
    """One serialised thing for life: die, package, sled, server, UltraServer, switch or system.

    x, y: die position on its wafer, in die steps; both null off a wafer.
    declared_lot, declared_wafer: where a vendor says it comes from; we have not seen it.
    created_by: what made it known; of one that was withdrawn and came again, the last.
    """

    serial = models.CharField(max_length=80, unique=True)
    kind = models.CharField(max_length=16, choices=choices(UnitKind))
    product = models.ForeignKey(Product, models.PROTECT, related_name="units")
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="units", null=True, blank=True)
    wafer = models.ForeignKey(Wafer, models.PROTECT, related_name="dies", null=True, blank=True)
    x = models.SmallIntegerField(null=True, blank=True)
    y = models.SmallIntegerField(null=True, blank=True)
    state = models.CharField(max_length=16, choices=choices(UnitState), default=UnitState.GOOD)
    trust = models.CharField(max_length=16, choices=choices(Trust), default=Trust.SEEN)
    declared_lot = models.CharField(max_length=64, blank=True)
    declared_wafer = models.CharField(max_length=64, blank=True)
    created_by = models.ForeignKey(Event, models.PROTECT, related_name="units_created")
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["wafer", "x", "y"],
                name="lots_unit_die_position",
                condition=models.Q(wafer__isnull=False),
            ),
            models.CheckConstraint(
                condition=models.Q(wafer__isnull=True, x__isnull=True, y__isnull=True)
                | models.Q(
                    wafer__isnull=False, x__isnull=False, y__isnull=False, kind=UnitKind.DIE
                ),
                name="lots_unit_position_whole",
            ),
            models.CheckConstraint(
                condition=~models.Q(state=UnitState.WITHDRAWN) | models.Q(lot__isnull=True),
                name="lots_unit_withdrawn_is_in_no_lot",
            ),
        ]
        indexes = [
            models.Index(fields=["kind", "-id"], name="lots_unit_kind"),
            models.Index(fields=["lot", "state"], name="lots_unit_lot_state"),
            *(
                models.Index(
                    fields=[column],
                    name=f"lots_unit_{column}",
                    condition=~models.Q(**{column: ""}),
                )
                for column in ("declared_lot", "declared_wafer")
            ),
        ]

    def __str__(self) -> str:
        return self.serial


class MaterialUse(models.Model):
    """Parts without serials that an assembly took from a lot: each unit it built may hold some.

    A row is never changed. retold_by: the reissue that tells it otherwise, or the correction of the
    assembly, by which nothing was taken; null as the assembly told it. replaces: what was told of
    this lot before. A row holds until another replaces it.
    """

    event = models.ForeignKey(Event, models.PROTECT, related_name="materials")
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="uses")
    quantity = models.PositiveIntegerField()
    retold_by = models.ForeignKey(
        Event, models.PROTECT, null=True, blank=True, related_name="materials_retold"
    )
    replaces = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="replaced_by"
    )

    class Meta:
        verbose_name = "use of material"
        verbose_name_plural = "uses of material"
        constraints = [
            models.UniqueConstraint(
                fields=["event", "lot"],
                name="lots_materialuse_first",
                condition=models.Q(replaces__isnull=True),
            ),
            models.CheckConstraint(
                condition=models.Q(quantity__gt=0) | models.Q(replaces__isnull=False),
                name="lots_materialuse_quantity",
            ),
            models.CheckConstraint(
                condition=models.Q(replaces__isnull=True) | models.Q(retold_by__isnull=False),
                name="lots_materialuse_replaced_by_event",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} of {self.lot}"


class Genealogy(models.Model):
    """The interval during which child is part of parent. position: the place inside the parent.

    Closed by the correction of what opened it, it ends when it began: it never was.
    """

    parent = models.ForeignKey(Unit, models.PROTECT, related_name="child_edges")
    child = models.ForeignKey(Unit, models.PROTECT, related_name="parent_edges")
    position = models.CharField(max_length=32)
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField(null=True, blank=True)
    opened_by = models.ForeignKey(Event, models.PROTECT, related_name="edges_opened")
    closed_by = models.ForeignKey(
        Event, models.PROTECT, null=True, blank=True, related_name="edges_closed"
    )

    class Meta:
        verbose_name = "genealogy edge"
        constraints = [
            models.UniqueConstraint(
                fields=["child"],
                name="lots_genealogy_one_parent",
                condition=models.Q(valid_to__isnull=True),
            ),
            models.UniqueConstraint(
                fields=["parent", "position"],
                name="lots_genealogy_one_child_a_position",
                condition=models.Q(valid_to__isnull=True),
            ),
            models.CheckConstraint(
                condition=~models.Q(parent=models.F("child")), name="lots_genealogy_not_self"
            ),
            models.CheckConstraint(
                condition=models.Q(valid_to__isnull=True)
                | models.Q(valid_to__gte=models.F("valid_from")),
                name="lots_genealogy_interval",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.child} in {self.parent} at {self.position}"
