"""Worked examples of yields, intervals and limits: inputs in, expected names out."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from quality.domain import defects, intervals, limits, yields

Example = dict[str, Any]
Method = Callable[[Example], Example]


def defect_yield(model: Callable[[float, float], float]) -> Method:
    def compute(given: Example) -> Example:
        pairs = zip(given["area_cm2"], given["D_per_cm2"], strict=True)
        return {"yield": [model(area, density) for area, density in pairs]}

    return compute


def negative_binomial(given: Example) -> Example:
    pairs = zip(given["area_cm2"], given["D"], strict=True)
    model = defects.negative_binomial_yield
    return {"yield": [model(area, density, given["alpha"]) for area, density in pairs]}


def bose_einstein(given: Example) -> Example:
    ratios, costs = [], []
    columns = (given[name] for name in ("wafer_diam_cm", "dies", "D_per_cm2", "wafer_cost"))
    for diameter, dies, density, cost in zip(*columns, strict=True):
        area = math.pi * (diameter / 2) ** 2 / dies
        ratios.append(defects.negative_binomial_yield(area, density, 2))
        costs.append(defects.die_cost(cost, dies, ratios[-1]))
    return {"yield": ratios, "cost_per_die": costs}


def dies_by_root(given: Example) -> Example:
    areas = given["area_cm2"]
    return {
        "dies": [defects.dies_by_root(given["diam_cm"], area) for area in areas],
        "poisson_yield": [defects.poisson_yield(area, given["rho_D"]) for area in areas],
    }


def rolled(given: Example) -> Example:
    units, scrapped, reworked = given["opportunities"], given["defects"], given["rework"]
    steps = [yields.step_ratio(units, *pair) for pair in zip(scrapped, reworked, strict=True)]
    return {
        "yield": yields.step_ratio(units, sum(scrapped)),
        "FTY": yields.step_ratio(units, sum(scrapped), sum(reworked)),
        "RTY": yields.rolled_ratio(steps),
        "DPMO": yields.defects_per_million(sum(scrapped), units),
    }


def repeated_step(given: Example) -> Example:
    units, steps, repeats = given["devices"], given["steps"], 1
    return {
        "device_final_yield": yields.YieldCounts(units, 0, units, units, units).final_ratio,
        "step_execution_yield": yields.execution_ratio(units * steps, units * (steps + repeats)),
    }


def both_intervals(given: Example) -> Example:
    arguments = (given["successes"], given["n"], given["conf"])
    found = {
        "wilson": intervals.wilson(*arguments),
        "clopper_pearson": intervals.clopper_pearson(*arguments),
    }
    return {name: [one.low, one.high] for name, one in found.items() if one}


def exact_interval(given: Example) -> Example:
    found = intervals.clopper_pearson(given["successes"], given["trials"], given["conf"])
    assert found
    return {"lower": found.low, "upper": found.high}


def difference(given: Example) -> Example:
    found = intervals.wald_difference(
        (given["k1"], given["k2"]), (given["n1"], given["n2"]), given["conf"]
    )
    return {"lower": found.low, "upper": found.high}


def countermeasures(given: Example) -> Example:
    upper = intervals.upper_bound_with_countermeasures(
        given["fails_per_type"], given["effectiveness"], given["n"], 1 - given["alpha"]
    )
    return {"upper": upper}


def zero_fail(given: Example) -> Example:
    size = intervals.zero_fail_sample_size
    return {"n": [size(given["reliability"], given["conf"], life) for life in given["lifetimes"]]}


def part_average(given: Example) -> Example:
    band = limits.part_average_band(given["q1"], given["median"], given["q3"], given["k"])
    assert band
    sigma = limits.robust_sigma(given["q1"], given["q3"])
    return {
        "robust_mean": band.middle,
        "robust_sigma": sigma,
        "lpl": band.low,
        "upl": band.high,
    }


def syl_sbl(given: Example) -> Example:
    shares = [count / given["n"] for count in given["fail_counts"]]
    passed = [1 - share for share in shares]
    low, lower = limits.statistical_band(passed, 3), limits.statistical_band(passed, 4)
    high, higher = limits.statistical_band(shares, 3), limits.statistical_band(shares, 4)
    return {
        "mean_yield": low.middle,
        "s": (low.middle - low.low) / 3,
        "SYL1": low.low,
        "SYL2": lower.low,
        "SBL1": high.high,
        "SBL2": higher.high,
    }


def grubbs(given: Example) -> Example:
    statistic, critical = limits.grubbs(given["x"], given["alpha"])
    return {"G": statistic, "crit": critical}


def stop_on_fail(given: Example) -> Example:
    rates = {}
    for tool, fails in given["failA"].items():
        units = 10_000
        first = round(units * fails)
        second = round((units - first) * given["failB_given_tested"])
        rates[tool] = yields.reached_ratio([first, second], units)[1]
    return {"B_rate_per_die_reaching_B": rates}
