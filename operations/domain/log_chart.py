"""A quantity of an oven's log as a chart takes it: its extremes kept, its gaps left open."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from testing.domain.burnin_series import Sample

POINTS_MAX = 4000
Point = tuple[int, float | None]
"""Milliseconds since 1970, UTC, and a value; None breaks the line."""


def chart_points(
    samples: Sequence[Sample], gap_max: timedelta, most: int = POINTS_MAX
) -> list[Point]:
    """Points of a line that breaks where nothing was read for longer than gap_max.

    samples: in order of time. Of a longer log each bucket gives its lowest and highest value, and
    a break where one of its samples has no value.
    """
    points: list[Point] = []
    last: datetime | None = None
    for sample in samples if len(samples) <= most else _thinned(samples, most):
        if last is not None and sample.at - last > gap_max:
            points.append((milliseconds(last) + 1, None))
        points.append((milliseconds(sample.at), sample.value))
        last = sample.at
    return points


def _thinned(samples: Sequence[Sample], most: int) -> list[Sample]:
    """At most three of each bucket, and at most `most` of all."""
    size = -(-3 * len(samples) // (most - 3))
    kept: list[Sample] = []
    for start in range(0, len(samples), size):
        bucket = samples[start : start + size]
        valued = [(one.value, index) for index, one in enumerate(bucket) if one.value is not None]
        places = {place for _, place in (min(valued), max(valued))} if valued else set()
        places.update([index for index, one in enumerate(bucket) if one.value is None][:1])
        kept.extend(bucket[place] for place in sorted(places))
    return kept


def milliseconds(at: datetime) -> int:
    """Since 1970, UTC."""
    return round(at.timestamp() * 1000)
