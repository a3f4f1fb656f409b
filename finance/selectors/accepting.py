"""When a lot came into service, and what proves it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from finance.domain.words import Account
from finance.models import LedgerEntry
from lots.domain.words import LineageKind, Verb
from lots.models import Event, LotLineage

PARTED = (LineageKind.SPLIT, LineageKind.BIN)
REGROUPED = (Verb.SPLIT, Verb.MERGE, Verb.BIN, Verb.CORRECT)


@dataclass(frozen=True, slots=True)
class Acceptance:
    """day: of the plant, from which it is written off. seq: of the lots event."""

    day: date
    seq: int


def accepted_of(lots: Iterable[str], known: QuerySet[LedgerEntry]) -> dict[str, Acceptance]:
    """Lot → its first acceptance that was not taken back; of one split off, that of its parent.

    known: the lines of the ledger to go by.
    """
    found: dict[str, Acceptance] = {}
    of = {lot: lot for lot in lots}
    while of:
        came = _came(set(of.values()), known)
        parents = dict(
            LotLineage.objects.filter(child__code__in=set(of.values()), kind__in=PARTED)
            .order_by("-event__seq")
            .values_list("child__code", "parent__code")
        )
        further = {}
        for lot, where in of.items():
            if where in came:
                found[lot] = came[where]
            elif where in parents:
                further[lot] = parents[where]
        of = further
    return found


def _came(lots: set[str], known: QuerySet[LedgerEntry]) -> dict[str, Acceptance]:
    posted = known.filter(source_seq=OuterRef("seq"))
    corrections = Event.objects.filter(corrects__seq=OuterRef("source_seq"), verb=Verb.CORRECT)
    taken_back = corrections.filter(Exists(posted))
    regrouped = Event.objects.filter(seq=OuterRef("source_seq"), verb__in=REGROUPED)
    rows: Any = known.filter(
        ~Exists(taken_back), ~Exists(regrouped), account=Account.FIXED_ASSET, lot__code__in=lots,
        quantity__gt=0, source_seq__isnull=False,
    )  # fmt: skip
    found: dict[str, Acceptance] = {}
    for lot, day, seq in rows.order_by("seq").values_list("lot", "effective_on", "source_seq"):
        found.setdefault(lot, Acceptance(day, seq))
    return found
