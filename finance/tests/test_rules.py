"""The posting rules over made-up histories: whatever happens, both ledgers agree."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finance.domain.errors import MissingCostError, QuantityError
from finance.domain.facts import Book, EventFacts, LineFacts, LotFacts, Place, Standard
from finance.domain.legs import Holdings, Leg, carried_quantity, imbalance
from finance.domain.posting import post
from finance.domain.words import CARRYING, Account, EntryKind
from lots.domain.words import LineKind, Verb

VENDOR, OWN, BUMPED, DICE, PACKED, BUILT = range(1, 7)
PLACES = {
    (VENDOR, "wafer"): Place(Account.VENDOR_OWNED, "wafer"),
    (OWN, "wafer"): Place(Account.INVENTORY, "wafer"),
    (BUMPED, "wafer"): Place(Account.INVENTORY, "bumped-wafer"),
    (DICE, "wafer"): Place(Account.INVENTORY, "sorted-wafer"),
    (DICE, "die"): Place(Account.INVENTORY, "good-die"),
    (PACKED, "package"): Place(Account.INVENTORY, "package"),
    (BUILT, "package"): Place(Account.CONSTRUCTION, "chip"),
}
STAGES = ["wafer", "bumped-wafer", "sorted-wafer", "good-die", "package", "chip"]
ITEM = {"wafer": "DIE", "die": "DIE", "package": "CHIP"}

costs = st.decimals(0, 100_000, places=6)
ratios = st.none() | st.decimals(Decimal("0.000001"), 1, places=6)


@st.composite
def made_up_books(draw: st.DrawFn) -> Book:
    standards = {
        (item, stage): Standard(draw(costs), draw(ratios))
        for item in ("DIE", "CHIP")
        for stage in STAGES
    }
    keys = st.tuples(st.just("DIE"), st.sampled_from(STAGES), st.sampled_from(["VENDOR", "SECOND"]))
    own = draw(st.dictionaries(keys, st.builds(Standard, costs, ratios), max_size=4))
    return replace(BOOK, standards=standards, supplier_standards=own)


BOOK = Book(
    "US",
    PLACES,
    {
        ("DIE", "wafer"): Standard(Decimal(100)),
        ("DIE", "bumped-wafer"): Standard(Decimal(110)),
        ("DIE", "sorted-wafer"): Standard(Decimal(120)),
        ("DIE", "good-die"): Standard(Decimal(25), Decimal("0.5")),
        ("CHIP", "package"): Standard(Decimal(80)),
    },
    frozenset({"planned"}),
    stage_sequences={stage: number for number, stage in enumerate(STAGES)},
)


class Line:
    """A line as the lots ledger would keep it: quantities by lot and unit, and every leg posted."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.good: dict[tuple[str, str], int] = defaultdict(int)
        self.steps: dict[str, int] = {}
        self.items: dict[str, str] = {}
        self.vendors: dict[str, str] = {}
        self.holdings: Holdings = {}
        self.legs: list[Leg] = []

    def do(
        self,
        verb: Verb,
        lot: str,
        changes: dict[tuple[str, str], dict[LineKind, int]],
        **rest: object,
    ) -> tuple[Leg, ...]:
        """Post an event. changes: (lot, unit) → what came and went beside "in" and "good"."""
        lines = []
        for (code, unit), kinds in changes.items():
            before = self.good[code, unit]
            after = before + sum(
                count if kind in {LineKind.MERGE_IN, LineKind.PRODUCED, LineKind.BONUS} else -count
                for kind, count in kinds.items()
            )
            if verb is Verb.RECEIVE and code not in self.holdings and not kinds:
                after = before
            lines += [
                LineFacts(code, unit, LineKind.IN, before),
                *(LineFacts(code, unit, kind, count) for kind, count in kinds.items()),
                LineFacts(code, unit, LineKind.GOOD, after),
            ]
            self.good[code, unit] = after
        facts = {
            code: LotFacts(
                code,
                self.items.get(code, ITEM[unit]),
                self.vendors.get(code, "VENDOR"),
                not code.startswith("E"),
            )
            for code, unit in changes
        }
        step = self.steps.setdefault(lot, DICE)
        event = EventFacts(verb, lot, step, facts, tuple(lines), **rest)  # type: ignore[arg-type]
        legs = post(event, self.holdings, self.book)
        self.legs += legs
        return legs

    def receive(self, lot: str, unit: str, quantity: int, step: int) -> tuple[Leg, ...]:
        self.good[lot, unit], self.steps[lot] = quantity, step
        return self.do(Verb.RECEIVE, lot, {(lot, unit): {}}, custodian="MAKER")

    def move(self, lot: str, unit: str, step: int) -> tuple[Leg, ...]:
        self.steps[lot] = step
        return self.do(Verb.MOVE, lot, {(lot, unit): {}})

    def arrive(self, lot: str, unit: str, counted: int) -> tuple[Leg, ...]:
        self.do(Verb.SHIP, lot, {(lot, unit): {}}, custodian="MAKER")
        return self.do(Verb.RECEIVE, lot, {(lot, unit): {}}, custodian="TAKER", counted=counted)

    def dice(self, lot: str, good: int, reject: int) -> tuple[Leg, ...]:
        wafers = {LineKind.CONSUMED: self.good[lot, "wafer"]}
        dies = {LineKind.PRODUCED: good + reject, LineKind.REJECT: reject}
        return self.do(Verb.DICE, lot, {(lot, "wafer"): wafers, (lot, "die"): dies})


