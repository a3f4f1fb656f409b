"""Charts of rates, values and times, beside worked examples."""

from __future__ import annotations

import math
from itertools import pairwise
from statistics import fmean
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality.domain.control import CHART_KINDS, chart_proposal, control_panels
from quality.domain.figures import FIGURES, KINDS, figure_title, named_figure
from quality.domain.limit_sets import Proposal
from quality.domain.measures import (
    COUNTED,
    Measure,
    Part,
    Sample,
    middle_median,
    pooled_mean,
    scaled,
    score_of,
    told,
)
from quality.domain.words import LimitKind, RuleSet
from quality.tests.building import sampled
from quality.tests.test_oracles import EXAMPLES, ORACLES

RATES = [sampled(count, 25) for count in [300, 322, 281, 310, 295, 340] * 4]
TIMES = [Sample(hours, 1, 1) for hours in [20.0, 31.0, 24.0, 28.0, 22.0, 35.0] * 4]


def oracle(name: str) -> dict[str, Any]:
    if not EXAMPLES:
        pytest.skip(f"{ORACLES} is not here")
    found: dict[str, Any] = EXAMPLES[name]
    return found


def frozen(kind: LimitKind, samples: list[Sample], measure: Measure, reach: float = 3) -> Proposal:
    found = chart_proposal(kind, samples, reach, measure)
    assert found is not None
    return found


def test_individuals_of_values_meet_the_worked_example() -> None:
    case = oracle("imr_individuals_viscosity")
    found = frozen(
        LimitKind.CHART_IMR, [Sample(x, 1, 1) for x in case["inputs"]["x"]], Measure.VALUE
    )
    expected = case["expected"]
    assert found.middle == pytest.approx(expected["CL"], abs=1e-5)
    assert found.sigma == pytest.approx(expected["sigma"], abs=1e-5)
    assert (found.low, found.high) == pytest.approx((expected["LCL"], expected["UCL"]), abs=1e-5)


def test_rates_meet_the_worked_example() -> None:
    case = oracle("u_chart")
    given_, expected = case["inputs"], case["expected"]
    samples = [sampled(count, given_["n"]) for count in given_["counts"]]
    found = frozen(LimitKind.CHART_U, samples, Measure.RATE)
    assert (found.low, found.middle, found.high) == pytest.approx(
        (expected["LCL"], expected["CL"], expected["UCL"]), abs=1e-6
    )


def test_weighted_means_of_values_are_those_of_their_definition() -> None:
    values = [Sample(value, 1, 1) for value in [9.8, 10.1, 9.9, 10.4, 10.2]]
    limits = Proposal(None, 10.0, None, 0.2, "ewma-0.1-v1", False)
    (panel,) = control_panels(
        LimitKind.CHART_EWMA, limits, values, 3.0, RuleSet.LIMIT, Measure.VALUE
    )
    mean, wanted = 10.0, []
    for one in values:
        mean = 0.1 * one.value + 0.9 * mean
        wanted.append(mean)
    assert [point.value for point in panel.points if point] == pytest.approx(wanted)
    first = panel.points[0]
    assert first is not None
    assert first.high == pytest.approx(10 + 3 * 0.2 * 0.1)


def test_a_rate_may_be_above_one_and_never_below_nothing() -> None:
    rates = [sampled(count, 1) for count in [1, 3, 2, 4] * 6]
    found = frozen(LimitKind.CHART_U, rates, Measure.RATE)
    assert (found.low, found.method) == (0.0, "u-v1")
    assert found.high == pytest.approx(2.5 + 3 * math.sqrt(2.5))


def test_rates_that_differ_beyond_chance_have_wider_limits() -> None:
    plain = frozen(LimitKind.CHART_U, RATES, Measure.RATE)
    wide = frozen(LimitKind.CHART_LANEY, RATES, Measure.RATE)
    assert wide.method == "laney-u-v1"
    middle = sum(one.counted for one in RATES) / (25 * len(RATES))
    scores = [(one.value - middle) / math.sqrt(middle / 25) for one in RATES]
    steps = fmean(abs(after - before) for before, after in pairwise(scores))
    assert wide.sigma == pytest.approx(steps / 1.128)
    assert plain.sigma == 1.0


def test_times_are_judged_in_logs_and_told_in_hours() -> None:
    found = frozen(LimitKind.CHART_IMR, TIMES, Measure.DURATION)
    logs = [math.log(one.value) for one in TIMES]
    assert found.middle == pytest.approx(math.exp(fmean(logs)))
    assert found.low is not None
    assert found.high is not None
    assert found.middle is not None
    assert found.high - found.middle > found.middle - found.low > 0
    assert found.method == "imr-log-v1"


