"""Revaluations, the stock they take, and what keeps a lot out of one."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum

from finance.domain.legs import Holdings, Position
from finance.domain.money import ZERO
from finance.domain.revaluations import (
    LOOKED_AT,
    POSITIONS_MAX,
    LotsApart,
    RevaluationOrder,
    StockLine,
)
from finance.domain.words import Account, LeftOutReason
from finance.models import (
    CostVersion,
    Entity,
    LedgerEntry,
    Revaluation,
    RevaluationLine,
    Stage,
    StandardCost,
)
from finance.selectors.documents import document_by_id
from finance.selectors.facts import holdings_in, written_down_lots
from finance.selectors.stocks import first_owed
from lots.models import Product, Supplier
from supplychain.base.errors import MissingError, RefusedError

NARROWED = ("item", "stage", "custodian")
COUNTED = Q(lines__left_out="")


def revaluations() -> QuerySet[Revaluation]:
    """All of them, the newest first."""
    return Revaluation.objects.select_related("prepared_by", "approved_by").order_by("-id")


def listed_revaluations() -> QuerySet[Revaluation]:
    """The same with sums: lots and amount of what is revalued, and how many lines are left out."""
    difference = F("lines__standard_amount") - F("lines__carried_amount")
    return revaluations().annotate(
        lot_count=Count("lines__lot", filter=COUNTED, distinct=True),
        left_out_count=Count("lines", filter=~COUNTED),
        amount=Sum(difference, filter=COUNTED, default=ZERO),
    )


def revaluation_by_id(pk: int) -> Revaluation:
    """As listed. MissingError for an unknown one."""
    return document_by_id(listed_revaluations(), pk, "revaluation")


def order_of(document: Revaluation) -> RevaluationOrder:
    """What was asked for when it was prepared."""
    return RevaluationOrder(
        version=document.version_id,
        effective_on=document.effective_on,
        reason=document.reason,
        evidence=document.evidence,
        item=document.item_id or "",
        stage=document.stage_id or "",
        custodian=document.custodian_id or "",
    )


def lines_of(document: Revaluation) -> QuerySet[RevaluationLine]:
    """Its lines in order of lots, those left out too."""
    return document.lines.order_by("id")


def stock_lines(document: Revaluation) -> list[StockLine]:
    """Its lines as they were prepared, those left out too."""
    return [_stock_line(row) for row in sorted(document.lines.all(), key=lambda row: row.pk)]


def _stock_line(row: RevaluationLine) -> StockLine:
    return StockLine(
        lot=row.lot_id,
        position=Position(
            Account(row.account),
            row.stage_id or "",
            row.item_id,
            row.unit_of_measure,
            row.owner,
            row.custodian_id,
        ),
        quantity=row.quantity,
        carried=row.carried_amount,
        standard=row.standard_amount,
        left_out=LeftOutReason(row.left_out) if row.left_out else None,
    )


def stock_in(order: RevaluationOrder) -> Holdings:
    """What each lot carries of the stock that is asked for, and of it in dispute.

    MissingError for an item, stage or custodian that there is not; RefusedError for more lots and
    positions than one revaluation looks at.
    """
    wanted = {name: getattr(order, name) for name in NARROWED if getattr(order, name)}
    _refuse_unknown(wanted)
    whose = Entity.objects.values("code")[:1]
    entries = LedgerEntry.objects.filter(account__in=LOOKED_AT, owner__in=whose, **wanted)
    found = holdings_in(entries, POSITIONS_MAX + 1)
    if sum(map(len, found.values())) > POSITIONS_MAX:
        raise RefusedError(
            f"There are more than {POSITIONS_MAX:,} lots in places. Revalue one item, stage or "
            "custodian after the other."
        )
    return found


def approved_versions() -> QuerySet[CostVersion]:
    """Approved versions of standard costs, the newest first."""
    return CostVersion.objects.filter(approved_at__isnull=False).order_by("-effective_on")


def scope_choices() -> dict[str, list[str]]:
    """Items, stages and custodians that approved costs and suppliers know, by what narrows to."""
    costs = StandardCost.objects.filter(version__approved_at__isnull=False)
    items = costs.order_by("item").values_list("item", flat=True).distinct()
    return {
        "item": [str(code) for code in items],
        "stage": list(Stage.objects.order_by("sequence").values_list("code", flat=True)),
        "custodian": list(Supplier.objects.order_by("code").values_list("code", flat=True)),
    }


def lots_apart(lots: Collection[str], day: date) -> LotsApart:
    """Those of the lots that are owed, have lines after the day, or were written down."""
    later: Any = LedgerEntry.objects.filter(effective_on__gt=day, lot__in=set(lots)).order_by()
    return LotsApart(
        owed=set(first_owed()),
        moved=set(later.values_list("lot", flat=True).distinct()),
        written_down=written_down_lots(lots),
    )


def _refuse_unknown(wanted: dict[str, str]) -> None:
    known: dict[str, Any] = {"item": Product, "stage": Stage, "custodian": Supplier}
    for name, code in wanted.items():
        if not known[name].objects.filter(code=code).exists():
            raise MissingError(f"There is no {name} {code}.", **{name: code})
