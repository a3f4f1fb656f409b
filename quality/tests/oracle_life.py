"""Worked examples of reliability and flow: inputs in, expected names out."""

from __future__ import annotations

from typing import Any

from quality.domain import flow, reliability

Example = dict[str, Any]


def jesd_acceleration(given: Example) -> Example:
    heat = reliability.arrhenius(given["Ea"], given["T_use_K"], given["T_stress_K"])
    volt = reliability.voltage_acceleration(given["gamma_per_V"], given["V_use"], given["V_stress"])
    return {"A_T": heat, "A_V": volt, "A": heat * volt}


def jesd_early_life(given: Example) -> Example:
    hours = given["A"] * given["N"] * given["t_h"]
    fit = reliability.fit_bound(given["fails"], hours, given["conf"])
    return {
        "chi2": 2 * reliability.fails_bound(given["fails"], given["conf"]),
        "FIT": fit,
        "ppm": [reliability.parts_per_million(fit, hours) for hours in given["t_ELF_h"]],
    }


def arrhenius(given: Example) -> Example:
    use, stress = given["T_use_C"], given["T_stress_C"]
    many = stress if isinstance(stress, list) else [stress]
    factors = [
        reliability.arrhenius(given["Ea"], reliability.kelvin(use), reliability.kelvin(one))
        for one in many
    ]
    return {"AF": factors if isinstance(stress, list) else factors[0]}


def equivalent_years(given: Example) -> Example:
    factor = arrhenius(given)["AF"]
    return {"AF": factor, "years": factor * given["hours"] / reliability.HOURS_PER_YEAR}


def zero_fail_fit(given: Example) -> Example:
    hours = given["n"] * given["hours"] * given["AF"]
    return {
        "chi2half60": reliability.fails_bound(given["fails"], 0.6),
        "chi2half90": reliability.fails_bound(given["fails"], 0.9),
        "FIT60": reliability.fit_bound(given["fails"], hours, 0.6),
        "FIT90": reliability.fit_bound(given["fails"], hours, 0.9),
    }


def fit_of_years(given: Example) -> Example:
    ratio = reliability.fails_bound(given["fails"], 0.9) / reliability.fails_bound(
        given["fails"], 0.6
    )
    return {"FIT": [reliability.fit_of_years(y) for y in given["MTTF_years"]], "ratio": ratio}


def mean_time(given: Example) -> Example:
    columns = (given[name] for name in ("T", "F", "conf", "two_sided"))
    return {
        "MTBF": [
            reliability.mean_time_bound(hours, fails, confidence, two_sided=both)
            for hours, fails, confidence, both in zip(*columns, strict=True)
        ]
    }


def weibull(given: Example) -> Example:
    found = reliability.weibull(given["failures"], given.get("right_censored", ()))
    return {
        "shape": found.shape,
        "scale": found.scale,
        "alpha": found.scale,
        "beta": found.shape,
        "loglik": found.log_likelihood,
    }


def kaplan_meier(given: Example) -> Example:
    found = reliability.kaplan_meier(given["failures"], given["right_censored"])
    return {"S": [share for _, share in found]}


def sequential(given: Example) -> Example:
    plan = flow.sequential_plan(given["p1"], given["p2"], given["alpha"], given["beta"])
    return {
        "accept": [plan.accept_count(units) for units in given["n"]],
        "reject": [plan.reject_count(units) for units in given["n_rej"]],
        "h1": plan.accept,
        "h2": plan.reject,
        "s": plan.slope,
    }


def penny_fab(given: Example) -> Example:
    rate, raw, wip = given["rb"], given["T0"], given["w"]
    paces = {
        "best": flow.best_pace(rate, raw, wip),
        "worst": flow.worst_pace(raw, wip),
        "pwc": flow.usual_worst_pace(rate, raw, wip),
    }
    shown = {name: [pace.cycle_time, pace.throughput] for name, pace in paces.items()}
    return {"W0": flow.critical_wip(rate, raw), **shown}


def pinball(given: Example) -> Example:
    pairs = zip(given["q"], given["alpha"], strict=True)
    return {"loss": [flow.pinball_loss(given["y"], one, alpha) for one, alpha in pairs]}


def utilisation(given: Example) -> Example:
    busy, calmer = (flow.waiting_factor(u) for u in given["u"])
    return {"U95": busy, "reduction": 1 - calmer / busy}
