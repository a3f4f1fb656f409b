"""Rules on runs of points: Western Electric and Nelson."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality.domain.run_rules import broken_rules, rules_of
from quality.domain.words import RuleSet

SCORES = st.lists(st.floats(-5, 5), max_size=30)
WE, NELSON = RuleSet.WESTERN_ELECTRIC, RuleSet.NELSON


def broken(chosen: RuleSet, scores: list[float]) -> list[list[int]]:
    return [[rule.number for rule in rules] for rules in broken_rules(scores, rules_of(chosen))]


def places(chosen: RuleSet, number: int, scores: list[float]) -> list[int]:
    return [place for place, found in enumerate(broken(chosen, scores)) if number in found]


@pytest.mark.parametrize("chosen", list(RuleSet))
@given(SCORES)
def test_rules_are_the_same_on_both_sides(chosen: RuleSet, scores: list[float]) -> None:
    assert broken(chosen, scores) == broken(chosen, [-score for score in scores])


@pytest.mark.parametrize("chosen", list(RuleSet))
def test_value_on_three_sigma_does_not_signal(chosen: RuleSet) -> None:
    assert broken(chosen, [3.0]) == [[]]
    assert broken(chosen, [3.1]) == [[1]]


def test_rule_1_is_the_limit_of_the_chart() -> None:
    (rule,) = rules_of(RuleSet.LIMIT, 2.5)
    assert rule.words == "1 point beyond 2.5 sigma"
    assert [bool(found) for found in broken_rules([2.5, 2.6, -2.6], [rule])] == [False, True, True]


def test_limits_alone_know_no_runs() -> None:
    assert broken(RuleSet.LIMIT, [2.9] * 20) == [[]] * 20


def test_two_of_three_beyond_two_sigma_signal_on_one_side_only() -> None:
    assert places(WE, 2, [2.1, 0.0, 2.1]) == [2]
    assert places(WE, 2, [2.1, 0.0, -2.1]) == []
    assert places(WE, 2, [2.1, 0.0, 0.0, 2.1]) == []
    assert places(WE, 2, [2.1, 2.1]) == [1]


def test_a_point_back_inside_breaks_no_rule_of_those_before_it() -> None:
    assert places(WE, 2, [2.1, 2.1, 0.0]) == [1]
    assert places(NELSON, 6, [1.1, 1.1, 1.1, 1.1, 0.5]) == [3]


def test_four_of_five_beyond_one_sigma_signal() -> None:
    assert places(WE, 3, [1.1, 1.1, 0.0, 1.1, 1.1]) == [4]
    assert places(WE, 3, [1.0, 1.1, 1.1, 0.0, 1.1]) == []


@pytest.mark.parametrize(("chosen", "number", "length"), [(WE, 4, 8), (NELSON, 2, 9)])
def test_a_run_on_one_side_signals(chosen: RuleSet, number: int, length: int) -> None:
    assert places(chosen, number, [0.1] * (length + 1)) == [length - 1, length]
    assert places(chosen, number, [0.1] * (length - 1) + [0.0, 0.1]) == []


def test_six_rising_points_signal() -> None:
    assert places(NELSON, 3, [0.0, 0.1, 0.2, 0.3, 0.4, 0.5]) == [5]
    assert places(NELSON, 3, [0.0, 0.1, 0.2, 0.2, 0.4, 0.5]) == []


def test_fourteen_points_up_and_down_signal() -> None:
    assert places(NELSON, 4, [0.5, -0.5] * 7) == [13]
    assert places(NELSON, 4, [0.5, -0.5] * 6 + [0.5, 0.5]) == []


def test_fifteen_points_near_the_middle_signal() -> None:
    assert places(NELSON, 7, [0.9] * 15) == [14]
    assert places(NELSON, 7, [0.9] * 14 + [1.0]) == []


def test_eight_points_away_from_the_middle_signal() -> None:
    assert places(NELSON, 8, [1.5, -1.5] * 4) == [7]
    assert places(NELSON, 8, [1.5] * 7 + [1.0]) == []


@pytest.mark.parametrize("chosen", list(RuleSet))
def test_every_rule_says_what_it_often_means(chosen: RuleSet) -> None:
    rules = rules_of(chosen)
    assert [rule.number for rule in rules] == list(range(1, len(rules) + 1))
    assert all(rule.hint for rule in rules)
