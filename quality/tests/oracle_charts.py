"""Worked examples of charts, comparisons and wafer maps: inputs in, expected names out."""

from __future__ import annotations

import math
from typing import Any

from quality.domain import (
    capability,
    charts,
    dispersion,
    limits,
    multiplicity,
    proportions,
    wafer_maps,
)

Example = dict[str, Any]


def c_chart(given: Example) -> Example:
    chart = charts.count_chart(given["counts"])
    signals = [place + 1 for place in chart.signals(given["counts"])]
    return {
        "CL": chart.middle,
        "UCL": chart.high[0],
        "LCL": chart.low[0],
        "out_of_control_wafers": signals,
    }


def p_chart(given: Example) -> Example:
    counts = [dispersion.Count(count, given["n"]) for count in given["counts"]]
    chart = charts.proportion_chart(counts)
    signals = [place + 1 for place in chart.signals([count.ratio for count in counts])]
    return {
        "CL": chart.middle,
        "LCL": chart.low[0],
        "UCL": chart.high[0],
        "signals": signals,
    }


def u_chart(given: Example) -> Example:
    chart = charts.count_chart(given["counts"], [given["n"]] * len(given["counts"]))
    return {"CL": chart.middle, "LCL": chart.low[0], "UCL": chart.high[0]}


def individuals(given: Example) -> Example:
    chart = charts.individuals_chart(given["x"])
    return {
        "CL": chart.middle,
        "sigma": (chart.high[0] - chart.middle) / 3,
        "LCL": chart.low[0],
        "UCL": chart.high[0],
    }


def laney(given: Example) -> Example:
    counts = [dispersion.Count(*pair) for pair in zip(given["x"], given["n"], strict=True)]
    chart = charts.laney_chart(counts)
    return {
        "CL": chart.middle,
        "sigma_z": dispersion.laney_sigma(counts),
        "LCL_first": chart.low[0],
        "UCL_first": chart.high[0],
    }


def ewma(given: Example) -> Example:
    half = charts.ewma_half_width(given["lambda"], given["s"], given["L"])
    return {
        # The source prints two decimals.
        "ewma": [
            round(one, 2) for one in charts.ewma(given["x"], given["lambda"], given["target"])
        ],
        "UCL": given["target"] + half,
        "LCL": given["target"] - half,
    }


def ewma_in_time(given: Example) -> Example:
    sigma = given["sigma"] / math.sqrt(given["n"])
    halves = [
        charts.ewma_half_width(given["lambda"], sigma, given["L"], place) for place in given["i"]
    ]
    return {
        "LCL": [given["center"] - half for half in halves],
        "UCL": [given["center"] + half for half in halves],
    }


def x_bar_r(given: Example) -> Example:
    groups = given["subgroups"]
    means, ranges = charts.mean_chart(groups), charts.range_chart(groups)
    return {
        "CL": means.middle,
        "sigma": charts.subgroup_sigma(groups),
        "LCL": means.low[0],
        "UCL": means.high[0],
        "Rbar": ranges.middle,
        "R_UCL": ranges.high[0],
    }


def benjamini_hochberg(given: Example) -> Example:
    return {
        "bh_rejections": sum(p <= given["q"] for p in multiplicity.benjamini_hochberg(given["p"])),
        "bonferroni_rejections": sum(p <= given["q"] for p in multiplicity.bonferroni(given["p"])),
    }


def lond(given: Example) -> Example:
    found = multiplicity.lond(given["p"], given["alpha"])
    return {"alphai": [one for one, _ in found], "R": [int(rejected) for _, rejected in found]}


def lord(given: Example) -> Example:
    found = multiplicity.lord_plus_plus(given["p"], given["alpha"], given["w0"])
    return {"alphai": [one for one, _ in found], "R": [int(rejected) for _, rejected in found]}


def mean_change(given: Example) -> Example:
    place, before, after = capability.mean_change(given["y"])
    year = given["start_year"] + place - 1
    return {"break_after_obs": place, "year": year, "RSS0": before, "RSS1": after}


def indices(given: Example) -> Example:
    found = capability.capability(
        given["xbar"], given["sigma"], given["n"], (given["LSL"], given["USL"])
    )
    return {
        "Cp": found.cp,
        "Cp_ci": [found.cp_bounds.low, found.cp_bounds.high],
        "Cpl": found.cpk_low,
        "Cpu": found.cpk_high,
        "Cpk": found.cpk,
        "Cpk_ci": [found.cpk_bounds.low, found.cpk_bounds.high],
    }


def sample_indices(given: Example) -> Example:
    found = capability.sample_capability(given["x"], (given["LSL"], given["USL"]))
    return {"Cp": found.cp, "Cpk": found.cpk, "Z": 3 * found.cpk}


def check_standard(given: Example) -> Example:
    return {
        "s1": capability.pooled_deviation(given["sd6"]),
        "s2": limits.statistical_band(given["avg6"], 1).high
        - limits.statistical_band(given["avg6"], 1).middle,
    }


def homogeneity(given: Example) -> Example:
    counts = [dispersion.Count(count, given["n"]) for count in given["fail"]]
    statistic, degrees = proportions.homogeneity(counts)
    return {"chi2": statistic, "df": degrees}


def fisher(given: Example) -> Example:
    return {
        "p_two_sided": proportions.fisher(given["table"]),
        "p_greater": proportions.fisher(given["table"], greater=True),
    }


def mantel_haenszel(given: Example) -> Example:
    found = proportions.mantel_haenszel(given["tables"])
    return {"stat": found.statistic, "p": found.p_value, "odds_ratio": found.odds_ratio}


def grid(given: Example) -> dict[tuple[int, int], bool]:
    width = given["grid"][1]
    return {divmod(place, width): bool(bad) for place, bad in enumerate(given["y"])}


def join_counts(given: Example) -> Example:
    found = wafer_maps.join_counts(grid(given))
    total = found.bad + found.mixed + found.good
    return {"bb": found.bad, "bw": found.mixed, "ww": found.good, "J": total}


def moran(given: Example) -> Example:
    return {"I": wafer_maps.moran(grid(given))}


def bad_neighbourhood(given: Example) -> Example:
    rows = given["fail_map"]
    dies = {(y, x): bool(bad) for y, row in enumerate(rows) for x, bad in enumerate(row)}
    counts = wafer_maps.bad_neighbours(dies)
    inked = wafer_maps.bad_neighbourhood(dies, given["threshold"] / 8)
    return {
        "center_fail_neighbours": counts[2, 2],
        "inked": [list(place) for place in sorted(inked)],
        "corner_count": counts[0, 0],
        "edge_mid_count": counts[0, 2],
    }


def miss_probability(given: Example) -> Example:
    return {
        f"beta_{shift}": [proportions.miss_probability(shift, units) for units in given["n"]]
        for shift in given["shift"]
    }


def kruskal_wallis(given: Example) -> Example:
    statistic, p_value = capability.kruskal_wallis(given["groups"])
    return {"H": statistic, "df": len(given["groups"]) - 1, "p": p_value}
