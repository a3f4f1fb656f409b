"""What a retelling of material may say, whatever the lots are."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from lots.domain.commands import MATERIALS_MAX
from lots.domain.errors import QuantityError
from lots.domain.materials import held_since
from lots.domain.orders import Reissue, ReissueOrder
from lots.domain.rules import refuse_material_not_told
from supplychain.base.errors import MalformedError


def test_counts_are_summed_by_lot() -> None:
    order = ReissueOrder((Reissue("A", "X", 2), Reissue("A", "Y", 3), Reissue("B", "X", 1)))
    assert (order.returned, order.issued) == ({"A": 5, "B": 1}, {"X": 3, "Y": 3})


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ((), "Name 1 to 100 changes"),
        (tuple(Reissue(f"A{n}", f"B{n}", 1) for n in range(MATERIALS_MAX + 1)), "Name 1 to 100"),
        ((Reissue("A", "B", 1), Reissue("A", "B", 2)), "A and B is named twice"),
        ((Reissue("A", "B", 1), Reissue("B", "C", 1)), "Lot B cannot take back and give at once"),
        ((Reissue("A", "A", 1),), "Lot A cannot take back and give"),
    ],
)
def test_an_order_that_contradicts_itself_is_malformed(
    changes: tuple[Reissue, ...], words: str
) -> None:
    with pytest.raises(MalformedError, match=words):
        ReissueOrder(changes)


@pytest.mark.parametrize(
    ("returned_to", "issued_from", "quantity"),
    [("A", "B", 0), ("A", "B", -1), ("A", "B", 10_000_001), ("", "B", 1), ("A", "B ", 1)],
)
def test_a_change_names_two_lots_and_a_count(
    returned_to: str, issued_from: str, quantity: int
) -> None:
    with pytest.raises(MalformedError):
        Reissue(returned_to, issued_from, quantity)


@pytest.mark.parametrize(
    ("told", "words"),
    [({"A": 2, "B": 0}, "it took 2 from A"), ({}, "it took nothing from a named lot")],
)
def test_no_more_is_taken_back_than_was_told(told: dict[str, int], words: str) -> None:
    with pytest.raises(QuantityError, match=words):
        refuse_material_not_told(7, told, "A", 3)


def test_all_that_was_told_is_taken_back() -> None:
    refuse_material_not_told(7, {"A": 3}, "A", 3)


@pytest.mark.parametrize(
    ("changes", "quantity", "day"),
    [
        ([(1, 4)], 4, 1),
        ([(3, 2), (1, 2)], 2, 1),
        ([(3, 2), (1, 2)], 3, 3),
        ([(1, 4), (2, -4), (3, 4)], 1, 3),
        ([(1, 4), (2, -4), (2, 4)], 4, 1),
    ],
)
def test_parts_are_held_since_they_never_were_fewer(
    changes: list[tuple[int, int]], quantity: int, day: int
) -> None:
    dated = [(datetime(2026, 1, number, tzinfo=UTC), change) for number, change in changes]
    assert held_since(dated, quantity) == datetime(2026, 1, day, tzinfo=UTC)
