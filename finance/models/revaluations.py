"""Revaluations: stock carried at an old standard is carried at the one in force."""

from __future__ import annotations

from decimal import Decimal

from django.db import models

from finance.domain.words import Account, LeftOutReason
from finance.models.costs import CostVersion, Stage
from finance.models.documents import Document
from lots.domain.words import UnitOfMeasure
from lots.models import Lot, Product, Supplier
from supplychain.base.choices import choices


class Revaluation(Document):
    """Stock taken to the standard of a version. item, stage, custodian: of which stock, or all.

    reason: as the ledger's lines say it.
    """

    version = models.ForeignKey(
        CostVersion, models.PROTECT, to_field="code", db_column="version", related_name="+"
    )
    reason = models.CharField(max_length=64)
    item = models.ForeignKey(
        Product, models.PROTECT, to_field="code", db_column="item", null=True, blank=True,
        related_name="+", help_text="Empty for every item.",
    )  # fmt: skip
    stage = models.ForeignKey(
        Stage, models.PROTECT, to_field="code", db_column="stage", null=True, blank=True,
        related_name="+", help_text="Empty for every stage.",
    )  # fmt: skip
    custodian = models.ForeignKey(
        Supplier, models.PROTECT, to_field="code", db_column="custodian", null=True, blank=True,
        related_name="+", help_text="Empty for every custodian.",
    )  # fmt: skip

    class Meta(Document.Meta):
        permissions = [("approve_revaluation", "Can approve revaluations")]
        constraints = [
            *Document.Meta.constraints,
            models.CheckConstraint(
                condition=~models.Q(reason="") & ~models.Q(evidence=""),
                name="finance_revaluation_said",
            ),
        ]

    def __str__(self) -> str:
        return f"Revaluation {self.pk}"

    @property
    def said(self) -> str:
        return self.reason


class RevaluationLine(models.Model):
    """A lot at a position of it, as its preparer saw it. Amounts are of all its units.

    standard_amount: null where the version has no cost. left_out: why it stays as it is carried;
    empty for one that is revalued.
    """

    revaluation = models.ForeignKey(Revaluation, models.CASCADE, related_name="lines")
    lot = models.ForeignKey(Lot, models.PROTECT, to_field="code", db_column="lot", related_name="+")
    account = models.CharField(max_length=32, choices=choices(Account))
    stage = models.ForeignKey(
        Stage, models.PROTECT, to_field="code", db_column="stage", null=True, related_name="+",
        db_index=False,
    )  # fmt: skip
    item = models.ForeignKey(
        Product, models.PROTECT, to_field="code", db_column="item", related_name="+",
        db_index=False,
    )  # fmt: skip
    unit_of_measure = models.CharField(max_length=16, choices=choices(UnitOfMeasure))
    owner = models.CharField(max_length=32)
    custodian = models.ForeignKey(
        Supplier, models.PROTECT, to_field="code", db_column="custodian", related_name="+",
        db_index=False,
    )  # fmt: skip
    quantity = models.BigIntegerField()
    carried_amount = models.DecimalField(max_digits=20, decimal_places=6)
    standard_amount = models.DecimalField(max_digits=20, decimal_places=6, null=True)
    left_out = models.CharField(max_length=16, choices=choices(LeftOutReason), blank=True)

    class Meta:
        ordering = ["revaluation", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=[
                    "revaluation", "lot", "account", "stage", "item", "unit_of_measure", "owner",
                    "custodian",
                ],
                name="finance_revaluationline_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=models.Q(standard_amount__isnull=True)
                | ~models.Q(standard_amount=models.F("carried_amount")),
                name="finance_revaluationline_differs",
            ),
            models.CheckConstraint(
                condition=~models.Q(left_out="") | models.Q(standard_amount__isnull=False),
                name="finance_revaluationline_valued",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.lot_id} by {self.difference}"

    @property
    def difference(self) -> Decimal:
        """What the standard adds, minus what it takes; zero where there is none."""
        standard = self.standard_amount
        return Decimal(0) if standard is None else standard - self.carried_amount
