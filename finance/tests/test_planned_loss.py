"""Units lost on the way to a stage, as its standard cost plans them: the rest bear them."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from finance.domain.facts import Standard
from finance.domain.legs import Leg, imbalance
from finance.domain.words import Account, EntryKind
from finance.tests.test_rules import BOOK, BUMPED, OWN, VENDOR, Line
from lots.domain.words import LineKind, Verb

BUMPED_AT = Standard(Decimal(150), Decimal("0.8"))
"""Wafers of 100 and work of 20 on each; of ten, eight are good, which bear all: 1,200."""
LOSSY = replace(BOOK, standards={**BOOK.standards, ("DIE", "bumped-wafer"): BUMPED_AT})


def begun(lot: str = "W", step: int = OWN) -> Line:
    line = Line(LOSSY)
    line.receive(lot, "wafer", 10, step)
    return line


def scrapped(line: Line, wafers: int) -> None:
    line.do(Verb.SCRAP, "W", {("W", "wafer"): {LineKind.SCRAP: wafers}}, reason="planned")


def moved(line: Line, step: int, lot: str = "W") -> tuple[Leg, ...]:
    line.steps[lot] = step
    return line.do(Verb.MOVE, lot, {(lot, "wafer"): {}})


def sums(line: Line) -> dict[Account, Decimal]:
    found: dict[Account, Decimal] = {}
    for leg in line.legs:
        account = leg.position.account
        found[account] = found.get(account, Decimal(0)) + leg.amount
    return found


def test_what_is_lost_as_planned_leaves_work_alone_in_conversion() -> None:
    line = begun()
    scrapped(line, 2)
    legs = moved(line, BUMPED)
    assert not imbalance(legs)
    assert sums(line)[Account.NORMAL_SCRAP] == 0
    assert sums(line)[Account.CONVERSION] == -10 * 20
    [planned] = [leg for leg in legs if leg.kind is EntryKind.NORMAL_LOSS]
    assert (planned.position.stage, planned.quantity, planned.amount) == ("wafer", 0, Decimal(-200))


@pytest.mark.parametrize(("wafers", "variance"), [(0, -250), (1, -125), (3, 125)])
def test_what_is_lost_otherwise_stays_in_normal_scrap(wafers: int, variance: int) -> None:
    line = begun()
    if wafers:
        scrapped(line, wafers)
    moved(line, BUMPED)
    assert sums(line)[Account.NORMAL_SCRAP] == variance


def test_the_way_back_takes_it_back() -> None:
    line = begun()
    moved(line, BUMPED)
    legs = moved(line, OWN)
    assert not imbalance(legs)
    assert {account: amount for account, amount in sums(line).items() if amount} == {
        Account.INVENTORY: Decimal(1000),
        Account.SUPPLIER: Decimal(-1000),
    }


def test_the_vendor_bears_its_own() -> None:
    legs = moved(begun(step=VENDOR), BUMPED)
    assert EntryKind.NORMAL_LOSS not in {leg.kind for leg in legs}


def test_engineering_material_bears_nothing() -> None:
    legs = moved(begun("E"), BUMPED, "E")
    assert EntryKind.NORMAL_LOSS not in {leg.kind for leg in legs}


def test_no_more_is_planned_than_the_stage_adds() -> None:
    tiny = replace(BUMPED_AT, unit_cost=Decimal(101))
    line = Line(replace(LOSSY, standards={**LOSSY.standards, ("DIE", "bumped-wafer"): tiny}))
    line.receive("W", "wafer", 10, OWN)
    moved(line, BUMPED)
    assert sums(line)[Account.NORMAL_SCRAP] == -10
    assert sums(line).get(Account.CONVERSION, Decimal(0)) == 0
