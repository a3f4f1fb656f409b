"""What burn-in data say about life in use, and what a longer or shorter burn-in would change."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from quality.domain.intervals import sample_size, upper_bound
from quality.domain.reliability import (
    Weibull,
    arrhenius,
    fit_bound,
    kelvin,
    parts_per_million,
    voltage_acceleration,
    weibull,
)
from supplychain.base.errors import MalformedError

METHOD = "reliability-v1"
ACTIVATION_EV = (0.45, 0.7, 0.9)
"""How much the answer hangs on the activation energy is shown with these."""

CELSIUS = (-55.0, 250.0)
MILLION = 1e6
ALIKE = 1e-9
STEPS_MAX = 200
HOURS_MAX = 1e6


@dataclass(frozen=True, slots=True)
class Assumed:
    """Use against burn-in, at the junction. gamma: per volt; 0: voltage counts for nothing.

    confidence: of every bound, one-sided. early_hours: of use, in which fails are early.
    ppm_max: units per million that may fail in them.
    """

    use_celsius: float
    stress_celsius: float
    activation_ev: float = 0.7
    gamma: float = 0.0
    use_volt: float = 0.0
    stress_volt: float = 0.0
    confidence: float = 0.6
    early_hours: float = 8760.0
    ppm_max: float = 1000.0

    def __post_init__(self) -> None:
        for name, low, high in (
            ("use_celsius", *CELSIUS),
            ("stress_celsius", *CELSIUS),
            ("activation_ev", 0.0, 2.0),
            ("gamma", 0.0, 50.0),
            ("use_volt", 0.0, 100.0),
            ("stress_volt", 0.0, 100.0),
            ("confidence", 0.5, 0.999),
            ("early_hours", 1.0, 200_000.0),
            ("ppm_max", 0.001, 500_000.0),
        ):
            if not low <= getattr(self, name) <= high:
                raise MalformedError(f"{name} lies between {low:g} and {high:g}.", field=name)

    @property
    def thermal(self) -> float:
        """Acceleration by heat."""
        return arrhenius(self.activation_ev, kelvin(self.use_celsius), kelvin(self.stress_celsius))

    @property
    def electrical(self) -> float:
        """Acceleration by voltage."""
        return voltage_acceleration(self.gamma, self.use_volt, self.stress_volt)

    @property
    def acceleration(self) -> float:
        """Hours of use that an hour of burn-in stands for."""
        return self.thermal * self.electrical


@dataclass(frozen=True, slots=True)
class Lives:
    """Proven hours of units at burn-in: until they failed, or passed and were taken out.

    left_out: units without a proven hour, of which nothing is known.
    """

    failed: tuple[float, ...]
    passed: tuple[float, ...]
    left_out: int = 0

    @property
    def units(self) -> int:
        """All that count."""
        return len(self.failed) + len(self.passed)

    @property
    def hours(self) -> float:
        """Device hours under stress."""
        return math.fsum((*self.failed, *self.passed))


@dataclass(frozen=True, slots=True)
class Rate:
    """Upper bounds. fit: failures per 1e9 h of use. early_ppm: units failing in the early hours.

    Source: JESD74A, at a constant rate.
    """

    activation_ev: float
    acceleration: float
    fit: float
    early_ppm: float


@dataclass(frozen=True, slots=True)
class Plan:
    """A burn-in of so many hours by the fitted life. lost: of the units, in burn-in, 0 to 1.

    early_ppm: of those that pass, failing in the early hours of use.
    """

    hours: float
    lost: float
    early_ppm: float


def rate_bound(lives: Lives, assumed: Assumed) -> Rate | None:
    """From device hours and fails; None without an hour."""
    if lives.hours <= 0:
        return None
    device_hours = lives.hours * assumed.acceleration
    fit = fit_bound(len(lives.failed), device_hours, assumed.confidence)
    ppm = min(parts_per_million(fit, assumed.early_hours), MILLION)
    return Rate(assumed.activation_ev, assumed.acceleration, fit, ppm)


def sensitivity(lives: Lives, assumed: Assumed) -> list[Rate]:
    """The same for other activation energies, lowest first, the assumed one among them."""
    energies = sorted({*ACTIVATION_EV, assumed.activation_ev})
    found = [rate_bound(lives, replace(assumed, activation_ev=energy)) for energy in energies]
    return [rate for rate in found if rate is not None]


def defective_ppm_bound(lives: Lives, confidence: float) -> float:
    """Upper bound of the units per million that burn-in finds bad; a million for no units."""
    return upper_bound(len(lives.failed), lives.units, confidence) * MILLION


def units_to_prove(fails: int, ppm_max: float, confidence: float) -> int:
    """Units that must be burnt in, with so many fails, to prove at most ppm_max bad."""
    return sample_size(fails, ppm_max / MILLION, confidence)


def fitted_life(lives: Lives) -> Weibull | None:
    """Weibull with units that passed as censored; None for fewer than two different fail times."""
    if len(set(lives.failed)) < 2 or max(lives.failed) - min(lives.failed) < ALIKE:
        return None
    return weibull(lives.failed, lives.passed)


def surviving(life: Weibull, hours: float) -> float:
    """Share that lives longer than so many hours of burn-in."""
    return math.exp(-((hours / life.scale) ** life.shape))


def burn_in_plan(life: Weibull, hours: float, assumed: Assumed) -> Plan:
    """What so long a burn-in finds, and what it leaves."""
    later = hours + assumed.early_hours / assumed.acceleration
    exponent = (hours / life.scale) ** life.shape - (later / life.scale) ** life.shape
    return Plan(hours, 1 - surviving(life, hours), -math.expm1(exponent) * MILLION)


def burn_in_plans(life: Weibull, durations: Sequence[float], assumed: Assumed) -> list[Plan]:
    """Shortest first, each duration once."""
    return [burn_in_plan(life, hours, assumed) for hours in sorted(set(durations))]


def hours_needed(life: Weibull, assumed: Assumed) -> float | None:
    """Shortest burn-in that leaves at most ppm_max; None where no burn-in does.

    With a shape of 1 or more a longer burn-in leaves no fewer.
    """
    if burn_in_plan(life, 0.0, assumed).early_ppm <= assumed.ppm_max:
        return 0.0
    if life.shape >= 1 or burn_in_plan(life, HOURS_MAX, assumed).early_ppm > assumed.ppm_max:
        return None
    low, high = 0.0, HOURS_MAX
    for _ in range(STEPS_MAX):
        middle = (low + high) / 2
        if burn_in_plan(life, middle, assumed).early_ppm > assumed.ppm_max:
            low = middle
        else:
            high = middle
    return high
