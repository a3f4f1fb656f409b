from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finance.domain import revaluations
from finance.domain.facts import Book, Standard
from finance.domain.legs import Holdings, Leg, Position, Worth, carry, imbalance
from finance.domain.revaluations import (
    LotsApart,
    PostedTotal,
    StockLine,
    off_standard,
    posted_totals,
    revalue_stock,
    totals,
)
from finance.domain.words import Account, EntryKind, LeftOutReason
from supplychain.base.errors import RefusedError

CHIP = Position(Account.INVENTORY, "chip", "TRN2", "package", "US", "OSAT1")
AWAY = replace(CHIP, account=Account.IN_TRANSIT)
DISPUTED = replace(CHIP, account=Account.COUNT_ADJUSTMENT)
DIE = Position(Account.INVENTORY, "good-die", "DIE", "die", "US", "OSAT2")
BOOK = Book(
    "US",
    {},
    {("TRN2", "chip"): Standard(Decimal(90)), ("DIE", "good-die"): Standard(Decimal("1.5"))},
    frozenset(),
)
NONE = LotsApart((), (), ())
accounts = st.sampled_from([Account.INVENTORY, Account.IN_TRANSIT])
places = st.builds(
    Position,
    accounts,
    st.just("chip"),
    st.sampled_from(["TRN2", "TRN3"]),
    st.just("package"),
    st.just("US"),
    st.sampled_from(["OSAT1", "OSAT2"]),
)
money = st.decimals(0, 10**9, places=6)
worths = st.builds(Worth, st.integers(1, 10**4), money)
stocks = st.dictionaries(
    st.sampled_from("ABCDE"), st.dictionaries(places, worths, min_size=1), min_size=1
)
costs = st.decimals(0, 10**6, places=6)


def line(carried: int, standard: int, position: Position = CHIP, lot: str = "L") -> StockLine:
    return StockLine(lot, position, 1, Decimal(carried), Decimal(standard))


def only(holdings: Holdings, apart: LotsApart = NONE) -> StockLine:
    [found] = off_standard(holdings, BOOK, apart)
    return found


@given(stocks, costs, costs)
def test_after_it_every_lot_is_carried_at_standard(
    holdings: Holdings, one: Decimal, two: Decimal
) -> None:
    standards = {("TRN2", "chip"): Standard(one), ("TRN3", "chip"): Standard(two)}
    book = Book("US", {}, standards, frozenset())
    legs = revalue_stock(off_standard(holdings, book, NONE))
    assert imbalance(legs) == {}
    carry(holdings, legs)
    assert off_standard(holdings, book, NONE) == []


def test_each_lot_has_a_line_and_all_that_are_alike_one_variance() -> None:
    lines = [line(100, 90), line(80, 90, lot="M"), line(100, 70, AWAY), line(5, 6, DIE)]
    assert revalue_stock(lines) == (
        Leg(EntryKind.REVALUATION, CHIP, "L", 0, Decimal(-10)),
        Leg(EntryKind.REVALUATION, CHIP, "M", 0, Decimal(10)),
        Leg(EntryKind.REVALUATION, AWAY, "L", 0, Decimal(-30)),
        Leg(EntryKind.REVALUATION, DIE, "L", 0, Decimal(1)),
        Leg(EntryKind.REVALUATION, replace(CHIP, account=Account.VARIANCE), "", 0, Decimal(30)),
        Leg(EntryKind.REVALUATION, replace(DIE, account=Account.VARIANCE), "", 0, Decimal(-1)),
    )


def test_differences_that_cancel_leave_no_variance() -> None:
    legs = revalue_stock([line(100, 90), line(80, 90, lot="M")])
    assert [leg.position.account for leg in legs] == [Account.INVENTORY, Account.INVENTORY]


def test_stock_at_standard_is_no_line() -> None:
    assert off_standard({"L": {CHIP: Worth(2, Decimal(180))}}, BOOK, NONE) == []


@pytest.mark.parametrize(
    ("holdings", "apart", "reason"),
    [
        ({"L": {DISPUTED: Worth(1, Decimal(100))}}, NONE, LeftOutReason.IN_DISPUTE),
        ({"L": {CHIP: Worth(1, Decimal(100))}}, LotsApart({"L"}, (), ()), LeftOutReason.NOT_POSTED),
        (
            {"L": {CHIP: Worth(1, Decimal(100))}},
            LotsApart((), {"L"}, ()),
            LeftOutReason.MOVED_LATER,
        ),
        (
            {"L": {CHIP: Worth(1, Decimal(80))}},
            LotsApart((), (), {"L"}),
            LeftOutReason.WRITTEN_DOWN,
        ),
        (
            {"L": {replace(CHIP, stage="tested"): Worth(1, Decimal(80))}},
            NONE,
            LeftOutReason.NO_COST,
        ),
    ],
)
def test_what_is_left_out_says_why(
    holdings: Holdings, apart: LotsApart, reason: LeftOutReason
) -> None:
    found = only(holdings, apart)
    assert found.left_out is reason
    assert revalue_stock([found]) == ()
    assert totals([found]) == []


def test_a_written_down_lot_is_lowered() -> None:
    found = only({"L": {CHIP: Worth(1, Decimal(100))}}, LotsApart((), (), {"L"}))
    assert (found.left_out, found.difference) == (None, Decimal(-10))


def test_without_a_cost_there_is_no_difference() -> None:
    found = only({"L": {replace(CHIP, stage="tested"): Worth(1, Decimal(80))}})
    assert (found.standard, found.difference) == (None, Decimal(0))


def test_engineering_material_is_worth_nothing_and_stays_so() -> None:
    at = replace(CHIP, stage="engineering")
    assert off_standard({"L": {at: Worth(3, Decimal(0))}}, BOOK, NONE) == []


def test_totals_are_by_item_and_stage_with_the_largest_first() -> None:
    found = totals([line(5, 6, DIE), line(100, 90), line(80, 90, AWAY), line(100, 60, lot="M")])
    assert [(row.item, row.lot_count, row.quantity) for row in found] == [
        ("TRN2", 2, 3),
        ("DIE", 1, 1),
    ]
    assert [(row.carried, row.standard, row.difference) for row in found] == [
        (Decimal(280), Decimal(240), Decimal(-40)),
        (Decimal(5), Decimal(6), Decimal(1)),
    ]


def test_what_is_posted_is_told_by_account() -> None:
    found = posted_totals(revalue_stock([line(100, 90), line(100, 60, lot="M")]))
    assert found == [
        PostedTotal(Account.INVENTORY, "chip", "TRN2", "OSAT1", 2, Decimal(-50)),
        PostedTotal(Account.VARIANCE, "chip", "TRN2", "OSAT1", 0, Decimal(50)),
    ]


def test_more_than_a_transaction_holds_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(revaluations, "LEGS_MAX", 2)
    assert len(revalue_stock([line(100, 90)])) == 2
    with pytest.raises(RefusedError, match="These are 3 lines"):
        revalue_stock([line(100, 90), line(100, 90, lot="M")])


def test_more_than_a_line_holds_is_refused() -> None:
    with pytest.raises(RefusedError, match="wrong quantity or standard cost"):
        revalue_stock([line(0, 10**14)])
