"""Suppliers' invoices, matched to what was received."""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.db.models.functions import Upper

from finance.domain.invoices import NUMBER_CHARACTERS_MAX, Invoiced, Match, Received
from finance.domain.words import InvoiceKind
from finance.models.costs import Stage
from finance.models.documents import Document
from lots.domain.words import UnitOfMeasure
from lots.models import Lot, Product, Supplier
from supplychain.base.choices import choices


class Invoice(Document):
    """What a supplier wants for lots, or gives back. effective_on: the day it bears.

    Its approval posts what its prices differ by from the standard of what was received or worked.
    """

    supplier = models.ForeignKey(Supplier, models.PROTECT, related_name="+")
    number = models.CharField(max_length=NUMBER_CHARACTERS_MAX, help_text="The supplier's own.")
    kind = models.CharField(max_length=8, choices=choices(InvoiceKind))
    currency = models.CharField(max_length=3)
    evidence = models.TextField(max_length=4000, help_text="Where it is filed, what was ordered.")

    class Meta(Document.Meta):
        permissions = [("approve_invoice", "Can approve invoices")]
        constraints = [
            *Document.Meta.constraints,
            models.UniqueConstraint(
                models.F("supplier"), Upper("number"), name="finance_invoice_number_once"
            ),
            models.CheckConstraint(
                condition=~models.Q(number="") & ~models.Q(evidence=""),
                name="finance_invoice_said",
            ),
        ]

    def __str__(self) -> str:
        called = "Credit note" if self.kind == InvoiceKind.CREDIT else "Invoice"
        return f"{called} {self.number}"

    @property
    def said(self) -> str:
        return f"{self.kind} {self.number}"


class InvoiceLine(models.Model):
    """A lot on it; minus on a credit note. Received and before: as they stood when it was prepared.

    standard_amount: what the same units were received at, or the work on them. work: the stage that
    this brought the lot to; empty for goods.
    """

    invoice = models.ForeignKey(Invoice, models.CASCADE, related_name="lines")
    lot = models.ForeignKey(Lot, models.PROTECT, to_field="code", related_name="+")
    item = models.ForeignKey(Product, models.PROTECT, to_field="code", related_name="+")
    stage = models.ForeignKey(
        Stage, models.PROTECT, to_field="code", null=True, blank=True, related_name="+"
    )
    work = models.CharField(max_length=32, blank=True, default="")
    unit_of_measure = models.CharField(max_length=16, choices=choices(UnitOfMeasure))
    quantity = models.BigIntegerField()
    unit_price = models.DecimalField(max_digits=20, decimal_places=6)
    amount = models.DecimalField(max_digits=20, decimal_places=6)
    standard_amount = models.DecimalField(max_digits=20, decimal_places=6)
    received_quantity = models.BigIntegerField()
    received_amount = models.DecimalField(max_digits=20, decimal_places=6)
    before_quantity = models.BigIntegerField()
    before_amount = models.DecimalField(max_digits=20, decimal_places=6)
    before_standard = models.DecimalField(max_digits=20, decimal_places=6)

    class Meta:
        ordering = ["invoice", "lot_id", "work"]
        constraints = [
            models.UniqueConstraint(
                fields=["invoice", "lot", "work"], name="finance_invoiceline_once"
            ),
            models.CheckConstraint(
                condition=models.Q(work="") | models.Q(work=models.F("stage")),
                name="finance_invoiceline_work",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    unit_price__gte=0, amount=models.F("unit_price") * models.F("quantity")
                ),
                name="finance_invoiceline_amount",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    quantity__gt=0,
                    received_quantity__gte=models.F("before_quantity") + models.F("quantity"),
                )
                | models.Q(quantity__lt=0, before_quantity__gte=-models.F("quantity")),
                name="finance_invoiceline_within",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} of {self.lot_id} at {self.unit_price}"

    @property
    def difference(self) -> Decimal:
        """What is paid beyond standard; minus for less."""
        return self.amount - self.standard_amount

    @property
    def match(self) -> Match:
        """As it was prepared."""
        return Match(
            received=Received(
                self.lot_id,
                self.item_id,
                self.unit_of_measure,
                self.stage_id or "",
                self.received_quantity,
                self.received_amount,
                self.work,
            ),
            before=Invoiced(self.before_quantity, self.before_amount, self.before_standard),
            quantity=self.quantity,
            unit_price=self.unit_price,
            amount=self.amount,
            standard=self.standard_amount,
        )


class ReceivedLine(models.Model):
    """What a supplier gave us by lot, goods or work, line by line of the ledger: a view. Plus came.

    work: the stage that work brought the lot to; empty for goods.
    """

    seq = models.BigIntegerField(primary_key=True)
    effective_on = models.DateField()
    supplier = models.TextField()
    lot = models.TextField()
    item = models.TextField()
    unit_of_measure = models.TextField()
    quantity = models.BigIntegerField()
    amount = models.DecimalField(max_digits=20, decimal_places=6)
    stage = models.TextField()
    work = models.TextField()

    class Meta:
        managed = False
        db_table = "finance_received_v3"
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.quantity} of {self.lot}"
