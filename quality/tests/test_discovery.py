"""The false-discovery budget by hand: chances combined, q-values, books of a week, and of many."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality.domain.discovery import (
    WeekBooks,
    Weighed,
    believed,
    combined,
    family_of,
    findings_of,
    q_values,
    week_books,
    week_of,
)
from quality.domain.intervals import chance_of_most
from quality.tests.building import finding

CHANCES = st.lists(st.floats(1e-9, 1.0), min_size=1, max_size=30)


def test_flags_of_a_week_of_twenty_tests_by_hand() -> None:
    # 0.0005 · 20 / 1 = 0.01, 0.004 · 20 / 2 = 0.04, 0.02 · 20 / 3 = 0.1333
    assert q_values([0.004, 0.02, 0.0005], 20) == pytest.approx([0.04, 0.4 / 3, 0.01])


def test_a_surer_flag_is_never_given_a_worse_q() -> None:
    # 0.004 · 20 / 1 = 0.08, but 0.005 · 20 / 2 = 0.05 holds for both
    assert q_values([0.004, 0.005], 20) == pytest.approx([0.05, 0.05])


def test_books_of_that_week() -> None:
    books = week_books(18, 20, [0.04, 0.4 / 3, 0.01], 0.05)
    assert books == WeekBooks(tests=18, family=20, flags=3, sure=2, spent=0.04, p_value=0.01)


def test_week_without_flags_spends_nothing() -> None:
    assert week_books(18, 20, [], 0.05) == WeekBooks(18, 20, 0, 0, None, 1.0)


def test_a_week_that_has_begun_is_set_against_the_one_before() -> None:
    assert (family_of(3, 400), family_of(500, 400)) == (400, 500)


def test_two_chances_share_what_is_spent_by_their_alphas() -> None:
    # 0.0001 · 0.0023 / 0.0003 = 0.00077, 0.001 · 0.0023 / 0.002 = 0.00115
    assert combined([(0.001, 0.002), (0.0001, 0.0003)]) == pytest.approx(0.0023 / 3)
    assert combined([(0.9, 0.002), (0.8, 0.0003)]) == 1.0


@given(CHANCES, st.integers(0, 1000))
def test_more_tests_never_make_a_flag_surer(chances: list[float], more: int) -> None:
    few, many = (q_values(chances, len(chances) + rest) for rest in (0, more))
    assert all(one <= other for one, other in zip(few, many, strict=True))


@given(CHANCES, st.permutations(range(30)))
def test_the_order_of_flags_does_not_matter(chances: list[float], order: list[int]) -> None:
    places = [place for place in order if place < len(chances)]
    moved = q_values([chances[place] for place in places], 40)
    assert moved == [q_values(chances, 40)[place] for place in places]


def test_week_begins_on_monday_in_utc() -> None:
    late = datetime(2026, 3, 9, 0, 30, tzinfo=timezone(timedelta(hours=2)))
    assert week_of(late) == date(2026, 3, 2)
    assert week_of(datetime(2026, 3, 9, tzinfo=UTC)) == date(2026, 3, 9)


def test_first_week_must_keep_to_what_lord_starts_with() -> None:
    # first weight 0.07720838 · ln 2 = 0.053517, of half the budget of 5 %
    (threshold, is_believed), (second, _) = believed([0.001, 0.5], 0.05)
    assert threshold == pytest.approx(0.025 * 0.0535168, rel=1e-4)
    assert is_believed
    # first and second weight of 0.025, as the first was believed; the second is less by 2 · e^√ln 2
    gain = 0.025 * 0.0535168 * (1 + 1 / (2 * 2.2992))
    assert second == pytest.approx(gain, rel=1e-3)


def test_findings_come_in_the_order_of_the_tests() -> None:
    at = datetime(2026, 3, 9, tzinfo=UTC)
    one, two = finding("one"), finding("two")
    weighed = [Weighed(1, at, None, (one,)), Weighed(2, at), Weighed(3, at, 0.1, (two,))]
    assert findings_of(weighed) == [one, two]


def test_chance_of_few_fails_by_hand() -> None:
    # (1/2)³ + 3 · (1/2)³
    assert chance_of_most(1, 3, 0.5) == pytest.approx(0.5)
