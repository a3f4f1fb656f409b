"""Write-downs, and the lots that carry something written down."""

from __future__ import annotations

from decimal import Decimal

from django.db import models

from finance.models.documents import Document
from lots.models import Lot


class WriteDown(Document):
    """Stock worth less than it is carried at. It is not reversed: the value is its new cost.

    reason: as the ledger's lines say it. Source of the rule: US GAAP, ASC 330-10-35-14.
    """

    reason = models.CharField(max_length=64)
    evidence = models.TextField(max_length=4000, help_text="What shows that it is worth less.")

    class Meta(Document.Meta):
        permissions = [("approve_writedown", "Can approve write-downs")]
        constraints = [
            *Document.Meta.constraints,
            models.CheckConstraint(
                condition=~models.Q(reason="") & ~models.Q(evidence=""),
                name="finance_writedown_said",
            ),
        ]

    def __str__(self) -> str:
        return f"Write-down {self.pk}"

    @property
    def said(self) -> str:
        return self.reason


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
