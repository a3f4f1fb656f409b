"""Write-downs: prepared by one person, approved by another, then posted once and frozen."""

from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from lots.models import Lot
from supplychain.base.keyed import KeyedModel


class WriteDown(KeyedModel):
    """Stock worth less than it is carried at. It is not reversed: the value is its new cost.

    reason: as the ledger's lines say it. transaction: of the subledger, once approved. Source of
    the rule: US GAAP, ASC 330-10-35-14.
    """

    effective_on = models.DateField(help_text="Plant day it counts on.")
    reason = models.CharField(max_length=64)
    evidence = models.TextField(max_length=4000, help_text="What shows that it is worth less.")
    prepared_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    prepared_at = models.DateTimeField(db_default=Now(), editable=False)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    approved_at = models.DateTimeField(null=True, blank=True)
    transaction = models.BigIntegerField(null=True, blank=True, unique=True)

    class Meta:
        ordering = ["-id"]
        permissions = [("approve_writedown", "Can approve write-downs")]
        constraints = [
            *KeyedModel.Meta.constraints,
            models.CheckConstraint(
                condition=models.Q(approved_by__isnull=True)
                | ~models.Q(approved_by=models.F("prepared_by")),
                name="finance_writedown_four_eyes",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    approved_by__isnull=True, approved_at__isnull=True, transaction__isnull=True
                )
                | models.Q(
                    approved_by__isnull=False, approved_at__isnull=False, transaction__isnull=False
                ),
                name="finance_writedown_approval_whole",
            ),
            models.CheckConstraint(
                condition=~models.Q(reason="") & ~models.Q(evidence=""),
                name="finance_writedown_said",
            ),
        ]

    def __str__(self) -> str:
        return f"Write-down {self.pk}"


class WriteDownLine(models.Model):
    """A lot of it. amount: off what it carries. carried: units and amount its preparer saw."""

    write_down = models.ForeignKey(WriteDown, models.CASCADE, related_name="lines")
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="+")
    amount = models.DecimalField(max_digits=20, decimal_places=6)
    carried_quantity = models.BigIntegerField()
    carried_amount = models.DecimalField(max_digits=20, decimal_places=6)

    class Meta:
        ordering = ["write_down", "lot"]
        constraints = [
            models.UniqueConstraint(
                fields=["write_down", "lot"], name="finance_writedownline_once"
            ),
            models.CheckConstraint(
                condition=models.Q(amount__gt=0, amount__lte=models.F("carried_amount")),
                name="finance_writedownline_within",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.lot} by {self.amount}"

    @property
    def left(self) -> Decimal:
        """What the lot is carried at afterwards."""
        return self.carried_amount - self.amount


class WrittenDownLot(models.Model):
    """A lot that carries something written down, by itself or from a lot it was made of."""

    lot = models.OneToOneField(
        Lot, models.PROTECT, to_field="code", primary_key=True, related_name="+"
    )

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.lot_id