@given(
    made_up_books(),
    st.integers(1, 25),
    st.sampled_from([VENDOR, OWN, BUMPED]),
    st.lists(st.sampled_from([VENDOR, OWN, BUMPED]), max_size=4),
    st.integers(0, 30),
    st.data(),
)
def test_any_history_balances_and_agrees_with_the_lots_ledger(
    book: Book, wafers: int, start: int, steps: list[int], counted: int, data: st.DataObject
) -> None:
    line = Line(book)
    line.vendors = {"V": "SECOND"}
    line.receive("W", "wafer", wafers, start)
    for step in steps:
        line.move("W", "wafer", step)
    line.arrive("W", "wafer", counted)
    if wafers > 1:
        part = data.draw(st.integers(1, wafers - 1))
        out, back = {LineKind.SPLIT_OUT: part}, {LineKind.MERGE_IN: part}
        line.do(Verb.SPLIT, "W", {("W", "wafer"): out, ("V", "wafer"): back})
        line.do(Verb.SCRAP, "V", {("V", "wafer"): {LineKind.SCRAP: 1}}, reason="planned")
        rest = line.good["V", "wafer"]
        out, back = {LineKind.SPLIT_OUT: rest}, {LineKind.MERGE_IN: rest}
        line.do(Verb.MERGE, "W", {("W", "wafer"): back, ("V", "wafer"): out})
    line.move("W", "wafer", DICE)
    line.dice("W", data.draw(st.integers(2, 500)), data.draw(st.integers(0, 500)))
    built = data.draw(st.integers(1, line.good["W", "die"] // 2))
    line.steps["P"] = PACKED
    line.do(
        Verb.ASSEMBLE,
        "P",
        {
            ("W", "die"): {LineKind.CONSUMED: 2 * built},
            ("P", "package"): {LineKind.PRODUCED: built},
        },
    )
    line.do(Verb.SCRAP, "P", {("P", "package"): {LineKind.SCRAP: 1}}, reason="dropped")
    line.move("P", "package", BUILT)
    assert imbalance(line.legs) == {}
    for (lot, unit), good in line.good.items():
        assert carried_quantity(line.holdings.get(lot, {}), unit) == good
    carried = sum(leg.amount for leg in line.legs if leg.position.account in CARRYING)
    held = sum(worth.amount for lot in line.holdings.values() for worth in lot.values())
    assert carried == held


def test_what_leaves_whole_leaves_no_money_behind() -> None:
    book = replace(BOOK, standards={("DIE", "good-die"): Standard(Decimal("0.333333"))})
    line = Line(book)
    line.receive("D", "die", 7, DICE)
    for count in (3, 2, 2):
        line.do(Verb.SCRAP, "D", {("D", "die"): {LineKind.SCRAP: count}}, reason="planned")
    assert line.holdings["D"] == {}


def test_an_arrival_with_more_than_was_shipped_is_in_dispute_below_zero() -> None:
    line = Line(BOOK)
    line.receive("W", "wafer", 2, OWN)
    disputed = [
        (leg.position.account, leg.quantity, leg.amount)
        for leg in line.arrive("W", "wafer", 3)
        if leg.kind is EntryKind.COUNT_DIFFERENCE
    ]
    assert disputed == [
        (Account.INVENTORY, 1, Decimal(100)),
        (Account.COUNT_ADJUSTMENT, -1, Decimal(-100)),
    ]


def test_an_arrival_of_nothing_but_disputed_units_changes_nothing() -> None:
    line = Line(BOOK)
    line.receive("W", "wafer", 2, OWN)
    line.arrive("W", "wafer", 0)
    assert line.arrive("W", "wafer", 0) == ()


def test_units_in_dispute_are_the_last_to_leave_with_a_split() -> None:
    line = Line(BOOK)
    line.receive("W", "wafer", 3, OWN)
    line.arrive("W", "wafer", 2)
    out, back = {LineKind.SPLIT_OUT: 2}, {LineKind.MERGE_IN: 2}
    line.do(Verb.SPLIT, "W", {("W", "wafer"): out, ("V", "wafer"): back})
    assert {position.account for position in line.holdings["V"]} == {Account.INVENTORY}
    assert {position.account for position in line.holdings["W"]} == {Account.COUNT_ADJUSTMENT}


def test_more_than_is_carried_cannot_leave() -> None:
    line = Line(BOOK)
    line.receive("W", "wafer", 2, OWN)
    with pytest.raises(QuantityError, match="carries 2 wafer"):
        line.do(Verb.SCRAP, "W", {("W", "wafer"): {LineKind.SCRAP: 3}}, reason="planned")


def test_an_event_that_tells_another_quantity_than_the_books_is_refused() -> None:
    line = Line(BOOK)
    line.receive("W", "wafer", 2, OWN)
    line.good["W", "wafer"] = 5
    before = dict(line.holdings["W"])
    with pytest.raises(QuantityError, match="has 5 wafer in the lots ledger but 2"):
        line.move("W", "wafer", BUMPED)
    assert line.holdings["W"] == before


def test_a_conversion_into_nothing_is_refused() -> None:
    line = Line(BOOK)
    line.receive("W", "wafer", 1, OWN)
    with pytest.raises(QuantityError, match="produced nothing"):
        line.do(Verb.DICE, "W", {("W", "wafer"): {LineKind.CONSUMED: 1}})


def test_a_stage_without_a_cost_is_named() -> None:
    line = Line(BOOK)
    line.receive("P", "package", 1, PACKED)
    with pytest.raises(MissingCostError, match="CHIP at stage chip"):
        line.move("P", "package", BUILT)


def test_engineering_material_needs_neither_stage_nor_cost() -> None:
    line = Line(replace(BOOK, places={}, standards={}))
    legs = line.receive("E1", "wafer", 2, OWN)
    assert [leg.amount for leg in legs] == [0, 0]


def test_an_amended_lot_that_is_worth_what_it_was_moves_nothing() -> None:
    line = Line(BOOK)
    line.receive("W", "wafer", 2, OWN)
    line.receive("E1", "wafer", 2, OWN)
    for lot in ("W", "E1"):
        assert line.do(Verb.AMEND, lot, {(lot, "wafer"): {}}) == ()


def test_an_amount_that_no_line_can_hold_is_refused() -> None:
    costly = replace(BOOK, standards={("DIE", "wafer"): Standard(Decimal(10) ** 12)})
    with pytest.raises(QuantityError, match="more than a line can hold"):
        Line(costly).receive("W", "wafer", 100, OWN)


def test_a_hold_moves_nothing() -> None:
    line = Line(BOOK)
    line.receive("W", "wafer", 2, OWN)
    assert line.do(Verb.HOLD, "W", {}) == ()
