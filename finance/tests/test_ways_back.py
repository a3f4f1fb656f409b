"""A way back takes back what the way there did: at standards, whoever has which costs."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finance.domain.facts import Book, EventFacts, LineFacts, LotFacts, Standard
from finance.domain.legs import Leg
from finance.domain.posting import post
from finance.domain.words import Account, EntryKind
from finance.tests.test_rules import BOOK, BUMPED, DICE, OWN, VENDOR, Line, made_up_books
from finance.tests.test_supplier_rules import sums
from lots.domain.words import LineKind, Verb

SUPPLIERS = st.sampled_from(["VENDOR", "SECOND"])
STEPS = st.lists(st.sampled_from([VENDOR, OWN, BUMPED, DICE]), min_size=2, max_size=2, unique=True)


def with_own(stage: str, unit_cost: int, ratio: str | None = None) -> Book:
    own = Standard(Decimal(unit_cost), Decimal(ratio) if ratio else None)
    return replace(BOOK, supplier_standards={("DIE", stage, "SECOND"): own})


def begun(book: Book, step: int = OWN, supplier: str = "SECOND", wafers: int = 2) -> Line:
    line = Line(book)
    line.vendors = {"S": supplier}
    line.receive("S", "wafer", wafers, step)
    return line


def there_and_back(line: Line, start: int, end: int) -> tuple[Leg, ...]:
    return (*line.move("S", "wafer", end), *line.move("S", "wafer", start))


@pytest.mark.parametrize(
    "book",
    [
        with_own("wafer", 130),
        with_own("bumped-wafer", 145),
        with_own("bumped-wafer", 145, "0.8"),
        with_own("bumped-wafer", 90, "0.8"),
    ],
)
def test_a_way_back_leaves_nothing_behind(book: Book) -> None:
    line = begun(book)
    before = dict(line.holdings["S"])
    assert sums(there_and_back(line, OWN, BUMPED)) == {}
    assert line.holdings["S"] == before


@given(made_up_books(), SUPPLIERS, STEPS, st.integers(1, 25))
def test_there_and_back_is_nothing_at_any_costs(
    book: Book, supplier: str, steps: list[int], wafers: int
) -> None:
    start, end = steps
    line = begun(book, start, supplier, wafers)
    before = dict(line.holdings["S"])
    legs = there_and_back(line, start, end)
    assert sums(legs) == {}
    assert line.holdings["S"] == before


@given(made_up_books(), SUPPLIERS)
def test_normal_scrap_and_variance_have_nothing_left_at_any_stage(
    book: Book, supplier: str
) -> None:
    legs = there_and_back(begun(book, OWN, supplier), OWN, BUMPED)
    wanted = {Account.NORMAL_SCRAP, Account.VARIANCE}
    for stage in {leg.position.stage for leg in legs}:
        there = [leg for leg in legs if leg.position.stage == stage]
        assert sums([leg for leg in there if leg.position.account in wanted]) == {}


def test_a_dearer_standard_since_is_the_only_variance_on_the_way_back() -> None:
    line = begun(with_own("wafer", 130))
    there = line.move("S", "wafer", BUMPED)
    dearer = {**BOOK.standards, ("DIE", "bumped-wafer"): Standard(Decimal(112))}
    line.book = replace(line.book, standards=dearer)
    back = line.move("S", "wafer", OWN)
    assert sums([*there, *back])[Account.VARIANCE] == 2 * (110 - 112)
    changes = [leg.amount for leg in back if leg.kind is EntryKind.STANDARD_CHANGE]
    assert changes == [Decimal(-60), Decimal(-4)]


def test_a_cheaper_later_stage_bears_no_planned_loss() -> None:
    legs = begun(with_own("bumped-wafer", 90, "0.8")).move("S", "wafer", BUMPED)
    assert EntryKind.NORMAL_LOSS not in {leg.kind for leg in legs}


@given(made_up_books(), SUPPLIERS)
def test_to_engineering_and_back_is_nothing(book: Book, supplier: str) -> None:
    line = begun(book, OWN, supplier)
    before = dict(line.holdings["S"])
    lines = tuple(LineFacts("S", "wafer", kind, 2) for kind in (LineKind.IN, LineKind.GOOD))
    legs: list[Leg] = []
    for is_valued in (False, True):
        lot = LotFacts("S", "DIE", supplier, is_valued)
        legs += post(EventFacts(Verb.AMEND, "S", OWN, {"S": lot}, lines), line.holdings, book)
    assert sums(legs) == {}
    assert line.holdings["S"] == before


def test_title_goes_back_at_what_it_passed_at() -> None:
    line = begun(with_own("wafer", 130))
    legs = line.move("S", "wafer", VENDOR)
    assert sums(legs) == {Account.INVENTORY: Decimal(-260), Account.SUPPLIER: Decimal(260)}
