"""Our statistics beside worked examples from public sources."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from quality.domain import defects, intervals, yields
from quality.tests import oracle_charts, oracle_life, oracle_runs, oracle_yields

ORACLES = Path(__file__).resolve().parents[3] / "shared" / "oracles" / "statistics.json"
EXAMPLES = (
    {one["name"]: one for one in json.loads(ORACLES.read_text())["oracles"]}
    if ORACLES.is_file()
    else {}
)
pytestmark = pytest.mark.skipif(not EXAMPLES, reason=f"{ORACLES} is not here")

METHODS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "yield_model_poisson": oracle_yields.defect_yield(defects.poisson_yield),
    "yield_model_murphy": oracle_yields.defect_yield(defects.murphy_yield),
    "yield_model_seeds_1_over_1_plus_AD": oracle_yields.defect_yield(defects.seeds_yield),
    "yield_model_negative_binomial_alpha4": oracle_yields.negative_binomial,
    "yield_model_bose_einstein_alpha2_form": oracle_yields.bose_einstein,
    "dies_per_wafer_pi_formula": lambda given: {
        "dies": [defects.dies_by_area(given["diam_cm"], area) for area in given["area_cm2"]]
    },
    "dies_per_wafer_sqrt_form": oracle_yields.dies_by_root,
    "rolled_throughput_yield": oracle_yields.rolled,
    "first_pass_vs_final_yield_with_repeat": oracle_yields.repeated_step,
    "proportion_ci_190_of_200": oracle_yields.both_intervals,
    "proportion_ci_0_of_30": oracle_yields.both_intervals,
    "clopper_pearson_reliability_29_of_30": oracle_yields.exact_interval,
    "two_proportion_difference_ci": oracle_yields.difference,
    "kgd_stack_yield": lambda given: {
        "stack_yield": yields.stack_ratio(given["die_yield"], given["n"])
    },
    "burnin_upper_cp_5_of_100000": lambda given: {
        "upper": intervals.upper_bound(given["fails"], given["n"], 1 - given["alpha"])
    },
    "burnin_sample_size_8_fails_200ppm": lambda given: {
        "n": intervals.sample_size(given["fails"], given["target_p"], 1 - given["alpha"])
    },
    "burnin_upper_cp_with_countermeasures": oracle_yields.countermeasures,
    "zero_fail_sample_size_999_95": oracle_yields.zero_fail,
    "pat_static_limits_cars_speed": oracle_yields.part_average,
    "syl_sbl_from_nist_wafers": oracle_yields.syl_sbl,
    "grubbs_nist_uranium": oracle_yields.grubbs,
    "stop_on_fail_bias": oracle_yields.stop_on_fail,
    "c_chart_nist_25_wafers": oracle_charts.c_chart,
    "p_chart_nist_30_wafers": oracle_charts.p_chart,
    "p_chart_lcl_floor_zero": oracle_charts.p_chart,
    "u_chart": oracle_charts.u_chart,
    "imr_individuals_viscosity": oracle_charts.individuals,
    "laney_p_prime_40x20": oracle_charts.laney,
    "ewma_nist": oracle_charts.ewma,
    "ewma_exact_limits_pistonrings": oracle_charts.ewma_in_time,
    "xbar_r_pistonrings": oracle_charts.x_bar_r,
    "western_electric_arl_rules_1": oracle_runs.average_run_lengths,
    "western_electric_arl_rules_12": oracle_runs.average_run_lengths,
    "western_electric_arl_rules_14": oracle_runs.average_run_lengths,
    "western_electric_arl_all_four": oracle_runs.average_run_lengths,
    "benjamini_hochberg_1995_example": oracle_charts.benjamini_hochberg,
    "online_fdr_lond": oracle_charts.lond,
    "online_fdr_lord_plus_plus": oracle_charts.lord,
    "changepoint_nile": oracle_charts.mean_change,
    "capability_pistonrings_7395_7405": oracle_charts.indices,
    "capability_sixsigma_volume": oracle_charts.sample_indices,
    "check_standard_repeatability_nist": oracle_charts.check_standard,
    "commonality_chi2_five_lots": oracle_charts.homogeneity,
    "fisher_exact_tea": oracle_charts.fisher,
    "cmh_stratified_commonality": oracle_charts.mantel_haenszel,
    "join_count_4x4_half": oracle_charts.join_counts,
    "moran_4x4_half": oracle_charts.moran,
    "gdbn_ring_constructed": oracle_charts.bad_neighbourhood,
    "shewhart_beta_oc": oracle_charts.miss_probability,
    "kruskal_wallis_sites": oracle_charts.kruskal_wallis,
    "jesd74a_annexA_acceleration": oracle_life.jesd_acceleration,
    "jesd74a_annexA_elfr": oracle_life.jesd_early_life,
    "arrhenius_25_125_Ea07": oracle_life.arrhenius,
    "arrhenius_adi_table": oracle_life.arrhenius,
    "arrhenius_reliability_pkg": oracle_life.arrhenius,
    "adi_mttf_equivalent_hours": oracle_life.equivalent_years,
    "fit_zero_fail_htol_3x77": oracle_life.zero_fail_fit,
    "fit_mttf_ratio_one_fail": oracle_life.fit_of_years,
    "mtbf_lower_bound_time_terminated": oracle_life.mean_time,
    "weibull_mle_nist": oracle_life.weibull,
    "weibull_mle_abernethy_c5": oracle_life.weibull,
    "weibull_mle_complete_reliability": oracle_life.weibull,
    "kaplan_meier_31_units": oracle_life.kaplan_meier,
    "sprt_wald_lot_decision": oracle_life.sequential,
    "penny_fab_best_worst_pwc": oracle_life.penny_fab,
    "pinball_loss_sklearn": oracle_life.pinball,
    "vut_utilisation_factor": oracle_life.utilisation,
}

NOT_COMPUTED = {
    "cusum_arl_lucas_crosier_h4": "run lengths of charts belong to judging detectors",
    "ewma_arl_sas_manual": "run lengths of charts belong to judging detectors",
    "ewma_arl_lucas_saccucci": "run lengths of charts belong to judging detectors",
    "poisson_cusum_arl_lucas": "run lengths of charts belong to judging detectors",
    "pat_linear_vs_log_z": "part limits on a log scale are not offered",
    "dbscan_clusters": "clusters on wafer maps are not computed",
    "wm811k_class_counts": "no labelled map set is loaded",
    "gage_rr_sixsigma_anova": "no gauge study is kept",
    "gage_rr_sixsigma_percent": "no gauge study is kept",
    "logistic_regression_mtcars": "no regression is fitted",
}
PARTLY = {
    "commonality_chi2_five_lots": {"crit95"},
    "moran_4x4_half": {"E_I"},
    "stop_on_fail_bias": {"raw_B_rate"},
}
"""Expected figures that are not a result of the method."""


def test_every_example_is_computed_or_named_as_not() -> None:
    assert set(METHODS) | set(NOT_COMPUTED) == set(EXAMPLES)
    assert not set(METHODS) & set(NOT_COMPUTED)


@pytest.mark.parametrize("name", sorted(METHODS))
def test_example_is_met(name: str) -> None:
    example = EXAMPLES[name]
    found = METHODS[name](example["inputs"])
    for key, expected in example["expected"].items():
        if key not in PARTLY.get(name, set()):
            assert close(found[key], expected, example["tolerance"]), (key, found[key], expected)


def close(found: Any, expected: Any, tolerance: dict[str, float]) -> bool:
    if isinstance(expected, dict):
        return all(close(found[key], expected[key], tolerance) for key in expected)
    if isinstance(expected, list):
        return len(found) == len(expected) and all(
            close(one, other, tolerance) for one, other in zip(found, expected, strict=True)
        )
    return math.isclose(
        found, expected, rel_tol=tolerance.get("rel", 0), abs_tol=tolerance.get("abs", 0)
    )
