"""Proof that the subledger is whole: gapless, balanced, and as it was when periods were closed."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import Any

from django.db.models import Sum

from finance.domain.chain import GENESIS, row_sha256
from finance.domain.entries import COLUMNS
from finance.domain.money import ZERO
from finance.domain.words import CARRYING
from finance.models import LedgerEntry, LedgerHead, LedgerRow, Period, PeriodClose
from finance.selectors.closes import close_totals, totals_to_keep
from finance.selectors.documents import KINDS
from finance.selectors.reconciling import counts_kept

ROWS_AT_ONCE = 5000


def first_fault() -> str:
    """What is wrong first, in words; "" when nothing is."""
    if wrong := unbalanced_transactions():
        return f"transaction {wrong[0]} does not sum to zero"
    previous, seq = GENESIS, 0
    rows = LedgerRow.objects.order_by("seq").values_list(*COLUMNS)
    for row in rows.iterator(chunk_size=ROWS_AT_ONCE):
        seq += 1
        if row[0] != seq:
            return f"row {seq} is missing"
        previous = row_sha256(previous, ["" if value is None else str(value) for value in row[:-1]])
        if row[-1] != previous:
            return f"row {seq} was changed: its hash is not that of its content"
    head = LedgerHead.objects.first()
    if head and (head.seq, head.sha256) != (seq, previous):
        return f"the head says {head.seq}, the last row is {seq}"
    return _strayed_close()


def _strayed_close() -> str:
    """A close whose row is not as it was closed: who made every hash anew is found out here."""
    periods = Period.objects.exclude(closed_seq=None)
    marks = [
        *((period.closed_seq or 0, period.closed_sha256, period.code) for period in periods),
        *((close.seq, close.sha256, str(close)) for close in PeriodClose.objects.all()),
    ]
    rows = LedgerEntry.objects.filter(seq__in={seq for seq, _, _ in marks})
    told = {0: GENESIS, **dict(rows.values_list("seq", "sha256"))}
    for seq, sha256, name in sorted(marks):
        if told.get(seq) != sha256:
            return f"{name} was closed at row {seq} with another hash"
    return _strayed_document()


def _strayed_document() -> str:
    """A document approved without what it posts, or a posting of one without its approval."""
    posts = dict(
        LedgerEntry.objects.filter(source_seq=None, line=1).values_list("transaction", "op_key")
    )
    for rows in KINDS:
        called = str(rows.model._meta.verbose_name).replace(" ", "-")
        for document in rows.exclude(transaction=None).order_by("pk"):
            if posts.pop(document.transaction, "") != f"{called}:{document.pk}:1":
                return f"{document} is approved, and transaction {document.transaction} is not its"
    if posts:
        return f"transaction {min(posts)} says that it is of a document, and none has it"
    return _strayed_totals()


def _strayed_totals() -> str:
    """A close whose rows do not come to the totals that were kept with it."""
    for close in PeriodClose.objects.exclude(totals=None).select_related("period"):
        if close.totals != totals_to_keep(close_totals(close)):
            return f"{close} was closed with other control totals than its rows come to"
    return _strayed_counts()


def _strayed_counts() -> str:
    """A close whose reconciliation tells other books than the rows up to its line come to."""
    for close in PeriodClose.objects.exclude(reconciliation=None):
        kept = counts_kept(close)
        told: defaultdict[str, list[Decimal]] = defaultdict(lambda: [ZERO, ZERO])
        for line in kept.stocks if kept else ():
            sums = told[line.stock.unit_of_measure]
            sums[0], sums[1] = sums[0] + line.ledger, sums[1] + line.amount
        if {unit: sums for unit, sums in told.items() if any(sums)} != _carried_at(close.seq):
            return f"{close} keeps a reconciliation with other books than its rows come to"
    return ""


def _carried_at(seq: int) -> dict[str, list[Decimal]]:
    """Unit → units and money that lots were carried at; nothing for none."""
    rows: Any = LedgerEntry.objects.filter(seq__lte=seq, account__in=CARRYING).order_by()
    sums = rows.values("unit_of_measure").annotate(units=Sum("quantity"), money=Sum("amount"))
    return {
        row["unit_of_measure"]: [row["units"], row["money"]]
        for row in sums.exclude(units=0, money=0)
    }


def unbalanced_transactions() -> list[int]:
    """Transactions that do not sum to zero, by unit or in money; none, unless guards were off."""
    money = LedgerEntry.objects.values("transaction").annotate(total=Sum("amount"))
    units = LedgerEntry.objects.values("transaction", "unit_of_measure").annotate(
        total=Sum("quantity")
    )
    wrong = {
        row["transaction"]
        for rows in (money.order_by(), units.order_by())
        for row in rows.exclude(total=0)
    }
    return sorted(wrong)
