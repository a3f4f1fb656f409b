"""The posting rules of counts: what opens a dispute, and what ends it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finance.domain.facts import Standard
from finance.domain.words import Account
from finance.tests.test_rules import BOOK, BUMPED, OWN, VENDOR, Line
from finance.tests.test_verb_rules import on
from lots.domain.words import LineKind, Verb

W = ("W", "wafer")


def counted(quantity: int, found: int, step: int = OWN) -> Line:
    """A lot of so many wafers, of which so many arrived."""
    line = Line(replace(BOOK, missing_reasons=frozenset({"missing"})))
    line.receive("W", "wafer", quantity, step)
    line.arrive("W", "wafer", found)
    return line


def carried(line: Line) -> dict[Account, tuple[int, Decimal]]:
    found: dict[Account, tuple[int, Decimal]] = {}
    for position, worth in line.holdings["W"].items():
        units, amount = found.get(position.account, (0, Decimal(0)))
        found[position.account] = units + worth.quantity, amount + worth.amount
    return found


def moved(line: Line, step: int, found: int) -> None:
    line.steps["W"] = step
    line.do(Verb.MOVE, "W", {W: {}}, counted=found)


def test_units_counted_extra_and_found_are_in_stock_once() -> None:
    line = counted(10, 12)
    legs = line.do(Verb.BONUS, "W", {W: {LineKind.BONUS: 2}}, reason="found")
    assert carried(line) == {Account.INVENTORY: (12, Decimal(1200))}
    assert on(legs, Account.ABNORMAL_SCRAP) == (-2, Decimal(-200))


def test_more_found_than_was_counted_extra_comes_in_at_standard() -> None:
    line = counted(10, 12)
    moved(line, BUMPED, 12)
    line.do(Verb.BONUS, "W", {W: {LineKind.BONUS: 3}}, reason="found")
    assert carried(line) == {Account.INVENTORY: (13, Decimal(1430))}


def test_fewer_found_than_were_counted_extra_leave_the_rest_in_dispute() -> None:
    line = counted(10, 13)
    line.do(Verb.BONUS, "W", {W: {LineKind.BONUS: 1}}, reason="found")
    assert carried(line)[Account.INVENTORY] == (13, Decimal(1300))
    assert carried(line)[Account.COUNT_ADJUSTMENT] == (-2, Decimal(-200))


def test_units_found_beside_missing_ones_are_extra() -> None:
    line = counted(10, 8)
    line.do(Verb.BONUS, "W", {W: {LineKind.BONUS: 1}}, reason="found")
    assert carried(line)[Account.INVENTORY] == (9, Decimal(900))
    assert carried(line)[Account.COUNT_ADJUSTMENT] == (2, Decimal(200))


def test_wafers_counted_extra_and_received_by_name_are_bought_once() -> None:
    line = counted(10, 12)
    legs = line.do(Verb.RECEIVE, "W", {W: {LineKind.BONUS: 2}}, custodian="TAKER")
    assert on(legs, Account.SUPPLIER) == (-2, Decimal(-200))
    assert carried(line) == {Account.INVENTORY: (12, Decimal(1200))}


@pytest.mark.parametrize("verb", [Verb.BONUS, Verb.RECEIVE])
def test_a_vendors_own_counted_extra_and_found_costs_nothing_and_is_bought_once(verb: Verb) -> None:
    line = counted(10, 12, VENDOR)
    line.do(verb, "W", {W: {LineKind.BONUS: 2}}, custodian="TAKER")
    assert carried(line) == {Account.VENDOR_OWNED: (12, Decimal(0))}
    line.move("W", "wafer", OWN)
    assert on(tuple(line.legs), Account.SUPPLIER) == (-10, Decimal(-1200))


def test_missing_units_that_the_next_arrival_counts_are_back() -> None:
    line = counted(10, 8)
    line.arrive("W", "wafer", 10)
    assert carried(line) == {Account.INVENTORY: (10, Decimal(1000))}


def test_missing_units_that_a_move_counts_are_worth_what_their_lot_is() -> None:
    line = counted(10, 8)
    moved(line, BUMPED, 9)
    assert carried(line)[Account.INVENTORY] == (9, Decimal(990))
    assert carried(line)[Account.COUNT_ADJUSTMENT] == (1, Decimal(100))
    assert on(tuple(line.legs), Account.CONVERSION) == (0, Decimal(-90))


def test_extra_units_that_are_not_counted_again_leave_with_the_work_on_them() -> None:
    line = counted(10, 12)
    line.move("W", "wafer", BUMPED)
    line.arrive("W", "wafer", 10)
    assert carried(line) == {Account.INVENTORY: (10, Decimal(1100))}
    assert on(tuple(line.legs), Account.CONVERSION) == (0, Decimal(-100))


def test_extra_units_that_are_not_counted_again_give_back_their_planned_loss() -> None:
    book = replace(
        BOOK,
        standards=dict(BOOK.standards)
        | {("DIE", "bumped-wafer"): Standard(Decimal(135), Decimal("0.8"))},
    )
    line, like = Line(book), Line(book)
    line.receive("W", "wafer", 10, OWN)
    line.arrive("W", "wafer", 12)
    line.move("W", "wafer", BUMPED)
    line.arrive("W", "wafer", 10)
    like.receive("W", "wafer", 10, OWN)
    like.move("W", "wafer", BUMPED)
    for account in (Account.NORMAL_SCRAP, Account.CONVERSION):
        assert on(tuple(line.legs), account) == on(tuple(like.legs), account)
    assert on(tuple(like.legs), Account.NORMAL_SCRAP) == (0, Decimal(-250))


def test_a_vendors_own_that_turns_up_after_title_passed_is_bought() -> None:
    line = counted(10, 8, VENDOR)
    moved(line, OWN, 10)
    assert carried(line) == {Account.INVENTORY: (10, Decimal(1000))}
    assert on(tuple(line.legs), Account.SUPPLIER) == (-10, Decimal(-1000))


def test_a_lot_that_is_all_in_dispute_turns_up_where_its_step_says() -> None:
    line = counted(2, 0)
    line.arrive("W", "wafer", 3)
    assert carried(line)[Account.INVENTORY] == (3, Decimal(300))
    assert carried(line)[Account.COUNT_ADJUSTMENT] == (-1, Decimal(-100))


def test_a_count_told_with_a_move_opens_no_dispute() -> None:
    line = Line(BOOK)
    line.receive("W", "wafer", 10, OWN)
    moved(line, BUMPED, 8)
    assert set(carried(line)) == {Account.INVENTORY}


def test_a_count_of_a_lot_that_carries_nothing_says_nothing() -> None:
    line = Line(BOOK)
    line.do(Verb.MOVE, "W", {W: {}}, counted=1)
    assert line.legs == []


@pytest.mark.parametrize(
    ("reason", "left"), [("missing", Account.INVENTORY), ("dropped", Account.COUNT_ADJUSTMENT)]
)
def test_only_a_loss_of_missing_units_settles_a_dispute(reason: str, left: Account) -> None:
    line = counted(10, 8)
    before = carried(line)[left]
    line.do(Verb.LOSS, "W", {W: {LineKind.LOSS: 2}}, reason=reason)
    assert carried(line)[left] == before


def test_more_lost_otherwise_than_is_there_takes_what_is_in_dispute_last() -> None:
    line = counted(10, 8)
    line.do(Verb.LOSS, "W", {W: {LineKind.LOSS: 9}}, reason="dropped")
    assert carried(line) == {Account.COUNT_ADJUSTMENT: (1, Decimal(100))}


@given(
    st.integers(1, 25),
    st.lists(st.tuples(st.sampled_from([VENDOR, OWN, BUMPED]), st.integers(0, 30)), max_size=6),
)
def test_after_any_arrivals_there_is_as_much_as_was_counted_last(
    wafers: int, arrivals: list[tuple[int, int]]
) -> None:
    line = Line(BOOK)
    line.receive("W", "wafer", wafers, OWN)
    for step, found in arrivals:
        line.move("W", "wafer", step)
        line.arrive("W", "wafer", found)
        own = carried(line)
        disputed, _ = own.pop(Account.COUNT_ADJUSTMENT, (0, Decimal(0)))
        assert sum(units for units, _ in own.values()) == found
        assert disputed == wafers - found
