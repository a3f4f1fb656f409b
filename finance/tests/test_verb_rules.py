"""The posting rules of losses, finds, track-outs, swaps and corrections."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finance.domain.errors import QuantityError
from finance.domain.facts import Lost
from finance.domain.legs import Leg, Worth
from finance.domain.words import Account
from finance.tests.test_rules import BOOK, BUMPED, DICE, OWN, PACKED, VENDOR, Line
from lots.domain.words import LineKind, Verb


def on(legs: tuple[Leg, ...], account: Account) -> tuple[int, Decimal]:
    """Units and money that the legs bring to the account."""
    own = [leg for leg in legs if leg.position.account is account]
    return sum(leg.quantity for leg in own), sum((leg.amount for leg in own), Decimal(0))


def holding(wafers: int = 5, step: int = OWN) -> Line:
    line = Line(BOOK)
    line.receive("W", "wafer", wafers, step)
    return line


def test_a_loss_is_posted_as_scrap_is() -> None:
    legs = holding().do(Verb.LOSS, "W", {("W", "wafer"): {LineKind.LOSS: 2}}, reason="planned")
    assert on(legs, Account.NORMAL_SCRAP) == (2, Decimal(200))


@pytest.mark.parametrize(
    ("reason", "account"), [("planned", Account.NORMAL_SCRAP), ("found", Account.ABNORMAL_SCRAP)]
)
def test_a_bonus_is_the_reverse_of_scrap(reason: str, account: Account) -> None:
    legs = holding().do(Verb.BONUS, "W", {("W", "wafer"): {LineKind.BONUS: 2}}, reason=reason)
    assert on(legs, account) == (-2, Decimal(-200))
    assert on(legs, Account.INVENTORY) == (2, Decimal(200))


def test_a_vendors_bonus_is_the_vendors_until_title_passes() -> None:
    line = holding(step=VENDOR)
    legs = line.do(Verb.BONUS, "W", {("W", "wafer"): {LineKind.BONUS: 2}})
    assert on(legs, Account.VENDOR_OWNED) == (2, Decimal(0))
    assert on(legs, Account.SUPPLIER) == (-2, Decimal(0))


def test_a_bonus_for_an_emptied_lot_stands_where_its_step_says() -> None:
    line = holding(2)
    line.do(Verb.LOSS, "W", {("W", "wafer"): {LineKind.LOSS: 2}})
    legs = line.do(Verb.BONUS, "W", {("W", "wafer"): {LineKind.BONUS: 1}}, custodian="MAKER")
    assert on(legs, Account.INVENTORY) == (1, Decimal(100))


def test_a_track_out_loses_by_reason_and_moves_the_rest_on() -> None:
    line = holding()
    line.steps["W"] = BUMPED
    legs = line.do(
        Verb.TRACK_OUT,
        "W",
        {("W", "wafer"): {LineKind.SCRAP: 1, LineKind.LOSS: 1, LineKind.BONUS: 1}},
        lost=(Lost("planned", 1), Lost("dropped", 1)),
        bonus_reason="found",
    )
    assert on(legs, Account.NORMAL_SCRAP) == (1, Decimal(100))
    assert on(legs, Account.ABNORMAL_SCRAP) == (0, Decimal(0))
    stages = {position.stage: worth for position, worth in line.holdings["W"].items()}
    assert (stages["bumped-wafer"].quantity, stages["bumped-wafer"].amount) == (4, Decimal(440))


def packages() -> Line:
    line = Line(BOOK)
    line.receive("SPARE", "package", 3, PACKED)
    return line


def test_a_part_taken_out_is_carried_at_what_the_part_put_in_was() -> None:
    line = packages()
    line.do(
        Verb.SWAP,
        "BACK",
        {
            ("SPARE", "package"): {LineKind.CONSUMED: 1},
            ("BACK", "package"): {LineKind.PRODUCED: 1},
        },
    )
    (worth,) = line.holdings["BACK"].values()
    assert (worth.quantity, worth.amount) == (1, Decimal(80))


def test_a_part_comes_to_where_its_lot_stands_or_stays_where_no_step_says() -> None:
    for step in (VENDOR, PACKED):
        line = packages()
        line.steps["BACK"] = step
        changes = {
            ("SPARE", "package"): {LineKind.CONSUMED: 1},
            ("BACK", "package"): {LineKind.PRODUCED: 1},
        }
        line.do(Verb.SWAP, "BACK", changes)
        ((position, worth),) = line.holdings["BACK"].items()
        assert (position.account, position.stage) == (Account.INVENTORY, "package")
        assert worth.quantity == 1


@pytest.mark.parametrize(
    ("reason", "account"), [("planned", Account.NORMAL_SCRAP), ("burnt", Account.ABNORMAL_SCRAP)]
)
def test_a_bad_part_taken_out_is_scrap(reason: str, account: Account) -> None:
    legs = packages().do(
        Verb.SWAP,
        "BACK",
        {
            ("SPARE", "package"): {LineKind.CONSUMED: 1},
            ("BACK", "package"): {LineKind.PRODUCED: 1, LineKind.REJECT: 1},
        },
        reason=reason,
    )
    assert on(legs, account) == (1, Decimal(80))


@given(st.integers(1, 30), st.data())
def test_a_correction_leaves_what_stood_before(wafers: int, data: st.DataObject) -> None:
    line = holding(wafers)
    before = dict(line.holdings["W"])
    lost = data.draw(st.integers(1, wafers))
    legs = line.do(Verb.SCRAP, "W", {("W", "wafer"): {LineKind.SCRAP: lost}}, reason="planned")
    back = {LineKind.BONUS: lost}
    line.do(Verb.CORRECT, "W", {("W", "wafer"): back}, undone=legs)
    assert line.holdings["W"] == before


def test_binned_units_pass_to_their_new_lot_and_item_at_what_they_carry() -> None:
    line = Line(BOOK)
    line.receive("D", "die", 4, DICE)
    line.items["LOW"] = "LESSER"
    out, back = {LineKind.SPLIT_OUT: 3}, {LineKind.MERGE_IN: 3}
    line.do(Verb.BIN, "D", {("D", "die"): out, ("LOW", "die"): back})
    ((position, worth),) = line.holdings["LOW"].items()
    assert (position.item, worth.quantity, worth.amount) == ("LESSER", 3, Decimal(75))


def assembled(wafers: int = 4, step: int = OWN) -> tuple[Line, tuple[Leg, ...]]:
    """Dies made of the wafers of one lot, and what that posted."""
    line = Line(BOOK)
    line.receive("W", "wafer", 5, step)
    line.receive("OTHER", "wafer", 5, OWN)
    used, made = {LineKind.CONSUMED: wafers}, {LineKind.PRODUCED: 8}
    line.steps["D"] = DICE
    legs = line.do(Verb.ASSEMBLE, "D", {("W", "wafer"): used, ("D", "die"): made})
    return line, legs


def retold(line: Line, posted: tuple[Leg, ...], count: int, back: str = "W") -> tuple[Leg, ...]:
    """So many wafers came from the one lot, not from the other, which takes them back."""
    took = {"W": "OTHER", "OTHER": "W"}[back]
    changes = {
        (back, "wafer"): {LineKind.PRODUCED: count},
        (took, "wafer"): {LineKind.CONSUMED: count},
    }
    return line.do(Verb.REISSUE, "D", changes, undone=posted)


@pytest.mark.parametrize("step", [OWN, VENDOR])
def test_a_retelling_and_its_way_back_leave_what_stood_before(step: int) -> None:
    line, legs = assembled(step=step)
    before = {lot: dict(line.holdings[lot]) for lot in ("W", "OTHER", "D")}
    there = retold(line, legs, 3)
    retold(line, legs + there, 3, back="OTHER")
    assert {lot: line.holdings[lot] for lot in before} == before
    for account in (Account.SUPPLIER, Account.CONVERSION, Account.VARIANCE):
        assert on(tuple(line.legs[-len(there) :]) + there, account) == (0, Decimal(0))


def test_what_the_vendor_was_paid_for_a_lot_not_used_goes_back() -> None:
    line, legs = assembled(step=VENDOR)
    assert on(legs, Account.SUPPLIER) == (0, Decimal(-400))
    again = retold(line, legs, 3)
    assert on(again, Account.SUPPLIER) == (0, Decimal(300))
    assert on(again, Account.VENDOR_OWNED) == (3, Decimal(0))
    assert on(again, Account.INVENTORY) == (-3, Decimal(-300))
    assert on(again, Account.CONVERSION) == (0, Decimal(0))


def test_another_amount_carried_is_a_change_of_standard() -> None:
    line, legs = assembled()
    (position,) = line.holdings["OTHER"]
    line.holdings["OTHER"][position] = Worth(5, Decimal(550))
    again = retold(line, legs, 2)
    assert on(again, Account.VARIANCE) == (0, Decimal(20))
    assert on(again, Account.CONVERSION) == (0, Decimal(0))


def test_each_item_told_anew_bears_its_own_variance() -> None:
    line = Line(BOOK)
    line.items |= {"M": "MORE", "NEWER": "MORE"}
    book = {**BOOK.standards, ("MORE", "wafer"): BOOK.standards["DIE", "wafer"]}
    line.book = replace(BOOK, standards=book)
    for lot in ("W", "OTHER", "M", "NEWER"):
        line.receive(lot, "wafer", 5, OWN)
    line.steps["D"] = DICE
    used = {(lot, "wafer"): {LineKind.CONSUMED: 2} for lot in ("W", "M")}
    legs = line.do(Verb.ASSEMBLE, "D", {**used, ("D", "die"): {LineKind.PRODUCED: 8}})
    for lot, amount in (("OTHER", 550), ("NEWER", 600)):
        (position,) = line.holdings[lot]
        line.holdings[lot][position] = Worth(5, Decimal(amount))
    back = {(lot, "wafer"): {LineKind.PRODUCED: 2} for lot in ("W", "M")}
    took = {(lot, "wafer"): {LineKind.CONSUMED: 2} for lot in ("OTHER", "NEWER")}
    again = line.do(Verb.REISSUE, "D", {**back, **took}, undone=legs)
    own = [leg for leg in again if leg.position.account is Account.VARIANCE]
    assert {leg.position.item: leg.amount for leg in own} == {
        "DIE": Decimal(20),
        "MORE": Decimal(40),
    }


def test_what_returns_stands_with_the_rest_of_its_lot() -> None:
    line, legs = assembled()
    line.move("W", "wafer", BUMPED)
    retold(line, legs, 4)
    ((position, worth),) = line.holdings["W"].items()
    assert (position.stage, worth) == ("bumped-wafer", Worth(5, Decimal(550)))


def test_a_lot_used_up_takes_back_what_was_carried() -> None:
    line, legs = assembled(5)
    assert line.holdings["W"] == {}
    retold(line, legs, 2)
    assert [*line.holdings["W"].values()] == [Worth(2, Decimal(200))]


def test_no_more_returns_than_was_posted() -> None:
    line, legs = assembled()
    with pytest.raises(QuantityError):
        retold(line, legs, 5)
