"""Standard costs of one supplier's lots: which cost applies, and where the difference goes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

import pytest

from finance.domain.errors import MissingCostError
from finance.domain.facts import Book, Standard
from finance.domain.legs import Leg, Position, Worth, imbalance
from finance.domain.revaluations import LotsApart, lots_by_supplier, off_standard
from finance.domain.words import Account, EntryKind
from finance.tests.test_rules import BOOK, BUMPED, OWN, PACKED, VENDOR, Line
from lots.domain.words import LineKind, Verb

WAFER = {("DIE", "wafer", "SECOND"): Standard(Decimal(130))}
BUMP = {("DIE", "bumped-wafer", "SECOND"): Standard(Decimal(145))}
SORT = {("DIE", "sorted-wafer", "SECOND"): Standard(Decimal(150))}
DIES = {("DIE", "good-die", "SECOND"): Standard(Decimal(32), Decimal("0.5"))}
EVERY = {**WAFER, **BUMP, **SORT, **DIES}
STOCK = Position(Account.INVENTORY, "wafer", "DIE", "wafer", "US", "MAKER")


def book(own: dict[tuple[str, str, str], Standard]) -> Book:
    return replace(BOOK, supplier_standards=own)


def begun(own: dict[tuple[str, str, str], Standard], step: int = OWN, wafers: int = 2) -> Line:
    """S of the second supplier, W of another one."""
    line = Line(book(own))
    line.vendors = {"S": "SECOND"}
    for lot in ("S", "W"):
        line.receive(lot, "wafer", wafers, step)
    return line


def sums(legs: Iterable[Leg]) -> dict[Account, Decimal]:
    found: defaultdict[Account, Decimal] = defaultdict(Decimal)
    for leg in legs:
        found[leg.position.account] += leg.amount
    return {account: amount for account, amount in found.items() if amount}


def carried(line: Line, lot: str) -> Decimal:
    return sum((worth.amount for worth in line.holdings[lot].values()), Decimal(0))


def merged(line: Line, into: str, other: str) -> None:
    units = line.good[other, "wafer"]
    came, left = {LineKind.MERGE_IN: units}, {LineKind.SPLIT_OUT: units}
    line.do(Verb.MERGE, into, {(into, "wafer"): came, (other, "wafer"): left})


def test_a_lot_costs_what_its_supplier_costs_and_any_other_what_all_others_do() -> None:
    line = begun(WAFER)
    assert carried(line, "S") == 260
    assert carried(line, "W") == 200


def test_work_between_two_stages_of_its_own_is_no_variance() -> None:
    legs = begun(EVERY).move("S", "wafer", BUMPED)
    assert sums(legs) == {Account.INVENTORY: Decimal(30), Account.CONVERSION: Decimal(-30)}


def test_where_its_own_costs_end_the_difference_is_a_variance_and_work_stays_work() -> None:
    line = begun(WAFER)
    legs = line.move("S", "wafer", BUMPED)
    assert imbalance(legs) == {}
    assert sums(legs) == {
        Account.INVENTORY: Decimal(-40), Account.CONVERSION: Decimal(-20),
        Account.VARIANCE: Decimal(60),
    }  # fmt: skip
    [variance] = [leg for leg in legs if leg.position.account is Account.VARIANCE]
    assert (variance.kind, variance.lot) == (EntryKind.STANDARD_CHANGE, "S")
    assert carried(line, "S") == 220


def test_title_passes_at_the_cost_of_the_supplier() -> None:
    legs = begun(WAFER, VENDOR).move("S", "wafer", OWN)
    assert sums(legs) == {Account.INVENTORY: Decimal(260), Account.SUPPLIER: Decimal(-260)}


@pytest.mark.parametrize(
    ("into", "other", "variance", "left"), [("W", "S", 60, 440), ("S", "W", -60, 580)]
)
def test_merged_lots_keep_what_they_carry_until_the_next_stage(
    into: str, other: str, variance: int, left: int
) -> None:
    line = begun({**WAFER, **BUMP})
    merged(line, into, other)
    assert carried(line, into) == 460
    legs = line.move(into, "wafer", BUMPED)
    assert sums(legs)[Account.VARIANCE] == variance
    assert carried(line, into) == left


def test_what_is_scrapped_of_it_leaves_at_what_it_carries() -> None:
    line = begun(WAFER)
    legs = line.do(Verb.SCRAP, "S", {("S", "wafer"): {LineKind.SCRAP: 1}}, reason="planned")
    assert sums(legs) == {Account.INVENTORY: Decimal(-130), Account.NORMAL_SCRAP: Decimal(130)}


def test_what_is_found_of_it_comes_in_at_its_suppliers_cost() -> None:
    line = begun(WAFER)
    legs = line.do(Verb.BONUS, "S", {("S", "wafer"): {LineKind.BONUS: 1}}, reason="planned")
    assert sums(legs)[Account.INVENTORY] == 130


@pytest.mark.parametrize(("own", "variance"), [(EVERY, 0), ({**WAFER, **SORT}, 60)])
def test_dies_have_the_suppliers_cost_or_the_difference_is_a_variance(
    own: dict[tuple[str, str, str], Standard], variance: int
) -> None:
    line = begun(own)
    line.move("S", "wafer", 4)
    legs = line.dice("S", 10, 10)
    assert imbalance(legs) == {}
    assert sums(legs).get(Account.VARIANCE, Decimal(0)) == variance
    assert carried(line, "S") == 10 * (25 if variance else 32)


@pytest.mark.parametrize("builder", ["SECOND", "VENDOR"])
def test_what_is_built_bears_the_cost_of_all_others_unless_it_has_the_same_suppliers(
    builder: str,
) -> None:
    line = begun({**EVERY, ("CHIP", "package", "SECOND"): Standard(Decimal(90))})
    line.move("S", "wafer", 4)
    line.dice("S", 10, 10)
    line.steps["P"], line.vendors["P"] = PACKED, builder
    legs = line.do(
        Verb.ASSEMBLE, "P",
        {("S", "die"): {LineKind.CONSUMED: 4}, ("P", "package"): {LineKind.PRODUCED: 2}},
    )  # fmt: skip
    assert imbalance(legs) == {}
    found = sums(legs)
    if builder == "SECOND":
        assert found == {Account.INVENTORY: Decimal(180 - 128), Account.CONVERSION: Decimal(-52)}
    else:
        assert found[Account.VARIANCE] == 4 * (32 - 25)
        assert found[Account.CONVERSION] == -(160 - 4 * 25)


def test_without_a_cost_of_all_others_only_that_supplier_has_one() -> None:
    line = Line(replace(book(WAFER), standards={("DIE", "bumped-wafer"): Standard(Decimal(150))}))
    line.vendors = {"S": "SECOND"}
    line.receive("S", "wafer", 2, OWN)
    legs = line.move("S", "wafer", BUMPED)
    assert sums(legs) == {Account.INVENTORY: Decimal(40), Account.CONVERSION: Decimal(-40)}
    with pytest.raises(MissingCostError, match="for lots of VENDOR") as missing:
        line.receive("W", "wafer", 2, OWN)
    assert missing.value.fields["supplier"] == "VENDOR"


def test_stock_is_revalued_to_the_cost_of_its_supplier() -> None:
    stock = {lot: {STOCK: Worth(2, Decimal(210))} for lot in ("S", "W")}
    new = book(WAFER)
    assert lots_by_supplier(stock, new) == {"S", "W"}
    assert lots_by_supplier(stock, BOOK) == set()
    apart = LotsApart((), (), (), {"S": "SECOND", "W": "VENDOR"})
    lines = off_standard(stock, new, apart)
    assert {line.lot: line.standard for line in lines} == {"S": Decimal(260), "W": Decimal(200)}
