"""Falls over several lots, without a database."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.random import Generator

from quality.domain.dispersion import Count, angle, angle_variance, spread
from quality.domain.drift import (
    Standing,
    drift_of,
    limit_for,
    run_length,
    scores,
    standings,
)

UNITS = 200
SPREAD = 0.25
"""Deviation of lots in logit."""


def lots(random: Generator, count: int, fall: float = 0.0, fall_from: int = 0) -> list[Count]:
    """Overdispersed lots around 95 %; `fall` in deviations between lots, from a place on."""
    logits = math.log(19) + random.normal(0, SPREAD, count)
    logits[fall_from:] -= fall * SPREAD
    passed = random.binomial(UNITS, 1 / (1 + np.exp(-logits)))
    return [Count(int(one), UNITS) for one in passed]


def test_run_length_of_the_textbook_sum_is_met() -> None:
    # Montgomery, table 9.3: k = 0.5, h = 5, one-sided by Siegmund's approximation.
    assert run_length(5, 0) == pytest.approx(938, rel=0.01)
    assert run_length(5, 1) == pytest.approx(10.3, rel=0.02)
    assert run_length(5, 0.5) == pytest.approx(38.0, rel=0.01)


@pytest.mark.parametrize("lots_between", [100, 1000, 10_000])
def test_limit_gives_the_run_length_asked_for(lots_between: int) -> None:
    assert run_length(limit_for(lots_between), 0) == pytest.approx(lots_between)


def test_scores_are_those_of_each_lot_against_the_lots_before() -> None:
    counts = lots(np.random.default_rng(3), 30)
    base = spread(counts[:20])
    deviation = math.sqrt(base.between + angle_variance(UNITS) + base.mean_variance)
    distance = (base.mean - angle(counts[25])) / deviation
    found = scores(counts, 20)[25]
    assert abs(found) < abs(distance)
    assert math.copysign(1, found) == math.copysign(1, distance)
    assert scores(counts[:26], 20) == pytest.approx(scores(counts, 20)[:26])


def test_scores_are_standard_normal_while_nothing_falls() -> None:
    random = np.random.default_rng(8)
    found = np.concatenate([scores(lots(random, 120), 100)[20:] for _ in range(40)])
    assert found.mean() == pytest.approx(0, abs=0.08)
    assert found.std() == pytest.approx(1, abs=0.08)


def test_first_two_lots_say_nothing() -> None:
    assert scores([Count(1, 2)], 100) == [0.0]
    assert scores(lots(np.random.default_rng(1), 5), 100)[:2] == [0.0, 0.0]


def test_false_alarms_come_about_as_seldom_as_asked() -> None:
    random, limit = np.random.default_rng(5), limit_for(1000)
    signals = sum(
        one.is_signal
        for _ in range(100)
        for one in standings(scores(lots(random, 300), 100), limit)
    )
    assert signals <= 2 * 30


@pytest.mark.parametrize("fall", [1.0, 2.0])
def test_fall_is_found_about_as_soon_as_theory_allows(fall: float) -> None:
    """Chance in a lot of 200 makes the shift smaller than it is between lots; theory knows it."""
    random, limit = np.random.default_rng(6), limit_for(1000)
    seen = fall / math.sqrt(1 + 1 / (UNITS * 0.95 * 0.05 * SPREAD**2))
    delays = []
    for _ in range(60):
        values = scores(lots(random, 260, fall, 160), 100)
        after = [one.is_signal for one in standings(values, limit)[160:]]
        delays.append(after.index(True) + 1 if any(after) else 100)
    assert np.mean(delays) <= 1.25 * run_length(limit, seen)


def test_one_very_bad_lot_is_no_drift() -> None:
    counts = [*lots(np.random.default_rng(2), 60), Count(20, UNITS)]
    assert not standings(scores(counts, 100), limit_for(1000))[-1].is_signal


def test_sum_starts_anew_after_a_signal() -> None:
    found = standings([1.0, 1.0, 1.0, 0.0], limit=0.9)
    assert [one.is_signal for one in found] == [False, True, False, False]
    assert found[2] == Standing(0.5, 2, is_signal=False)


def test_drift_says_since_when_and_by_how_much() -> None:
    counts = [Count(190 + turn % 3, 200) for turn in range(20)] + [Count(180, 200)] * 5
    drift = drift_of(counts, 100, Standing(6.0, 20, is_signal=True), 24)
    assert drift.since == 20
    assert drift.value == pytest.approx(0.9)
    assert drift.expected == pytest.approx(0.955, abs=0.003)


def test_limit_and_run_length_meet_where_the_shift_is_half_of_what_is_looked_for() -> None:
    assert run_length(4, 0.5) == pytest.approx((4 + 1.166) ** 2)
