from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finance.domain.legs import Holding, Leg, Position, Worth, imbalance
from finance.domain.words import Account, EntryKind
from finance.domain.write_downs import (
    LotOrder,
    amount_off,
    left_behind,
    lots_written_down,
    write_down,
)
from supplychain.base.errors import RefusedError

HERE = Position(Account.INVENTORY, "chip", "TRN2", "package", "US", "OSAT1")
AWAY = Position(Account.IN_TRANSIT, "chip", "TRN2", "package", "US", "OSAT1")
money = st.decimals(Decimal("0.000001"), 10**9, places=6)


def leg(lot: str, amount: int, account: Account = Account.INVENTORY) -> Leg:
    position = Position(account, "chip", "TRN2", "package", "US", "OSAT1")
    return Leg(EntryKind.TRANSFER, position, lot, 0, Decimal(amount))


@given(money, money, st.decimals(Decimal("0.000001"), 1, places=6))
def test_the_amount_leaves_to_the_last_place(one: Decimal, two: Decimal, ratio: Decimal) -> None:
    holding: Holding = {HERE: Worth(3, one), AWAY: Worth(2, two)}
    amount = max(Decimal("0.000001"), ((one + two) * ratio).quantize(Decimal("0.000001")))
    legs = write_down("L", holding, amount)
    assert imbalance(legs) == {}
    assert -sum(row.amount for row in legs if row.amount < 0) == amount
    out = {row.position: -row.amount for row in legs if row.amount < 0}
    assert all(part <= holding[position].amount for position, part in out.items())


@pytest.mark.parametrize("amount", [0, -1, 11])
def test_nothing_and_more_than_all_are_refused(amount: int) -> None:
    with pytest.raises(RefusedError, match="carried at 10"):
        write_down("L", {HERE: Worth(1, Decimal(10))}, Decimal(amount))


@pytest.mark.parametrize("to", [-1, 10, 11])
def test_a_value_not_below_what_it_carries_is_refused(to: int) -> None:
    with pytest.raises(RefusedError, match="a value below that"):
        amount_off(LotOrder("L", to=Decimal(to)), Decimal(10))


def test_neither_and_both_are_refused() -> None:
    for order in (LotOrder("L"), LotOrder("L", Decimal(1), Decimal(1))):
        with pytest.raises(RefusedError, match="either an amount or a value"):
            amount_off(order, Decimal(10))


def test_an_amount_and_a_value_say_the_same() -> None:
    assert amount_off(LotOrder("L", by=Decimal(4)), Decimal(10)) == 4
    assert amount_off(LotOrder("L", to=Decimal(6)), Decimal(10)) == 4


def test_who_gets_value_from_a_written_down_lot_is_one() -> None:
    legs = [leg("A", -5), leg("B", 5)]
    assert lots_written_down({"A"}, legs) == {"A", "B"}
    assert lots_written_down({"B"}, legs) == {"B"}
    assert lots_written_down({"A"}, [leg("A", -5, Account.VARIANCE), leg("B", 5)]) == {"A"}


def test_money_without_units_goes_to_the_units() -> None:
    holding: Holding = {HERE: Worth(0, Decimal(-3)), AWAY: Worth(1, Decimal(10))}
    legs = left_behind({"L"}, {"L"}, {"L": holding}, [])
    assert [(row.position, row.amount) for row in legs] == [
        (HERE, Decimal(3)),
        (AWAY, Decimal(-3)),
    ]


def test_money_without_any_units_comes_back_out_of_the_expense() -> None:
    legs = left_behind({"L"}, {"L"}, {"L": {HERE: Worth(0, Decimal(-3))}}, [])
    assert [(row.position.account, row.amount) for row in legs] == [
        (Account.INVENTORY, Decimal(3)),
        (Account.WRITE_DOWN, Decimal(-3)),
    ]


def test_money_that_was_revalued_comes_back_out_of_the_variance() -> None:
    legs = left_behind({"L"}, (), {"L": {HERE: Worth(0, Decimal(-3))}}, [])
    assert [(row.kind, row.position.account, row.amount) for row in legs] == [
        (EntryKind.REVALUATION, Account.INVENTORY, Decimal(3)),
        (EntryKind.REVALUATION, Account.VARIANCE, Decimal(-3)),
    ]
