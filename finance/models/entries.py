"""The subledger: append-only, double entry in units and in money."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from finance.domain.words import Account, EntryKind
from finance.models.costs import CostVersion, Stage
from finance.models.periods import Period
from lots.domain.words import UnitOfMeasure
from lots.models import Lot, Product, Supplier
from supplychain.base.choices import choices


class LedgerHead(models.Model):
    """One row: last seq and transaction number given out, last hash. Locked last when posting."""

    name = models.CharField(max_length=16, primary_key=True)
    seq = models.BigIntegerField(default=0)
    transaction = models.BigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, default="0" * 64)

    def __str__(self) -> str:
        return f"{self.name} at {self.seq}"


class LedgerEntry(models.Model):
    """One line of a transaction. Quantities per unit, and amounts, sum to zero over a transaction.

    Codes are stored beside the row, so that an export needs no other table and never changes.
    source_seq: the lots event behind it. reverses: seq of the line it takes back.
    """

    seq = models.BigIntegerField(primary_key=True)
    transaction = models.BigIntegerField()
    line = models.PositiveSmallIntegerField()
    op_key = models.CharField(max_length=200, unique=True)
    source_seq = models.BigIntegerField(null=True, blank=True, db_index=True)
    kind = models.CharField(max_length=24, choices=choices(EntryKind))
    account = models.CharField(max_length=32, choices=choices(Account))
    stage = models.ForeignKey(
        Stage,
        models.PROTECT,
        to_field="code",
        db_column="stage",
        null=True,
        related_name="+",
        db_index=False,
    )
    item = models.ForeignKey(
        Product, models.PROTECT, to_field="code", db_column="item", related_name="+"
    )
    lot = models.ForeignKey(
        Lot, models.PROTECT, to_field="code", db_column="lot", null=True, related_name="ledger"
    )
    serial = models.CharField(max_length=80, blank=True)
    quantity = models.BigIntegerField()
    unit_of_measure = models.CharField(max_length=16, choices=choices(UnitOfMeasure))
    amount = models.DecimalField(max_digits=20, decimal_places=6)
    currency = models.CharField(max_length=3)
    cost_version = models.ForeignKey(
        CostVersion,
        models.PROTECT,
        to_field="code",
        db_column="cost_version",
        null=True,
        related_name="+",
        db_index=False,
    )
    owner = models.CharField(max_length=32)
    custodian = models.ForeignKey(
        Supplier,
        models.PROTECT,
        to_field="code",
        db_column="custodian",
        related_name="+",
        db_index=False,
    )
    effective_on = models.DateField()
    period = models.ForeignKey(
        Period, models.PROTECT, to_field="code", db_column="period", related_name="entries"
    )
    is_prior_period = models.BooleanField(default=False)
    actor = models.CharField(max_length=150, blank=True)
    approver = models.CharField(max_length=150, blank=True)
    reverses = models.BigIntegerField(null=True, blank=True)
    reason = models.CharField(max_length=64, blank=True)
    recorded_at = models.DateTimeField()
    sha256 = models.CharField(max_length=64)
    effective_text = models.GeneratedField(
        expression=models.Func("effective_on", function="finance_day_text"),
        output_field=models.TextField(),
        db_persist=True,
    )
    recorded_text = models.GeneratedField(
        expression=models.Func("recorded_at", function="finance_moment_text"),
        output_field=models.TextField(),
        db_persist=True,
    )

    class Meta:
        ordering = ["seq"]
        verbose_name_plural = "ledger entries"
        constraints = [
            models.UniqueConstraint(fields=["transaction", "line"], name="finance_entry_line"),
        ]
        indexes = [
            models.Index(fields=["account", "seq"], name="finance_entry_account"),
        ]

    def __str__(self) -> str:
        return f"{self.seq} {self.account} {self.amount}"


class LedgerRow(models.Model):
    """The ledger as exports show it: a view whose money, quantities and times are text already."""

    seq = models.BigIntegerField(primary_key=True)
    transaction = models.BigIntegerField()
    line = models.PositiveSmallIntegerField()
    kind = models.TextField()
    account = models.TextField()
    stage = models.TextField()
    item = models.TextField()
    lot = models.TextField()
    serial = models.TextField()
    quantity = models.TextField(help_text="Signed whole number.")
    unit_of_measure = models.TextField()
    cost_version = models.TextField()
    amount = models.TextField(help_text="Signed, six decimals.")
    currency = models.TextField()
    owner = models.TextField()
    custodian = models.TextField()
    effective_on = models.TextField(help_text="Plant day.")
    recorded_at = models.TextField(help_text="UTC, microseconds.")
    period = models.TextField()
    is_prior_period = models.TextField(help_text="true when the fact is older than its period.")
    source_seq = models.BigIntegerField(null=True)
    op_key = models.TextField()
    actor = models.TextField()
    approver = models.TextField()
    reverses = models.BigIntegerField(null=True)
    reason = models.TextField()
    sha256 = models.TextField()

    class Meta:
        managed = False
        db_table = "finance_ledger_v1"
        ordering = ["seq"]
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.seq} {self.account} {self.amount}"


class LedgerRead(models.Model):
    """Who read the ledger through the API, up to which seq, and a hash of what was sent."""

    reader = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    token_key = models.CharField(
        max_length=25, blank=True, help_text="Start of the token, as in the list of tokens."
    )
    query = models.CharField(max_length=400)
    media_type = models.CharField(max_length=40)
    as_of_seq = models.BigIntegerField()
    row_count = models.BigIntegerField(help_text="Rows that left; fewer when the reader hung up.")
    is_whole = models.BooleanField()
    sha256 = models.CharField(max_length=64, help_text="Of the body.")
    request_id = models.CharField(max_length=64, blank=True)
    read_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["reader", "read_at"], name="finance_ledgerread_lately")]

    def __str__(self) -> str:
        return f"{self.reader} as of {self.as_of_seq}"
