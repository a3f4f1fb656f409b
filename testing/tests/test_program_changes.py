from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from testing.domain.program_changes import (
    BinRow,
    Change,
    LimitRow,
    bin_changes,
    limit_change,
    limit_changes,
    own_limit_change,
)


def row(
    low: float | None = 0, high: float | None = 1, number: int = 1, units: str = "V"
) -> LimitRow:
    return LimitRow(number, "vdd", 0, units, low, high)


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        (row(), row(), None),
        (row(), row(0.1), Change.TIGHTENED),
        (row(), row(0.1, 0.9), Change.TIGHTENED),
        (row(None, None), row(), Change.TIGHTENED),
        (row(), row(-1), Change.LOOSENED),
        (row(), row(0, None), Change.LOOSENED),
        (row(), row(1, 2), Change.MOVED),
        (row(), row(0, 1, units="mV"), Change.UNITS),
        (row(None, None), row(None, None), None),
    ],
)
def test_limits_are_told_apart(before: LimitRow, after: LimitRow, change: Change | None) -> None:
    assert limit_change(before, after) is change


def test_a_file_that_states_nothing_contradicts_no_program() -> None:
    assert own_limit_change(row(), row(None, None, units="")) is None
    assert own_limit_change(row(), row(None, None)) is Change.LOOSENED
    assert own_limit_change(row(units=""), row(None, 1, units="")) is Change.LOOSENED


bounds = st.none() | st.floats(-10, 10)


@given(bounds, bounds, bounds, bounds)
def test_what_one_way_tightens_loosens_the_other(
    low: float | None, high: float | None, low_after: float | None, high_after: float | None
) -> None:
    there = limit_change(row(low, high), row(low_after, high_after))
    back = limit_change(row(low_after, high_after), row(low, high))
    opposite = {Change.TIGHTENED: Change.LOOSENED, Change.LOOSENED: Change.TIGHTENED}
    assert back == (opposite.get(there, there) if there else None)


def test_tests_that_came_or_went_are_named() -> None:
    found = limit_changes([row(number=1), row(number=2)], [row(number=2), row(number=3)])
    assert [(one.change, one.before is None) for one in found] == [
        (Change.REMOVED, False), (Change.ADDED, True),
    ]  # fmt: skip


def test_bins_that_came_went_or_judge_otherwise_are_named() -> None:
    before = [
        BinRow("hard", 1, "GOOD", True),
        BinRow("hard", 2, "A", False),
        BinRow("soft", 5, "x", None),
    ]
    after = [
        BinRow("hard", 1, "GOOD", False),
        BinRow("hard", 2, "B", False),
        BinRow("hard", 3, "", None),
    ]
    assert [one.change for one in bin_changes(before, after)] == [
        Change.VERDICT, Change.RENAMED, Change.ADDED, Change.REMOVED,
    ]  # fmt: skip
    assert bin_changes(before, before) == []
