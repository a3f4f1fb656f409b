"""Variances of the last months beside what came into their stages at standard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Sum

from finance.domain.money import ZERO
from finance.domain.variance_limits import MonthVariance
from finance.domain.words import CARRYING, Account, EntryKind
from finance.models import LedgerEntry, Period

KINDS = (
    EntryKind.PRICE_VARIANCE,
    EntryKind.YIELD_VARIANCE,
    EntryKind.CONVERSION_VARIANCE,
    EntryKind.MAP_COUNT_VARIANCE,
)
"""Those that nobody decided: a change of standard and a revaluation are what people meant."""

PARTED = ("period", "kind", "item", "stage", "currency")
PLACED = ("period", "item", "stage", "currency")


@dataclass(frozen=True, slots=True)
class StageVariance:
    """month: sums of one kind, item and stage."""

    period: str
    kind: str
    item: str
    stage: str
    currency: str
    month: MonthVariance


def stage_variances(months: int, amount_min: Decimal) -> list[StageVariance]:
    """Of the newest months that have any; sums up to amount_min are left out. Three queries."""
    codes = _newest(months)
    differed = [row for row in _sums(codes) if abs(row["money"]) > amount_min]
    if not differed:
        return []
    came = _standards(differed)
    return [
        StageVariance(
            row["period"], row["kind"], row["item"], row["stage"] or "", row["currency"],
            MonthVariance(row["money"], came.get(tuple(row[name] for name in PLACED), ZERO)),
        )
        for row in differed
    ]  # fmt: skip


def _newest(months: int) -> list[str]:
    codes = LedgerEntry.objects.filter(account=Account.VARIANCE).order_by().values("period")
    rows = Period.objects.filter(code__in=codes).order_by("-starts_on")
    return list(rows.values_list("code", flat=True)[:months])


def _sums(codes: Sequence[str]) -> Sequence[dict[str, Any]]:
    asked: Any = {"account": Account.VARIANCE, "kind__in": KINDS, "period__in": codes}
    rows: Any = LedgerEntry.objects.filter(**asked)
    return list(rows.order_by(*PARTED).values(*PARTED).annotate(money=Sum("amount")))


def _standards(differed: Sequence[dict[str, Any]]) -> dict[tuple[Any, ...], Decimal]:
    """What came in at standard, by period, item, stage and currency."""
    wanted = {
        f"{name}__in": {row[name] for row in differed} for name in ("period", "item", "stage")
    }
    rows: Any = LedgerEntry.objects.filter(account__in=CARRYING, amount__gt=0, **wanted)
    sums = rows.order_by().values(*PLACED).annotate(money=Sum("amount"))
    return {tuple(row[name] for name in PLACED): row["money"] for row in sums}
