"""Life under heat and voltage: acceleration, failure rates, bounds. Temperatures in kelvin."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from supplychain.base.deferred import optimize, stats

BOLTZMANN_EV = 8.617333262e-5
"""eV per kelvin."""

HOURS_PER_YEAR = 8760.0


def kelvin(celsius: float) -> float:
    """Degrees Celsius in kelvin."""
    return celsius + 273.15


def arrhenius(activation_ev: float, use_kelvin: float, stress_kelvin: float) -> float:
    """Thermal acceleration: exp[Ea/k (1/T_use - 1/T_stress)]."""
    return math.exp(activation_ev / BOLTZMANN_EV * (1 / use_kelvin - 1 / stress_kelvin))


def voltage_acceleration(gamma: float, use_volt: float, stress_volt: float) -> float:
    """exp[gamma (V_stress - V_use)], gamma per volt."""
    return math.exp(gamma * (stress_volt - use_volt))


def fails_bound(fails: int, confidence: float) -> float:
    """Upper bound of the expected number of fails: χ²(CL; 2f + 2) / 2."""
    return float(stats.chi2.ppf(confidence, 2 * fails + 2)) / 2


def fit_bound(fails: int, device_hours: float, confidence: float) -> float:
    """Upper bound in failures per 1e9 h. device_hours: units * hours * acceleration."""
    return fails_bound(fails, confidence) * 1e9 / device_hours


def parts_per_million(fit: float, hours: float) -> float:
    """Fails per million in the first `hours` at a constant rate. Source: JESD74A."""
    return fit * hours * 1e-3


def fit_of_years(mean_years_to_failure: float) -> float:
    """Constant failure rate with this mean life."""
    return 1e9 / (mean_years_to_failure * HOURS_PER_YEAR)


def mean_time_bound(hours: float, fails: int, confidence: float, *, two_sided: bool) -> float:
    """Lower bound of the mean time between failures of a test ended by time."""
    tail = (1 - confidence) / 2 if two_sided else 1 - confidence
    return 2 * hours / float(stats.chi2.isf(tail, 2 * fails + 2))


@dataclass(frozen=True, slots=True)
class Weibull:
    """Shape and scale by maximum likelihood; log_likelihood at them."""

    shape: float
    scale: float
    log_likelihood: float


def weibull(failures: Sequence[float], censored: Sequence[float] = ()) -> Weibull:
    """Fit to lives, some cut on the right. Two different failures or more, all times > 0."""
    longest = max(*failures, *censored)
    lives = [time / longest for time in (*failures, *censored)]
    mean_log = math.fsum(math.log(time / longest) for time in failures) / len(failures)

    def slope(shape: float) -> float:
        weights = [life**shape for life in lives]
        logs = math.fsum(w * math.log(life) for w, life in zip(weights, lives, strict=True))
        return logs / math.fsum(weights) - 1 / shape - mean_log

    high = 1.0
    while slope(high) < 0:
        high *= 2
    shape = float(optimize.brentq(slope, 1e-6, high, xtol=1e-12))
    scale = longest * (math.fsum(life**shape for life in lives) / len(failures)) ** (1 / shape)
    density = math.fsum(
        math.log(shape / scale) + (shape - 1) * math.log(time / scale) for time in failures
    )
    survived = math.fsum((time / scale) ** shape for time in (*failures, *censored))
    return Weibull(shape, scale, density - survived)


def kaplan_meier(
    failures: Sequence[float], censored: Sequence[float] = ()
) -> list[tuple[float, float]]:
    """(time, share surviving) at each failure time. A unit cut at a failure's time was at risk."""
    surviving, answers = 1.0, []
    for time in sorted(set(failures)):
        at_risk = sum(life >= time for life in (*failures, *censored))
        surviving *= 1 - failures.count(time) / at_risk
        answers.append((time, surviving))
    return answers