def test_a_lot_that_stays_for_long_signals_in_hours() -> None:
    found = frozen(LimitKind.CHART_IMR, TIMES, Measure.DURATION)
    late = [*TIMES, Sample(200.0, 1, 1)]
    times, ranges = control_panels(
        LimitKind.CHART_IMR, found, late, 3, RuleSet.LIMIT, Measure.DURATION
    )
    last = times.points[-1]
    assert last is not None
    assert (last.value, bool(last.rules)) == (200.0, True)
    assert (times.title, times.is_ratio, times.is_in_unit) == ("Time of each lot", False, True)
    assert (ranges.title, ranges.is_in_unit) == ("Moving range, logs", False)


def test_moving_ranges_of_values_are_in_their_unit() -> None:
    values = [Sample(value, 1, 1) for value in [1.0, 2.0, 1.5, 2.5]]
    found = frozen(LimitKind.CHART_IMR, values, Measure.VALUE)
    _, ranges = control_panels(LimitKind.CHART_IMR, found, values, 3, RuleSet.LIMIT, Measure.VALUE)
    assert (ranges.title, ranges.is_in_unit) == ("Moving range", True)
    assert [point.value for point in ranges.points if point] == pytest.approx([1.0, 0.5, 1.0])


@pytest.mark.parametrize("measure", [Measure.VALUE, Measure.DURATION, Measure.RATE])
def test_lots_all_alike_give_no_chart(measure: Measure) -> None:
    alike = [Sample(5.0, 5, 1)] * 30
    assert chart_proposal(LimitKind.CHART_IMR, alike, 3, measure) is None


def test_a_rate_of_nothing_gives_no_chart() -> None:
    assert chart_proposal(LimitKind.CHART_U, [sampled(0, 25)] * 9, 3, Measure.RATE) is None


@pytest.mark.parametrize("measure", Measure)
@given(level=st.floats(0.01, 0.99))
def test_what_was_scaled_is_told_again(measure: Measure, level: float) -> None:
    assert told(measure, scaled(measure, level)) == pytest.approx(level)


def test_counts_are_half_a_unit_from_nothing() -> None:
    assert score_of(Measure.SHARE, sampled(0, 9)) == pytest.approx(math.log(0.5 / 9.5))
    assert score_of(Measure.RATE, sampled(0, 10)) == pytest.approx(math.log(0.05))


def test_means_of_parts_weigh_their_values() -> None:
    parts = [Part(1, 10.0, 9.0), Part(3, 20.0, 21.0)]
    assert pooled_mean(parts) == 17.5
    assert middle_median(parts) == 21.0
    assert middle_median([Part(2, 10.0, 9.0), Part(2, 20.0, 21.0)]) == 9.0
    with pytest.raises(AssertionError):
        middle_median([])


@given(st.lists(st.tuples(st.integers(1, 9), st.floats(-5, 5)), min_size=1))
def test_the_middle_median_has_half_of_the_values_at_or_below(
    found: list[tuple[int, float]],
) -> None:
    parts = [Part(count, 0.0, median) for count, median in found]
    middle = middle_median(parts)
    below = sum(part.count for part in parts if part.median <= middle)
    above = sum(part.count for part in parts if part.median >= middle)
    assert min(below, above) * 2 >= sum(part.count for part in parts)


def test_every_figure_can_stand_on_charts_of_its_measure() -> None:
    for figure in FIGURES.values():
        assert set(figure.kinds) <= CHART_KINDS
        assert set(KINDS[figure.measure]) <= set(figure.kinds)
        is_counted = figure.measure in COUNTED
        assert bool(figure.counted) is is_counted
    assert LimitKind.CHART_U in FIGURES["bin"].kinds
    assert LimitKind.CHART_U not in FIGURES["final-yield"].kinds


@pytest.mark.parametrize(
    ("subject", "code", "number", "title"),
    [
        ("final-yield", "final-yield", "", "Final yield"),
        ("5", "bin", "5", "Units in hard bin 5"),
        ("bin 5", "bin", "5", "Units in hard bin 5"),
        ("test-mean 1001 Vdd core", "test-mean", "1001", "Mean of test 1001 Vdd core"),
        ("step-hours", "step-hours", "", "Hours at the step"),
    ],
)
def test_a_figure_is_named_by_its_code_and_number(
    subject: str, code: str, number: str, title: str
) -> None:
    named = named_figure(subject)
    assert named is not None
    assert (named.figure.code, named.number) == (code, number)
    assert figure_title(subject) == title


@pytest.mark.parametrize(
    "subject", ["", "yield", "test-mean", "test-mean Vdd", "final-yield 5", "step-hours long", "²"]
)
def test_other_words_name_no_figure(subject: str) -> None:
    assert named_figure(subject) is None
