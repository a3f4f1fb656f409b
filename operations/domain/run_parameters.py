"""The tests of a run as its page lists them: capability, order, filter and page."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FLOATS = NDArray[np.float64]
Z_BOTH_SIDES = 1.959963984540054  # 95 %
CAPABLE = 1.33
ORDERS = ("number", "name", "fails", "ppk", "cpk", "gap")
SHOWS = ("", "failing", "weak", "sites")
SITE_GAP_NOTABLE = 1.0
P_NOTABLE = 0.01


@dataclass(frozen=True, slots=True)
class Capability:
    """Cpk by the deviation within sites, Ppk by that of all values; every column is (test,).

    ppk_low, ppk_high: 95 % (Bissell). NaN without limits, without spread, or below two values.
    """

    cpk: FLOATS
    ppk: FLOATS
    ppk_low: FLOATS
    ppk_high: FLOATS


@dataclass(frozen=True, slots=True)
class Sample:
    """What capability is reckoned from; every column is (test,), limits NaN where there is none."""

    count: NDArray[np.int64]
    mean: FLOATS
    deviation: FLOATS
    within: FLOATS
    limit_low: FLOATS
    limit_high: FLOATS


def capabilities(sample: Sample) -> Capability:
    """One-sided where a test has but one limit."""
    with np.errstate(divide="ignore", invalid="ignore"):
        ppk = _index(sample, sample.deviation)
        size = sample.count.astype(np.float64)
        variance = 1 / (9 * size) + np.square(ppk) / (2 * (size - 1))
        reach = Z_BOTH_SIDES * np.sqrt(variance)
        return Capability(_index(sample, sample.within), ppk, ppk - reach, ppk + reach)


def _index(sample: Sample, sigma: FLOATS) -> FLOATS:
    spread = np.where(sigma > 0, 3 * sigma, np.nan)
    below = (sample.mean - sample.limit_low) / spread
    above = (sample.limit_high - sample.mean) / spread
    return np.fmin(below, above)


@dataclass(frozen=True, slots=True)
class ParameterLine:
    """One test of the list. Figures are None where they cannot be told.

    site_p: adjusted over all tests of the run (Benjamini-Hochberg).
    """

    parameter_id: int
    number: int
    name: str
    occurrence: int
    kind: str
    units: str
    scale: int | None
    limit_low: float | None
    limit_high: float | None
    executed: int
    count: int
    fail_count: int
    mean: float | None
    deviation: float | None
    minimum: float | None
    maximum: float | None
    cpk: float | None
    ppk: float | None
    ppk_low: float | None
    ppk_high: float | None
    site_gap: float | None
    site_share: float | None
    site_p: float | None

    @property
    def is_weak(self) -> bool:
        """Whether it has limits that its spread does not fit into well."""
        return self.ppk is not None and self.ppk < CAPABLE

    @property
    def differs_by_site(self) -> bool:
        """Whether sites lie apart by more than their own spread, and not by chance."""
        gap, p_value = self.site_gap, self.site_p
        return (
            gap is not None
            and p_value is not None
            and gap >= SITE_GAP_NOTABLE
            and p_value <= P_NOTABLE
        )


@dataclass(frozen=True, slots=True)
class Asked:
    """What of the list is asked for. show: one of SHOWS. page: from 1."""

    text: str = ""
    show: str = ""
    order: str = "fails"
    page: int = 1


@dataclass(frozen=True, slots=True)
class ParameterPage:
    """A page of the list. total: lines that fit the filter."""

    lines: tuple[ParameterLine, ...]
    total: int
    has_next: bool


def parameter_page(lines: Sequence[ParameterLine], asked: Asked, size: int) -> ParameterPage:
    """Filtered, ordered, cut."""
    found = [line for line in lines if _fits(line, asked)]
    found.sort(key=lambda line: _rank(line, asked.order))
    start = (asked.page - 1) * size
    return ParameterPage(tuple(found[start : start + size]), len(found), len(found) > start + size)


def _fits(line: ParameterLine, asked: Asked) -> bool:
    text = asked.text.casefold()
    if text and text not in line.name.casefold() and not str(line.number).startswith(text):
        return False
    return {
        "failing": line.fail_count > 0,
        "weak": line.is_weak,
        "sites": line.differs_by_site,
    }.get(asked.show, True)


def _rank(line: ParameterLine, order: str) -> tuple[object, ...]:
    place = (line.number, line.name, line.occurrence)
    ranks: dict[str, tuple[object, ...]] = {
        "name": (line.name.casefold(),),
        "fails": (-line.fail_count,),
        "ppk": (_low_first(line.ppk),),
        "cpk": (_low_first(line.cpk),),
        "gap": (_low_first(None if line.site_gap is None else -line.site_gap),),
    }
    return (*ranks.get(order, ()), *place)


def _low_first(value: float | None) -> float:
    return math.inf if value is None else value


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a Pareto. share: of all, 0 to 1, with those before it."""

    label: str
    count: int
    share: float


def pareto(counts: Sequence[tuple[str, int]], bars_max: int = 15) -> tuple[Bar, ...]:
    """Most first; the rest beyond the most bars is one bar. Nothing for no counts."""
    ranked = sorted((one for one in counts if one[1]), key=lambda one: (-one[1], one[0]))
    if len(ranked) > bars_max:
        rest = sum(count for _, count in ranked[bars_max - 1 :])
        ranked = [*ranked[: bars_max - 1], (f"{len(ranked) - bars_max + 1} others", rest)]
    total, running, bars = sum(count for _, count in ranked), 0, []
    for label, count in ranked:
        running += count
        bars.append(Bar(label, count, running / total))
    return tuple(bars)
