"""What one assumption moves, and how two versions are explained, without a database."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finance.domain import rollup_changes
from finance.domain.rollup import roll_up
from finance.domain.rollup_changes import explain, moved_costs, what_if
from finance.domain.words import AssumptionKind as Kind
from finance.tests.test_rollup import ROWS, STAGES, row, valued, without
from supplychain.base.errors import MissingError, RefusedError

SLED = ("SLED", "sled", "")


def test_one_yield_moves_the_die_and_all_that_is_built_from_it() -> None:
    after = what_if(ROWS, 6, Decimal("0.6"))
    moved = moved_costs(roll_up(ROWS, STAGES), roll_up(after, STAGES))
    # A die costs 360 / 0.6 = 600, 120 less; a chip 2 x 120 / 0.8 = 300 less; a sled 600 less.
    assert [(*one.key, int(one.change)) for one in moved] == [
        ("CHIP", "chip", "", -300), ("CHIP", "package", "", -300), ("DIE", "good-die", "", -120),
        (*SLED, -600),
    ]  # fmt: skip


def test_a_line_that_is_not_there_or_of_a_bill_is_not_tried() -> None:
    with pytest.raises(MissingError, match="line 99"):
        what_if(ROWS, 99, Decimal(1))
    with pytest.raises(RefusedError, match="Change the bill"):
        what_if(ROWS, 9, Decimal(1))


def test_two_versions_are_explained_one_change_after_another() -> None:
    after = what_if(what_if(ROWS, 12, Decimal(1)), 6, Decimal("0.6"))
    found = explain(ROWS, after, STAGES)
    # The yield of the die comes first: 600 of a sled. Then a package is 2 x 600 + 1200 + 400 = 2800
    # instead of 2800 / 0.8 = 3500, so that a sled loses 1400 more.
    assert [(one.changes[0].row.line, int(one.on(SLED))) for one in found.steps] == [
        (6, -600), (12, -1400),
    ]  # fmt: skip
    assert found.remainder(SLED) == 0
    assert [one.change for one in found.moved if one.item == "SLED"] == [-2000]


def test_changes_that_have_no_cost_between_them_are_one_step() -> None:
    gone = without(7, 9, 10, 14, 15)
    bought = [*gone, row(9, Kind.PURCHASE, "CHIP", "package", "2640")]
    found = explain(ROWS, bought, STAGES)
    assert [[change.row.line for change in one.changes] for one in found.steps] == [
        [7], [9, 9, 10], [15], [14],
    ]  # fmt: skip
    assert found.steps[0].on(("HBM", "component", "")) == 0
    assert [found.remainder(key) for key in (SLED, ("CHIP", "chip", ""))] == [0, 0]


def test_equal_versions_have_nothing_to_explain() -> None:
    found = explain(ROWS, [*ROWS], STAGES)
    assert (found.steps, found.moved) == ([], [])
    assert found.remainder(SLED) == 0


def test_more_changes_than_can_be_told_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rollup_changes, "CHANGES_MAX", 1)
    with pytest.raises(RefusedError, match="nearer version"):
        explain(ROWS, what_if(valued(6, "0.6"), 12, Decimal(1)), STAGES)


@given(
    st.dictionaries(
        st.sampled_from([2, 3, 4, 7, 8, 11, 13, 15]), st.decimals("0", "9999", places=6)
    ),
    st.dictionaries(st.sampled_from([6, 12]), st.decimals("0.01", "1", places=6)),
)
def test_steps_always_sum_to_the_difference(
    prices: dict[int, Decimal], ratios: dict[int, Decimal]
) -> None:
    after = ROWS
    for line, value in {**prices, **ratios}.items():
        after = what_if(after, line, value)
    found = explain(ROWS, after, STAGES)
    assert all(found.remainder(key) == 0 for key in roll_up(ROWS, STAGES))
