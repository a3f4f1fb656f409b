"""The life of one serial, out of made-up lines of its lots."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from itertools import count

from hypothesis import given
from hypothesis import strategies as st

from finance.domain.asset_lives import (
    Absence,
    AssetEvent,
    LotLeg,
    Whereabouts,
    beside,
    life_of,
)
from finance.domain.money import ZERO
from finance.domain.words import Account, LifeStep

DAY = date(2026, 3, 2)
HUNDRED = Decimal(100)
HERE = Whereabouts([(1, "L")])
INVENTORY, TRANSIT, BUILDING, SERVICE, RETIREMENT = (
    Account.INVENTORY, Account.IN_TRANSIT, Account.CONSTRUCTION, Account.FIXED_ASSET,
    Account.RETIREMENT,
)  # fmt: skip


class Books:
    """Lines as the ledger keeps them: each call is one transaction of one lots event."""

    def __init__(self) -> None:
        self.legs: list[LotLeg] = []
        self.numbers = count(1)

    def post(
        self, *rows: tuple[str, Account, int, int], to: str = "DC", seq: int | None = 0,
        is_correction: bool = False, reason: str = "",
    ) -> Books:  # fmt: skip
        """rows: lot, account, quantity, amount. seq: None for a document."""
        number = next(self.numbers)
        self.legs += [
            LotLeg(
                number, DAY + timedelta(number), number if seq == 0 else seq, is_correction, lot,
                account, to, quantity, Decimal(amount), reason,
            )
            for lot, account, quantity, amount in rows
        ]  # fmt: skip
        return self

    def life(self, where: Whereabouts = HERE) -> list[AssetEvent]:
        return life_of(self.legs, where)


def built(quantity: int = 2, amount: int = 200, account: Account = INVENTORY) -> Books:
    return Books().post(("L", account, quantity, amount))


def moved(books: Books, old: Account, new: Account, quantity: int = 2, amount: int = 200) -> Books:
    return books.post(("L", old, -quantity, -amount), ("L", new, quantity, amount))


def steps(life: list[AssetEvent]) -> list[LifeStep]:
    return [one.step for one in life]


def test_it_is_built_put_up_and_accepted_at_its_share() -> None:
    life = moved(moved(built(), INVENTORY, BUILDING), BUILDING, SERVICE).life()
    assert steps(life) == [LifeStep.BUILT, LifeStep.CONSTRUCTION, LifeStep.ACCEPTED]
    assert [(one.change, one.amount) for one in life] == [
        (HUNDRED, HUNDRED), (ZERO, HUNDRED), (ZERO, HUNDRED),
    ]  # fmt: skip
    assert (life[-1].account, life[-1].event_seq, life[-1].on) == (SERVICE, 3, date(2026, 3, 5))


def test_it_is_shipped_and_comes_to_another_custodian() -> None:
    books = moved(built(), INVENTORY, TRANSIT).post(
        ("L", TRANSIT, -2, -200)).post(("L", INVENTORY, 2, 200), to="DC2")  # fmt: skip
    shipped = books.life()[1]
    assert (shipped.step, shipped.account) == (LifeStep.SHIPPED, TRANSIT)


def test_another_custodian_is_a_move() -> None:
    books = built()
    number = next(books.numbers)
    for custodian, sign in [("DC", -1), ("DC2", 1)]:
        books.legs.append(
            LotLeg(number, DAY, number, False, "L", INVENTORY, custodian, 2 * sign,
                   Decimal(200 * sign), "")
        )  # fmt: skip
    assert (books.life()[-1].step, books.life()[-1].custodian) == (LifeStep.MOVED, "DC2")


def test_back_to_stock_is_a_move() -> None:
    life = moved(built(account=BUILDING), BUILDING, INVENTORY).life()
    assert steps(life) == [LifeStep.BUILT, LifeStep.MOVED]


def test_a_write_down_changes_what_it_is_carried_at() -> None:
    (_, line) = built().post(("L", INVENTORY, 0, -50), seq=None, reason="obsolete").life()
    assert (line.step, line.change, line.amount) == (LifeStep.REVALUED, Decimal(-25), Decimal(75))
    assert (line.event_seq, line.detail) == (None, "obsolete")


def test_what_others_of_the_lot_do_is_not_its_life() -> None:
    books = built(3, 10, SERVICE)
    books.post(("L", SERVICE, -1, -3), ("L", RETIREMENT, 1, 3))
    assert steps(books.life()) == [LifeStep.BUILT, LifeStep.REVALUED]
    even = built(4, 400, SERVICE).post(("L", SERVICE, -1, -100), ("L", RETIREMENT, 1, 100))
    assert steps(even.life()) == [LifeStep.BUILT]


def test_a_lot_split_off_takes_it_along() -> None:
    books = built().post(("L", INVENTORY, -1, -100), ("M", INVENTORY, 1, 100))
    life = books.life(Whereabouts([(1, "L"), (2, "M")]))
    assert (life[-1].step, life[-1].lot, life[-1].change) == (LifeStep.REGROUPED, "M", ZERO)


def test_out_of_service_for_good_is_a_retirement() -> None:
    books = built(2, 200, SERVICE)
    books.post(("L", SERVICE, -1, -100), ("L", RETIREMENT, 1, 100), reason="end-of-life")
    last = books.life(Whereabouts([(1, "L")], [Absence(2, None)]))[-1]
    assert (last.step, last.lot, last.change) == (LifeStep.RETIRED, "L", -HUNDRED)
    assert (last.account, last.amount, last.detail) == ("", ZERO, "end-of-life")


def test_before_service_it_is_scrap() -> None:
    life = built().post(("L", INVENTORY, -2, -200)).life()
    assert steps(life) == [LifeStep.BUILT, LifeStep.SCRAPPED]


def test_a_retirement_that_is_taken_back_brings_it_back() -> None:
    books = built(2, 200, SERVICE)
    books.post(("L", SERVICE, -1, -100))
    books.post(("L", SERVICE, 1, 100), is_correction=True)
    life = books.life(Whereabouts([(1, "L")], [Absence(2, 3)]))
    assert steps(life) == [LifeStep.BUILT, LifeStep.RETIRED, LifeStep.TAKEN_BACK]
    assert sum(one.change for one in life) == life[-1].amount == 100


def test_a_part_is_carried_by_what_it_is_built_into_until_it_comes_out() -> None:
    books = built(2, 200).post(("L", INVENTORY, -1, -100)).post(("R", INVENTORY, 1, 100))
    where = Whereabouts([(1, "L"), (3, "R")], [Absence(2, 3, "US-1")])
    life = books.life(where)
    assert steps(life) == [LifeStep.BUILT, LifeStep.BUILT_IN, LifeStep.RETURNED]
    assert (life[1].detail, life[2].lot) == ("US-1", "R")


def test_nothing_is_told_before_it_was_made() -> None:
    books = Books().post(("L", INVENTORY, 1, 100)).post(("L", INVENTORY, 1, 100))
    (only,) = books.life(Whereabouts([(2, "L")]))
    assert (only.event_seq, only.amount) == (2, HUNDRED)


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(-1000, 1000)), min_size=1, max_size=20))
def test_changes_come_to_what_it_is_carried_at(rows: list[tuple[int, int]]) -> None:
    books = built()
    for quantity, amount in rows:
        books.post(("L", INVENTORY, quantity, amount))
    life = books.life()
    assert sum(one.change for one in life) == life[-1].amount


def test_what_the_books_do_not_know_moves_no_money() -> None:
    line = beside(LifeStep.PLACED, DAY, 7, "", "rack R1, slot 3")
    assert (line.change, line.amount, line.account) == (ZERO, None, "")
