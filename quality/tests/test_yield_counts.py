from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality.domain.yields import (
    YieldCounts,
    pooled,
    ratio,
    reached_ratio,
    rolled_ratio,
    step_ratio,
)


@st.composite
def yield_counts(draw: st.DrawFn) -> YieldCounts:
    """Last insertion decides: what changes between first and final was retested."""
    first_passed = draw(st.integers(0, 100))
    first_failed = draw(st.integers(0, 100))
    recovered = draw(st.integers(0, first_failed))
    lost = draw(st.integers(0, first_passed))
    again = draw(st.integers(0, first_passed + first_failed - recovered - lost))
    return YieldCounts(
        tested=first_passed + first_failed,
        first_passed=first_passed,
        final_passed=first_passed + recovered - lost,
        retested=recovered + lost + again,
        recovered=recovered,
    )


@given(st.lists(yield_counts(), max_size=8))
def test_pooling_adds_units_and_never_averages_ratios(rows: list[YieldCounts]) -> None:
    whole = pooled(rows)
    assert whole.tested == sum(row.tested for row in rows)
    assert whole.final_ratio == ratio(sum(row.final_passed for row in rows), whole.tested)


@given(yield_counts())
def test_every_ratio_is_none_or_between_0_and_1(counts: YieldCounts) -> None:
    shown = [
        counts.first_ratio,
        counts.final_ratio,
        counts.recovery_ratio,
        counts.retest_ratio,
    ]
    assert all(one is None or 0 <= one <= 1 for one in shown)


def test_retest_lifts_final_yield_above_first_pass() -> None:
    counts = YieldCounts(tested=10, first_passed=6, final_passed=8, retested=4, recovered=2)
    assert (counts.first_ratio, counts.final_ratio, counts.recovery_ratio) == (0.6, 0.8, 0.5)


def test_counts_beyond_the_tested_units_are_our_mistake() -> None:
    with pytest.raises(AssertionError):
        YieldCounts(tested=1, first_passed=2)


def test_step_yield_leaves_out_scrap_and_rework() -> None:
    assert step_ratio(entered=100, scrapped=4, reworked=6) == 0.9


def test_step_that_nothing_entered_has_no_yield() -> None:
    assert step_ratio(entered=0, scrapped=0) is None


def test_rolled_yield_multiplies_the_known_steps() -> None:
    assert rolled_ratio([0.5, None, 0.5]) == 0.25


def test_rolled_yield_of_no_step_is_unknown() -> None:
    assert rolled_ratio([None]) is None


def test_later_bins_are_judged_by_the_units_that_reached_them() -> None:
    assert reached_ratio([50, 5, 45, 0], 100) == [0.5, 0.1, 1.0, None]
