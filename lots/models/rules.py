"""Rules of lot execution as data: what must be alike, which reasons there are, what is waived."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from lots.domain.orders import part_words
from lots.domain.words import ActionState, Gate, MergeAttribute, Trigger, Verb
from lots.models.ledger import Event
from lots.models.lots import Lot
from lots.models.products import Product
from lots.models.routes import Step
from supplychain.base.choices import choices
from supplychain.base.keyed import KeyedModel


class MergeRule(models.Model):
    """Lots merge only when alike in this; product: for its lots only, empty = for all."""

    attribute = models.CharField(max_length=20, choices=choices(MergeAttribute))
    product = models.ForeignKey(
        Product, models.PROTECT, null=True, blank=True, related_name="merge_rules"
    )
    is_required = models.BooleanField(
        default=True, help_text="Off, for one product: it need not be alike after all."
    )

    class Meta:
        ordering = ["attribute", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["attribute", "product"], name="lots_mergerule_once", nulls_distinct=False
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_attribute_display()} of {self.product or 'all products'}"


class ReasonCode(models.Model):
    """A reason that a verb may be given. counts_in_yield: whether its units lower the yield."""

    verb = models.CharField(max_length=16, choices=choices(Verb))
    code = models.CharField(max_length=64)
    name = models.CharField(max_length=120)
    counts_in_yield = models.BooleanField(default=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["verb", "code"]
        constraints = [
            models.UniqueConstraint(fields=["verb", "code"], name="lots_reasoncode_once"),
        ]

    def __str__(self) -> str:
        return f"{self.verb}: {self.code}"


class Waiver(KeyedModel):
    """Permission to pass a step's gate, limited in time and quantity.

    lot: for it and what is split off it; empty = for every lot of the product.
    used: units let through so far; the database keeps it at or below quantity.
    """

    gate = models.CharField(max_length=16, choices=choices(Gate))
    step = models.ForeignKey(Step, models.PROTECT, related_name="waivers")
    lot = models.ForeignKey(Lot, models.PROTECT, null=True, blank=True, related_name="waivers")
    product = models.ForeignKey(
        Product, models.PROTECT, null=True, blank=True, related_name="waivers"
    )
    reason = models.CharField(max_length=200)
    quantity = models.PositiveIntegerField()
    used = models.PositiveIntegerField(default=0, editable=False)
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField()
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    requested_at = models.DateTimeField(db_default=Now(), editable=False)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    approved_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["-id"]
        permissions = [("approve_waiver", "Can approve waivers")]
        constraints = [
            *KeyedModel.Meta.constraints,
            models.CheckConstraint(
                condition=models.Q(used__lte=models.F("quantity")), name="lots_waiver_quantity"
            ),
            models.CheckConstraint(
                condition=models.Q(valid_to__gt=models.F("valid_from")), name="lots_waiver_interval"
            ),
            models.CheckConstraint(
                condition=models.Q(approved_by__isnull=True)
                | ~models.Q(approved_by=models.F("requested_by")),
                name="lots_waiver_two_people",
            ),
            models.CheckConstraint(
                condition=models.Q(approved_by__isnull=True, approved_at__isnull=True)
                | models.Q(approved_by__isnull=False, approved_at__isnull=False),
                name="lots_waiver_approval_whole",
            ),
            models.CheckConstraint(
                condition=models.Q(used=0) | models.Q(approved_by__isnull=False),
                name="lots_waiver_used_after_approval",
            ),
            models.CheckConstraint(
                condition=models.Q(lot__isnull=True, product__isnull=False)
                | models.Q(lot__isnull=False, product__isnull=True),
                name="lots_waiver_lot_or_product",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.gate} at {self.step} for {self.lot or self.product}"


class WaiverUse(models.Model):
    """What an event let through under a waiver."""

    waiver = models.ForeignKey(Waiver, models.PROTECT, related_name="uses")
    event = models.ForeignKey(Event, models.PROTECT, related_name="waiver_uses")
    quantity = models.PositiveIntegerField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["waiver", "event"], name="lots_waiveruse_once"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} under {self.waiver}"


class FutureAction(KeyedModel):
    """What is done by itself once a lot arrives at a step, leaves it, or an event happens to it.

    lot: this lot and what is split off it; product: every lot of it. verb: hold, bank or split.
    What names wafers or serials goes with these into another lot.
    step: for arrives and leaves; it stands for the step of that code on every version of its route.
    on_verb: for event. order: the wish, as the API takes it. set_off_by: the event it waited for;
    event: what it did.
    """

    lot = models.ForeignKey(
        Lot, models.PROTECT, null=True, blank=True, related_name="future_actions"
    )
    product = models.ForeignKey(
        Product, models.PROTECT, null=True, blank=True, related_name="future_actions"
    )
    trigger = models.CharField(max_length=8, choices=choices(Trigger))
    step = models.ForeignKey(
        Step, models.PROTECT, null=True, blank=True, related_name="future_actions"
    )
    on_verb = models.CharField(max_length=16, choices=choices(Verb), blank=True)
    verb = models.CharField(max_length=16, choices=choices(Verb))
    order = models.JSONField(default=dict)
    reason = models.CharField(max_length=200)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    is_repeated = models.BooleanField(
        default=False, help_text="Stays armed after it was carried out, for the next lot."
    )
    state = models.CharField(max_length=12, choices=choices(ActionState), default=ActionState.ARMED)
    outcome = models.TextField(blank=True, help_text="What it did, or why it could not.")
    event = models.ForeignKey(
        Event, models.PROTECT, null=True, blank=True, related_name="future_actions"
    )
    set_off_by = models.ForeignKey(
        Event, models.PROTECT, null=True, blank=True, related_name="set_off_actions"
    )

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(lot__isnull=True, product__isnull=False)
                | models.Q(lot__isnull=False, product__isnull=True),
                name="lots_futureaction_lot_or_product",
            ),
            *KeyedModel.Meta.constraints,
            models.CheckConstraint(
                condition=models.Q(trigger=Trigger.EVENT, step__isnull=True) & ~models.Q(on_verb="")
                | ~models.Q(trigger=Trigger.EVENT) & models.Q(step__isnull=False, on_verb=""),
                name="lots_futureaction_trigger_whole",
            ),
        ]
        indexes = [
            models.Index(
                fields=["lot"],
                name="lots_futureaction_armed",
                condition=models.Q(state=ActionState.ARMED),
            ),
            models.Index(
                fields=["product"],
                name="lots_futureaction_products",
                condition=models.Q(state=ActionState.ARMED),
            ),
        ]

    def __str__(self) -> str:
        when = f"{self.trigger} {self.step or self.on_verb}"
        return f"{self.verb}{part_words(self.order)} when {self.lot or self.product} {when}"
