"""The stock of every lot, counted three ways; each a read of its own that knows no other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, Sum

from finance.domain.errors import MissingStageError
from finance.domain.facts import Book, LotFacts
from finance.domain.reconciling import Stock, Stocks
from finance.domain.transfers import SHIPPABLE
from finance.domain.words import CARRYING
from finance.models import Follower, LedgerEntry, PostingGap
from finance.selectors.facts import books, lot_facts
from lots.domain.words import LineageKind, LineKind, LotState, UnitOfMeasure, UnitState, Verb
from lots.models import Event, EventLine, Genealogy, Lot, LotLineage, Unit, Wafer

ROWS_AT_ONCE = 5000
SEQ_MAX = 2**63 - 1
ON_REWORK = Q(rework_return_step__isnull=False)
PARTED = (LineageKind.SPLIT, LineageKind.BIN)
Counts = Mapping[tuple[str, str], int]
"""(lot, unit of measure) → units."""


@dataclass(frozen=True, slots=True)
class LotPlace:
    """Where the lots room says that a lot stands. bound_for: "" for one that is not shipped.

    On rework it keeps the stage of the step it left.
    """

    facts: LotFacts
    step: int
    custodian: str
    bound_for: str


@dataclass(frozen=True, slots=True)
class Standing:
    """Every lot's place, by its code, and the book that says which stage a step has."""

    book: Book
    places: Mapping[str, LotPlace]

    def placed(self, counts: Counts) -> Stocks:
        """Each count with its stock; what counts nothing is left out."""
        return {
            (lot, self._stock(lot, unit)): units for (lot, unit), units in counts.items() if units
        }

    def _stock(self, code: str, unit: str) -> Stock:
        lot = self.places[code]
        item, custodian = lot.facts.item, lot.custodian
        try:
            place = self.book.place(lot.step, unit, lot.facts)
        except MissingStageError:
            return Stock("", item, unit, custodian)
        if lot.bound_for and place.account in SHIPPABLE:
            custodian = lot.bound_for
        return Stock(place.stage, item, unit, custodian)


def standing() -> Standing:
    """As the lots stand now."""
    left, bound = _left_for_rework(), _bound_for()
    lots = Lot.objects.select_related("product__supplier", "custodian").order_by("id")
    places = {
        lot.code: LotPlace(
            lot_facts(lot),
            left.get(lot.pk, lot.step_id),
            lot.custodian.code,
            bound.get(lot.pk, ""),
        )
        for lot in lots.iterator(chunk_size=ROWS_AT_ONCE)
    }
    return Standing(books().empty, places)


def _bound_for() -> dict[int, str]:
    """Lots on the way → whom they go to."""
    sent = Event.objects.filter(verb=Verb.SHIP, lot__state=LotState.SHIPPED)
    last = sent.order_by("lot_id", "-seq").distinct("lot_id")
    return dict(last.values_list("lot_id", "payload__to"))


def _left_for_rework() -> dict[int, int]:
    """Lots on rework → the step they left; one that parted from another there, as that one did."""
    found: dict[int, int] = {}
    of = {pk: (pk, SEQ_MAX) for pk in Lot.objects.filter(ON_REWORK).values_list("pk", flat=True)}
    while of:
        lots = {lot for lot, _ in of.values()}
        outs = list(
            Event.objects.filter(verb=Verb.REWORK_OUT, lot__in=lots)
            .order_by("seq")
            .values_list("lot_id", "seq", "step_from_id")
        )
        parted = {
            child: (parent, seq)
            for child, parent, seq in LotLineage.objects.filter(child__in=lots, kind__in=PARTED)
            .order_by("event__seq")
            .values_list("child_id", "parent_id", "event__seq")
        }
        further = {}
        for pk, (lot, before) in of.items():
            steps = [step for other, seq, step in outs if other == lot and seq < before]
            if steps:
                found[pk] = steps[-1]
            elif lot in parted:
                further[pk] = parted[lot]
        of = further
    return found


def ledger_stocks() -> Stocks:
    """What the subledger carries."""
    columns = ("lot", "stage", "item", "unit_of_measure", "custodian")
    rows: Any = LedgerEntry.objects.filter(account__in=CARRYING).order_by().values(*columns)
    return {
        (row["lot"], Stock(row["stage"] or "", *(row[name] for name in columns[2:]))): row["units"]
        for row in rows.annotate(units=Sum("quantity")).exclude(units=0)
    }


def event_counts() -> Counts:
    """What the last event of each lot left good: from the lines, not from the lot's own row."""
    last = (
        EventLine.objects.filter(kind=LineKind.GOOD)
        .order_by("lot_id", "unit_of_measure", "-id")
        .distinct("lot_id", "unit_of_measure")
        .values_list("lot__code", "unit_of_measure", "quantity")
    )
    return {(lot, unit): units for lot, unit, units in last.iterator(chunk_size=ROWS_AT_ONCE)}


def there_counts() -> Counts:
    """Good serials that are built into nothing, and whole wafers; lots without are absent."""
    built_in = Genealogy.objects.filter(child=OuterRef("pk"), valid_to__isnull=True)
    free = Count("pk", filter=Q(state=UnitState.GOOD, is_built_in=False))
    units = Unit.objects.filter(lot__isnull=False).annotate(is_built_in=Exists(built_in))
    whole = Count("pk", filter=Q(is_scrapped=False, is_diced=False))
    return {
        (row["lot__code"], row["kind"]): row["units"]
        for row in units.order_by().values("lot__code", "kind").annotate(units=free)
    } | {
        (row["lot__code"], str(UnitOfMeasure.WAFER)): row["units"]
        for row in Wafer.objects.order_by().values("lot__code").annotate(units=whole)
    }


def owed_lots() -> set[str]:
    """Lots with an event that the subledger has not got yet: not reached, or kept as a gap."""
    cursor = Follower.objects.aggregate(seq=Sum("seq"))["seq"] or 0
    gaps = PostingGap.objects.filter(closed_at__isnull=True).values("event")
    events = Event.objects.filter(Q(seq__gt=cursor) | Q(pk__in=gaps))
    own = events.values_list("lot__code", flat=True)
    return {*own, *EventLine.objects.filter(event__in=events).values_list("lot__code", flat=True)}
