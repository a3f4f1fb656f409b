"""Charts of the books on the same lots, set to err as often as the detectors of lot yield did."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev
from typing import TypeAlias

from quality.domain.dispersion import Count
from quality.domain.drift import scores

BASELINE_LOTS = 100
BASELINE_MIN = 12
SLACK = 0.5
WEIGHT = 0.1
LIMIT_MAX = 60.0
HALVINGS = 24

Values: TypeAlias = Sequence[float]


@dataclass(frozen=True, slots=True)
class Chart:
    """values_of: each lot by those before it, larger is worse. run: at which lots values pass the
    limit, the chart starting anew behind each."""

    name: str
    values_of: Callable[[Sequence[Count]], Values]
    run: Callable[[Values, float], list[int]]


def angular(counts: Sequence[Count]) -> Values:
    """Sigma below the first lots; the same scores that the drift detector adds up."""
    return [0.0 if place < BASELINE_MIN else value for place, value in _scored(counts)]


def _scored(counts: Sequence[Count]) -> list[tuple[int, float]]:
    return list(enumerate(scores(counts, BASELINE_LOTS)))


def binomial(counts: Sequence[Count]) -> Values:
    """A p chart: chance alone, around the pooled ratio of the first lots."""
    found = []
    for place, count in enumerate(counts):
        base = counts[: min(place, BASELINE_LOTS)]
        if place < BASELINE_MIN:
            found.append(0.0)
            continue
        pooled = sum(one.passed for one in base) / sum(one.units for one in base)
        sigma = math.sqrt(max(pooled * (1 - pooled), 1e-12) / count.units)
        found.append((pooled - count.ratio) / sigma)
    return found


def by_lots(counts: Sequence[Count]) -> Values:
    """SYL: standard deviations below the mean of the first lots' yields. Source: AEC-Q002."""
    found = []
    for place, count in enumerate(counts):
        base = [one.ratio for one in counts[: min(place, BASELINE_LOTS)]]
        is_known = place >= BASELINE_MIN
        found.append((fmean(base) - count.ratio) / max(stdev(base), 1e-9) if is_known else 0.0)
    return found


def beyond(values: Values, limit: float) -> list[int]:
    """Every lot on its own."""
    return [place for place, value in enumerate(values) if value > limit]


def summed(values: Values, limit: float) -> list[int]:
    """CUSUM, one-sided, slack of half a sigma."""
    found, total = [], 0.0
    for place, value in enumerate(values):
        total = max(0.0, total + value - SLACK)
        if total > limit:
            found.append(place)
            total = 0.0
    return found


def averaged(values: Values, limit: float) -> list[int]:
    """EWMA with weight 0.1, in its own sigma, which grows with the lots since it began."""
    found, level, size = [], 0.0, 0
    for place, value in enumerate(values):
        level, size = level + WEIGHT * (value - level), size + 1
        spread = WEIGHT / (2 - WEIGHT) * (1 - (1 - WEIGHT) ** (2 * size))
        if level > limit * math.sqrt(spread):
            found.append(place)
            level, size = 0.0, 0
    return found


CHARTS = (
    Chart("shewhart-p", binomial, beyond),
    Chart("syl", by_lots, beyond),
    Chart("cusum", angular, summed),
    Chart("ewma", angular, averaged),
)


def limit_of(chart: Chart, ordinary: Sequence[Sequence[Count]], alarms: int) -> float:
    """The lowest limit with no more alarms than this on ordinary series, of one step."""
    values = [chart.values_of(counts) for counts in ordinary]
    low, high = 0.0, LIMIT_MAX
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        if sum(len(chart.run(one, middle)) for one in values) > alarms:
            low = middle
        else:
            high = middle
    return high


def delay_of(
    chart: Chart, limit: float, history: Sequence[Count], after: Sequence[Count]
) -> int | None:
    """Lots of `after` up to the first alarm; None: never."""
    values = chart.values_of([*history, *after])
    begin = len(history)
    return next((at - begin + 1 for at in chart.run(values, limit) if at >= begin), None)
