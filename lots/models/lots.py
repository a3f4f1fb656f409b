"""What moves together: lots and their wafers."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models.functions import Now

from lots.domain.words import LotKind, LotPurpose, LotState, UnitOfMeasure
from lots.models.products import Bill, Product, Supplier
from lots.models.routes import RouteVersion, Step
from supplychain.base.choices import choices


class Lot(models.Model):
    """Units moved and controlled together. quantity: good units now, a projection of the ledger."""

    code = models.CharField(max_length=64, unique=True)
    kind = models.CharField(max_length=16, choices=choices(LotKind))
    purpose = models.CharField(
        max_length=16, choices=choices(LotPurpose), default=LotPurpose.PRODUCTION
    )
    is_hot = models.BooleanField(default=False)
    product = models.ForeignKey(Product, models.PROTECT, related_name="lots")
    bill = models.ForeignKey(Bill, models.PROTECT, null=True, blank=True)
    route_version = models.ForeignKey(RouteVersion, models.PROTECT, related_name="lots")
    step = models.ForeignKey(Step, models.PROTECT, related_name="lots")
    step_entered_at = models.DateTimeField()
    waiting_since = models.DateTimeField(
        null=True,
        blank=True,
        help_text="Waits at its step since, where that is longer than it stands there; else empty.",
    )
    custodian = models.ForeignKey(
        Supplier, models.PROTECT, related_name="lots", help_text="Who has it now."
    )
    state = models.CharField(max_length=16, choices=choices(LotState), default=LotState.ACTIVE)
    unit_of_measure = models.CharField(max_length=16, choices=choices(UnitOfMeasure))
    quantity = models.PositiveIntegerField()
    started_at = models.DateTimeField()
    due_on = models.DateField(null=True, blank=True)
    customer = models.CharField(max_length=120, blank=True)
    is_pilot = models.BooleanField(
        default=False, help_text="Sent ahead; the rest of its lot waits for what it shows."
    )
    tracked_in_at = models.DateTimeField(
        null=True, blank=True, help_text="Being worked on since; empty = waiting at its step."
    )
    equipment = models.CharField(max_length=64, blank=True, help_text="Where it is worked on now.")
    rework_return_step = models.ForeignKey(
        Step,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="On rework: where it comes back to its own route.",
    )
    rework_attempt = models.PositiveSmallIntegerField(
        default=0, help_text="How often it left its route for rework."
    )
    version = models.PositiveIntegerField(default=0, help_text="Events so far; the ETag.")
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["state", "step"], name="lots_lot_wip"),
            models.Index(fields=["product", "-id"], name="lots_lot_product"),
            models.Index(
                fields=["due_on"], name="lots_lot_due", condition=models.Q(state=LotState.ACTIVE)
            ),
        ]
        permissions = [
            ("receive_lot", "Can receive lots"),
            ("move_lot", "Can move lots"),
            ("split_lot", "Can split lots"),
            ("merge_lot", "Can merge lots"),
            ("hold_lot", "Can hold lots"),
            ("release_lot", "Can release holds"),
            ("scrap_lot", "Can scrap units"),
            ("dice_lot", "Can dice wafer lots"),
            ("assemble_lot", "Can assemble units"),
            ("ship_lot", "Can ship lots"),
            ("track_lot", "Can track lots in and out"),
            ("adjust_lot", "Can record loss and bonus"),
            ("rework_lot", "Can send lots to rework and back"),
            ("bank_lot", "Can bank lots and take them out"),
            ("bin_lot", "Can bin units down to another product"),
            ("amend_lot", "Can change what a lot says of itself"),
            ("reroute_lot", "Can move lots to another route version"),
            ("swap_unit", "Can swap parts"),
            ("correct_event", "Can correct events"),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def waits_since(self) -> datetime:
        """From when its wait at the step counts: a bank, a merge or a new route ends none."""
        return self.waiting_since or self.step_entered_at


class Wafer(models.Model):
    """One wafer of a lot. code: the scribe, unique over all suppliers.

    is_withdrawn: its receipt was corrected, and nothing takes it: it counts as scrapped until it is
    received again.
    """

    code = models.CharField(max_length=64, unique=True)
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="wafers")
    number = models.PositiveSmallIntegerField(null=True, blank=True)
    is_scrapped = models.BooleanField(default=False)
    is_diced = models.BooleanField(default=False)
    is_withdrawn = models.BooleanField(default=False, db_default=False)

    class Meta:
        ordering = ["lot", "number", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(is_withdrawn=False) | models.Q(is_scrapped=True, is_diced=False),
                name="lots_wafer_withdrawn_is_gone",
            ),
        ]

    def __str__(self) -> str:
        return self.code
