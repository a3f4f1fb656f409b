"""Which lot each unit or wafer was in, by births and by what left a lot."""

from __future__ import annotations

from lots.domain.members import Birth, Member, Parting, Stay, lots_of_members, stays_of

A, B, C = 1, 2, 3


def wafer(number: int) -> Member:
    return Member(is_wafer=True, id=number)


def unit(pk: int) -> Member:
    return Member(is_wafer=False, id=pk)


BORN = [
    Birth(0, A, wafer(1), 1),
    Birth(0, A, wafer(2), 2),
    Birth(1, A, unit(1), 1),
    Birth(1, A, unit(2), 2),
    Birth(1, B, unit(9)),
]


def test_what_nothing_took_is_where_it_was_born() -> None:
    assert lots_of_members(BORN, [])[unit(9)] == B


def test_a_wafer_takes_its_dies_along() -> None:
    found = lots_of_members(BORN, [Parting(2, A, C, numbers=frozenset({2}))])
    assert found == {wafer(1): A, unit(1): A, wafer(2): C, unit(2): C, unit(9): B}


def test_units_that_are_named_leave_their_wafer_behind() -> None:
    found = lots_of_members(BORN, [Parting(2, A, C, unit_ids=frozenset({1, 2}))])
    assert [found[unit(1)], found[unit(2)], found[wafer(1)], found[wafer(2)]] == [C, C, A, A]


def test_all_goes_on_in_the_order_of_events() -> None:
    gone = [Parting(4, C, B, takes_all=True), Parting(3, A, C, takes_all=True)]
    assert set(lots_of_members(BORN, gone).values()) == {B}


def test_what_was_born_later_stays() -> None:
    found = lots_of_members(BORN, [Parting(1, A, C, numbers=frozenset({1}))])
    assert (found[wafer(1)], found[unit(1)]) == (C, A)


def test_who_was_born_twice_counts_from_the_last_time() -> None:
    again = [Birth(5, C, unit(9)), *BORN]
    assert lots_of_members(again, [Parting(3, B, A, takes_all=True)])[unit(9)] == C


def test_every_lot_it_was_in_is_told_in_order() -> None:
    born = Birth(5, A, unit(1))
    partings = [
        Parting(9, B, C, takes_all=True),
        Parting(7, A, B, unit_ids=frozenset({1})),
        Parting(8, A, C, takes_all=True),
        Parting(4, A, C, takes_all=True),
        Parting(6, A, C, unit_ids=frozenset({2})),
    ]
    assert stays_of(born, partings) == [Stay(5, A), Stay(7, B), Stay(9, C)]
