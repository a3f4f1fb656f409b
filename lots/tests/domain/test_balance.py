from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lots.domain.balance import Holding, Line, imbalances, lines_of, sign
from lots.domain.errors import QuantityError
from lots.domain.words import LineKind, UnitOfMeasure

CHANGES = [kind for kind in LineKind if kind not in {LineKind.IN, LineKind.GOOD}]
COUNTS = st.integers(0, 10_000)


def holding(quantity: int) -> Holding:
    return Holding(1, "N1", UnitOfMeasure.SWITCH, quantity)


@given(COUNTS, st.dictionaries(st.sampled_from(CHANGES), COUNTS))
def test_lines_balance_or_are_refused(quantity: int, changes: dict[LineKind, int]) -> None:
    left = quantity + sum(sign(kind) * count for kind, count in changes.items())
    if left < 0:
        with pytest.raises(QuantityError):
            lines_of(holding(quantity), changes)
        return
    lines = lines_of(holding(quantity), changes)
    assert imbalances(lines) == {}
    assert {line.kind: line.quantity for line in lines}[LineKind.GOOD] == left


@given(COUNTS, st.integers(1, 100))
def test_any_extra_unit_shows(quantity: int, extra: int) -> None:
    line = Line(1, UnitOfMeasure.SWITCH, LineKind.BONUS, extra)
    found = imbalances([*lines_of(holding(quantity)), line])
    assert found == {(1, UnitOfMeasure.SWITCH): extra}


def test_what_did_not_change_is_not_written() -> None:
    kinds = [line.kind for line in lines_of(holding(5), {LineKind.SCRAP: 0, LineKind.BONUS: 2})]
    assert kinds == [LineKind.IN, LineKind.BONUS, LineKind.GOOD]


def test_nothing_made_where_something_was_expected_is_written() -> None:
    lines = lines_of(holding(0), {LineKind.PRODUCED: 0}, {LineKind.PRODUCED: 64})
    assert [(line.kind, line.expected) for line in lines] == [
        (LineKind.IN, None), (LineKind.PRODUCED, 64), (LineKind.GOOD, None),
    ]  # fmt: skip


def test_refusal_says_how_many_there_are() -> None:
    with pytest.raises(QuantityError, match="has 5 switch; 6 cannot leave it"):
        lines_of(holding(5), {LineKind.SCRAP: 6})


def test_a_lot_holds_no_more_than_can_be_counted() -> None:
    with pytest.raises(QuantityError, match="at most 10,000,000"):
        lines_of(holding(10_000_000), {LineKind.MERGE_IN: 1})
