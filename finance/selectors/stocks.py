"""The stock of every lot, counted three ways.

The three quantities know nothing of each other. Where a lot stands the subledger says by itself;
for events and for what is there it is what the lot's own row says, which `verify_ledger` proves.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, Exists, Max, OuterRef, Q, Sum

from finance.domain.errors import MissingStageError
from finance.domain.facts import Book, LotFacts
from finance.domain.queries import SEQ_MAX
from finance.domain.reconciling import Carried, Stock, Stocks
from finance.domain.transfers import is_under_way
from finance.domain.words import CARRYING, Account
from finance.models import Follower, LedgerEntry, PostingGap
from finance.selectors.facts import lot_facts, title_passed
from finance.selectors.rework import steps_left
from finance.selectors.rules import places
from lots.domain.words import LineKind, LotState, UnitOfMeasure, UnitState, Verb
from lots.models import Event, EventLine, Genealogy, Lot, Unit, Wafer

ROWS_AT_ONCE = 5000
ON_REWORK = Q(rework_return_step__isnull=False)
Counts = Mapping[tuple[str, str], int]
"""(lot, unit of measure) → units."""


@dataclass(frozen=True, slots=True)
class LotPlace:
    """Where the lots room says that a lot stands. bound_for: "" for one that is not shipped.

    title_passed: the vendor's own became ours as it was shipped. On rework the lot keeps the stage
    of the step it left.
    """

    facts: LotFacts
    step: int
    custodian: str
    bound_for: str
    title_passed: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """Every lot's place, by its code, and the book that says which stage a step has."""

    book: Book
    places: Mapping[str, LotPlace]

    def placed(self, counts: Counts) -> Stocks:
        """Each count with its stock; what counts nothing is left out."""
        return {
            (lot, self.stock(lot, unit)): units for (lot, unit), units in counts.items() if units
        }

    def stock(self, code: str, unit: str) -> Stock:
        """Where so many of the lot's units stand as are not told apart."""
        lot = self.places[code]
        item, custodian = lot.facts.item, lot.custodian
        try:
            place = self.book.place(lot.step, unit, lot.facts)
        except MissingStageError:
            return Stock("", "", item, unit, custodian)
        account = place.account
        if lot.bound_for and is_under_way(account, title_passed=lot.title_passed):
            account, custodian = Account.IN_TRANSIT, lot.bound_for
        return Stock(account, place.stage, item, unit, custodian)


def standing() -> Standing:
    """As the lots stand now."""
    left, bound = _left_for_rework(), _bound_for()
    lots = Lot.objects.select_related("product__supplier", "custodian").order_by("id")
    stand = {
        lot.code: LotPlace(
            lot_facts(lot),
            left.get(lot.pk, lot.step_id),
            lot.custodian.code,
            *bound.get(lot.pk, ("", False)),
        )
        for lot in lots.iterator(chunk_size=ROWS_AT_ONCE)
    }
    return Standing(Book("", places(), {}, frozenset()), stand)


def _bound_for() -> dict[int, tuple[str, bool]]:
    """Lots on the way → whom they go to, and whether title passed with the shipment."""
    sent = Event.objects.filter(verb=Verb.SHIP, lot__state=LotState.SHIPPED)
    last = sent.order_by("lot_id", "-seq").distinct("lot_id")
    return {
        lot: (payload["to"], title_passed(payload))
        for lot, payload in last.values_list("lot_id", "payload")
    }


def _left_for_rework() -> dict[int, int]:
    """Lots on rework → the step they left."""
    lots = Lot.objects.filter(ON_REWORK).values_list("pk", flat=True)
    return steps_left({pk: (pk, SEQ_MAX) for pk in lots})


def ledger_stocks(place: Standing) -> Carried:
    """What the subledger carries."""
    columns = ("lot", "account", "stage", "item", "unit_of_measure", "custodian")
    rows: Any = LedgerEntry.objects.filter(account__in=CARRYING).order_by().values(*columns)
    found: Counter[tuple[str, Stock]] = Counter()
    money: defaultdict[Stock, Decimal] = defaultdict(Decimal)
    sums = rows.annotate(units=Sum("quantity"), amount=Sum("amount"))
    for row in sums.exclude(units=0, amount=0):
        lot, account, stage, *rest = (row[name] for name in columns)
        if account == Account.COUNT_ADJUSTMENT:
            stock = place.stock(lot, row["unit_of_measure"])
        else:
            stock = Stock(account, stage or "", *rest)
        found[lot, stock] += row["units"]
        money[stock] += row["amount"]
    return Carried({key: units for key, units in found.items() if units}, money)


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


def owed_lots() -> dict[str, bool]:
    """Lots with an event that the subledger has not got yet: not reached, or kept as a gap.

    → whether it carries as many units as their last event before the first of these left.
    """
    first = first_owed()
    before, carried = _left_before(first), _carried(first)
    return {lot: before.get(lot, {}) == carried.get(lot, {}) for lot in first}


def first_owed() -> dict[str, int]:
    """Lots with an event that the subledger has not got yet → seq of the first of these."""
    cursor = Follower.objects.aggregate(seq=Max("seq"))["seq"] or 0
    gaps = PostingGap.objects.filter(closed_at__isnull=True).values("event")
    lines = EventLine.objects.filter(Q(event__seq__gt=cursor) | Q(event__in=gaps))
    named = Event.objects.filter(Q(seq__gt=cursor) | Q(pk__in=gaps))
    first: dict[str, int] = {}
    for rows in (
        lines.values_list("lot__code", "event__seq"),
        named.values_list("lot__code", "seq"),
    ):
        for lot, seq in rows.order_by():
            first[lot] = min(seq, first.get(lot, seq))
    return first


def _left_before(first: Mapping[str, int]) -> dict[str, dict[str, int]]:
    """Lot → unit → what its last line before the event of this seq left; none for nothing."""
    good = EventLine.objects.filter(kind=LineKind.GOOD, lot__code__in=first).order_by("id")
    found: dict[str, dict[str, int]] = {}
    for lot, unit, quantity, seq in good.values_list(
        "lot__code", "unit_of_measure", "quantity", "event__seq"
    ):
        if seq < first[lot]:
            found.setdefault(lot, {})[unit] = quantity
    return {lot: {unit: n for unit, n in units.items() if n} for lot, units in found.items()}


def _carried(lots: Iterable[str]) -> dict[str, dict[str, int]]:
    """Lot → unit → what the subledger carries of it anywhere; none for nothing."""
    rows: Any = LedgerEntry.objects.filter(account__in=CARRYING, lot__in=set(lots)).order_by()
    found: dict[str, dict[str, int]] = {}
    for row in rows.values("lot", "unit_of_measure").annotate(units=Sum("quantity")):
        if row["units"]:
            found.setdefault(row["lot"], {})[row["unit_of_measure"]] = row["units"]
    return found
