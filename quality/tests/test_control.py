"""Control charts with frozen limits."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality.domain.control import (
    CHART_KINDS,
    Panel,
    chart_proposal,
    control_panels,
)
from quality.domain.dispersion import Count, laney_sigma
from quality.domain.limit_sets import Proposal
from quality.domain.measures import Measure, Sample, score_of
from quality.domain.words import LimitKind, RuleSet
from quality.tests.building import sampled

KINDS = sorted(CHART_KINDS)
HISTORY = [Count(passed, 1000) for passed in [900, 912, 894, 905, 889, 908] * 4]


def samples(counts: list[Count]) -> list[Sample]:
    return [sampled(count.passed, count.units) for count in counts]


def logit(count: Count) -> float:
    return score_of(Measure.SHARE, sampled(count.passed, count.units))


def frozen(kind: LimitKind, reach: float = 3, counts: list[Count] | None = None) -> Proposal:
    found = chart_proposal(kind, samples(counts or HISTORY), reach)
    assert found is not None
    return found


def drawn(
    kind: LimitKind, counts: list[Count], chosen: RuleSet = RuleSet.LIMIT, reach: float = 3
) -> tuple[Panel, ...]:
    return control_panels(kind, frozen(kind, reach), samples(counts), reach, chosen)


def signals(panel: Panel) -> list[int]:
    return [place for place, point in enumerate(panel.points) if point and point.rules]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("counts", [[], [Count(9, 10)], [Count(10, 10)] * 5, [Count(0, 10)] * 5])
def test_little_or_nothing_that_differs_gives_no_chart(
    kind: LimitKind, counts: list[Count]
) -> None:
    assert chart_proposal(kind, samples(counts), 3) is None


def test_lots_all_alike_have_no_spread_of_their_own() -> None:
    alike = samples([Count(9, 10)] * 30)
    assert chart_proposal(LimitKind.CHART_LANEY, alike, 3) is None
    assert chart_proposal(LimitKind.CHART_IMR, alike, 3) is None
    assert chart_proposal(LimitKind.CHART_P, alike, 3) is not None


def test_a_p_chart_stands_three_sigma_of_chance_from_its_middle() -> None:
    found = frozen(LimitKind.CHART_P)
    assert found.middle is not None
    half = 3 * math.sqrt(found.middle * (1 - found.middle) / 1000)
    assert (found.low, found.high) == (found.middle - half, found.middle + half)
    assert (found.sigma, found.method, found.is_provisional) == (1.0, "p-v1", False)


def test_a_laney_chart_is_as_wide_as_neighbours_differ() -> None:
    plain, laney = frozen(LimitKind.CHART_P), frozen(LimitKind.CHART_LANEY)
    assert laney.sigma == laney_sigma(HISTORY)
    assert plain.high is not None
    assert laney.high is not None
    assert plain.middle is not None
    ratio = (laney.high - plain.middle) / (plain.high - plain.middle)
    assert ratio == pytest.approx(laney.sigma)


def test_a_u_chart_takes_the_chance_of_counts() -> None:
    bins = [Count(passed, 1000) for passed in [30, 24, 36] * 8]
    found = frozen(LimitKind.CHART_U, counts=bins)
    assert found.low == pytest.approx(0.03 - 3 * math.sqrt(0.03 / 1000))


def test_under_twenty_lots_a_chart_is_provisional() -> None:
    assert frozen(LimitKind.CHART_P, counts=HISTORY[:19]).is_provisional
    assert not frozen(LimitKind.CHART_P, counts=HISTORY[:20]).is_provisional


def test_a_smaller_lot_has_wider_limits() -> None:
    (panel,) = drawn(LimitKind.CHART_P, [Count(90, 100), Count(900, 1000)])
    small, large = panel.points
    assert small is not None
    assert large is not None
    assert small.low is not None
    assert large.low is not None
    assert small.low < large.low


def test_limits_stay_within_nothing_and_everything() -> None:
    (panel,) = drawn(LimitKind.CHART_P, [Count(1, 2)])
    (point,) = panel.points
    assert point is not None
    assert point.high == 1.0
    assert point.low == pytest.approx(0.264, abs=0.01)


def test_individuals_are_judged_in_logits_and_told_as_ratios() -> None:
    shares, ranges = drawn(LimitKind.CHART_IMR, [*HISTORY[:3], Count(500, 1000)])
    assert signals(shares) == [3]
    assert signals(ranges) == [3]
    assert ranges.points[0] is None
    point = shares.points[0]
    assert point is not None
    assert point.low is not None
    assert point.high is not None
    assert shares.middle is not None
    assert shares.middle - point.low > point.high - shares.middle, "wider downward"


def test_limits_of_individuals_are_those_of_the_logits() -> None:
    values = [logit(count) for count in HISTORY]
    steps = [abs(after - before) for before, after in pairwise(values)]
    found = frozen(LimitKind.CHART_IMR)
    assert found.sigma == pytest.approx(sum(steps) / len(steps) / 1.128)
    assert found.sigma is not None
    assert found.low is not None
    assert math.log(found.low / (1 - found.low)) == pytest.approx(
        sum(values) / len(values) - 3 * found.sigma
    )


def test_a_weighted_mean_sees_a_small_shift_that_no_single_lot_shows() -> None:
    shifted = [Count(892, 1000)] * 40
    (panel,) = drawn(LimitKind.CHART_EWMA, shifted, reach=3.059)
    assert signals(panel)
    assert not signals(drawn(LimitKind.CHART_IMR, shifted)[0])
    first, last = panel.points[0], panel.points[-1]
    assert first is not None
    assert last is not None
    assert first.low is not None
    assert last.low is not None
    assert last.low < first.low, "limits widen at the start"
    settled = frozen(LimitKind.CHART_EWMA, 3.059).low
    assert last.low == pytest.approx(settled, abs=1e-4)


def test_sums_tell_falls_from_rises() -> None:
    falls, rises = drawn(LimitKind.CHART_CUSUM, [Count(880, 1000)] * 20, reach=5.757)
    assert signals(falls)
    assert not signals(rises)
    assert [point.value for point in rises.points if point] == [0.0] * 20
    found = frozen(LimitKind.CHART_CUSUM, 5.757)
    assert (found.low, found.high) == (None, None)


def test_a_sum_on_its_limit_does_not_signal() -> None:
    limits = Proposal(None, 0.5, None, 1.0, "cusum-0.5-logit-v1", False)
    counts = [Count(7, 10)]
    (_, rises) = control_panels(
        LimitKind.CHART_CUSUM, limits, samples(counts), logit(counts[0]) - 0.5, RuleSet.LIMIT
    )
    assert signals(rises) == []


@pytest.mark.parametrize("kind", [LimitKind.CHART_P, LimitKind.CHART_IMR])
def test_runs_signal_where_they_are_chosen(kind: LimitKind) -> None:
    run = [Count(904, 1000)] * 9
    assert signals(drawn(kind, run)[0]) == []
    assert signals(drawn(kind, run, RuleSet.WESTERN_ELECTRIC)[0]) == [7, 8]
    assert signals(drawn(kind, run, RuleSet.NELSON)[0]) == [8]


@pytest.mark.parametrize("kind", KINDS)
def test_no_lots_draw_no_points(kind: LimitKind) -> None:
    assert all(panel.points == () for panel in drawn(kind, []))


@pytest.mark.parametrize("kind", KINDS)
@given(passed=st.lists(st.integers(0, 50), max_size=15))
def test_every_lot_has_a_place_in_every_picture(kind: LimitKind, passed: list[int]) -> None:
    counts = [Count(one, 50) for one in passed]
    assert all(len(panel.points) == len(counts) for panel in drawn(kind, counts))
