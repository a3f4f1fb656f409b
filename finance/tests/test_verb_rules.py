"""The posting rules of losses, finds, track-outs, swaps and corrections."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finance.domain.facts import Lost
from finance.domain.legs import Leg
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


def test_on_rework_material_keeps_its_value() -> None:
    line = holding()
    before = dict(line.holdings["W"])
    line.steps["W"] = BUMPED
    assert line.do(Verb.MOVE, "W", {("W", "wafer"): {}}, is_on_rework=True) == ()
    assert line.holdings["W"] == before


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


def test_binned_units_pass_to_their_new_lot_at_what_they_carry() -> None:
    line = Line(BOOK)
    line.receive("D", "die", 4, DICE)
    out, back = {LineKind.SPLIT_OUT: 3}, {LineKind.MERGE_IN: 3}
    line.do(Verb.BIN, "D", {("D", "die"): out, ("LOW", "die"): back})
    (worth,) = line.holdings["LOW"].values()
    assert (worth.quantity, worth.amount) == (3, Decimal(75))
