from __future__ import annotations

import math

import numpy as np
import pytest

from operations.domain.run_parameters import (
    Asked,
    Bar,
    ParameterLine,
    Sample,
    capabilities,
    parameter_page,
    pareto,
)
from quality.domain.capability import capability


def sample(low: float, high: float, deviation: float = 0.5, count: int = 30) -> Sample:
    columns = [np.array([value]) for value in (2.0, deviation, deviation, low, high)]
    return Sample(np.array([count]), *columns)


def line(number: int, **changes: object) -> ParameterLine:
    nothing = ParameterLine(
        parameter_id=number, number=number, name=f"test {number}", occurrence=0,
        kind="parametric", units="A", scale=None, limit_low=None, limit_high=None, executed=1,
        count=1, fail_count=0, mean=None, deviation=None, minimum=None, maximum=None, cpk=None,
        ppk=None, ppk_low=None, ppk_high=None, site_gap=None, site_share=None, site_p=None,
    )  # fmt: skip
    values = {name: getattr(nothing, name) for name in ParameterLine.__slots__}
    return ParameterLine(**{**values, **changes})


def numbers(asked: Asked, *lines: ParameterLine) -> list[int]:
    return [one.number for one in parameter_page(lines, asked, 10).lines]


def test_two_sided_capability_equals_that_of_quality() -> None:
    found = capabilities(sample(0.0, 5.0))
    expected = capability(2.0, 0.5, 30, (0.0, 5.0))
    assert found.ppk[0] == pytest.approx(expected.cpk)
    assert found.ppk_low[0] == pytest.approx(expected.cpk_bounds.low)
    assert found.ppk_high[0] == pytest.approx(expected.cpk_bounds.high)


def test_one_limit_alone_is_enough() -> None:
    assert capabilities(sample(math.nan, 5.0)).cpk[0] == pytest.approx(2.0)
    assert capabilities(sample(0.5, math.nan)).cpk[0] == pytest.approx(1.0)


def test_without_limits_or_spread_there_is_no_capability() -> None:
    assert np.isnan(capabilities(sample(math.nan, math.nan)).ppk[0])
    assert np.isnan(capabilities(sample(0.0, 5.0, deviation=0.0)).ppk[0])


def test_most_fails_come_first_and_then_numbers() -> None:
    lines = [line(3), line(2, fail_count=5), line(1)]
    assert numbers(Asked(), *lines) == [2, 1, 3]
    assert numbers(Asked(order="number"), *lines) == [1, 2, 3]


def test_unknown_capability_comes_after_the_weakest() -> None:
    assert numbers(Asked(order="ppk"), line(1), line(2, ppk=2.0), line(3, ppk=0.5)) == [3, 2, 1]
    assert numbers(Asked(order="cpk"), line(1), line(2, cpk=2.0), line(3, cpk=0.5)) == [3, 2, 1]


def test_sites_farthest_apart_come_first() -> None:
    lines = [line(1), line(2, site_gap=0.1), line(3, site_gap=2.0)]
    assert numbers(Asked(order="gap"), *lines) == [3, 2, 1]


def test_names_are_ordered_whatever_their_case() -> None:
    assert numbers(Asked(order="name"), line(1, name="b"), line(2, name="A")) == [2, 1]


def test_tests_are_found_by_a_part_of_the_name_or_the_start_of_the_number() -> None:
    lines = [line(100, name="idd"), line(210, name="vdd 100")]
    assert numbers(Asked(text="10"), *lines) == [100, 210]
    assert numbers(Asked(text="IDD"), *lines) == [100]
    assert numbers(Asked(text="21"), *lines) == [210]


def test_only_what_is_asked_for_is_shown() -> None:
    lines = [line(1, fail_count=1), line(2, ppk=1.0), line(3, site_gap=2.0, site_p=0.001)]
    assert numbers(Asked(show="failing"), *lines) == [1]
    assert numbers(Asked(show="weak"), *lines) == [2]
    assert numbers(Asked(show="sites"), *lines) == [3]


def test_sites_that_differ_by_chance_are_not_marked() -> None:
    assert not line(1, site_gap=2.0, site_p=0.5).differs_by_site
    assert not line(1, site_gap=0.5, site_p=0.0).differs_by_site
    assert not line(1, site_gap=None, site_p=None).differs_by_site
    assert not line(1, site_gap=2.0, site_p=None).differs_by_site


def test_pages_say_whether_more_follow() -> None:
    lines = [line(number) for number in range(5)]
    first = parameter_page(lines, Asked(), 3)
    last = parameter_page(lines, Asked(page=2), 3)
    assert (len(first.lines), first.total, first.has_next) == (3, 5, True)
    assert (len(last.lines), last.total, last.has_next) == (2, 5, False)


def test_a_pareto_adds_up_and_leaves_out_nothing() -> None:
    assert pareto([("b", 1), ("a", 3), ("c", 0)]) == (Bar("a", 3, 0.75), Bar("b", 1, 1.0))
    assert pareto([]) == ()


def test_what_does_not_fit_a_pareto_is_one_bar() -> None:
    bars = pareto([(str(number), 10 - number) for number in range(5)], bars_max=3)
    assert [(bar.label, bar.count) for bar in bars] == [("0", 10), ("1", 9), ("3 others", 21)]
    assert bars[-1].share == 1.0
