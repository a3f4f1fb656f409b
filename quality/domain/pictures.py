"""Pictures of evidence, frozen with it: points in a row beside their limits, at most POINTS_MAX."""

from __future__ import annotations

import math
import re
from collections.abc import Container, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from quality.domain.dispersion import Count
from quality.domain.intervals import wilson

POINTS_MAX = 60
MARKED_MAX = 30
"""Values beyond a limit that are drawn one by one; the rest shows how the others lie."""


class PointOf(StrEnum):
    """What one point of a picture stands for."""

    LOT = "lot"
    SITE = "site"
    SOCKET = "socket"
    UNIT = "unit"
    POSITION = "position"
    TOOL = "tool"


@dataclass(frozen=True, slots=True)
class PicturePoint:
    """name: of the lot, site, socket, unit, position or tool; empty for one value among many.

    units: behind the value; None for a single measurement. low, high: the value's own interval.
    """

    name: str
    value: float
    units: int | None = None
    low: float | None = None
    high: float | None = None
    is_flagged: bool = False


@dataclass(frozen=True, slots=True)
class Picture:
    """title: what the values are. rule: why the flagged points stand out, in words.

    middle, low, high: what is usual, and the limits; None: no such level. is_ratio: values are
    ratios 0 to 1; else in `unit`, shown times ten to `scale`. whole: of how many the points are.
    usual: what the middle is called.
    """

    title: str
    of: PointOf
    rule: str
    points: tuple[PicturePoint, ...]
    whole: int
    middle: float | None = None
    low: float | None = None
    high: float | None = None
    is_ratio: bool = True
    unit: str = ""
    scale: int | None = None
    usual: str = "Usual"

    def as_json(self) -> dict[str, Any]:
        """Every field by name; what does not apply is left out."""
        told = _told(self)
        told["points"] = [_told(point) for point in self.points]
        return {"is_ratio": self.is_ratio, **told}


def _told(one: Picture | PicturePoint) -> dict[str, Any]:
    fields = asdict(one).items()
    return {
        name: value
        for name, value in fields
        if not (value is None or value is False or value == "")
    }


def frozen_picture(stored: Mapping[str, Any]) -> Picture:
    """What `as_json` was made of."""
    points = tuple(PicturePoint(**{"name": "", **point}) for point in stored["points"])
    return Picture(**{**stored, "of": PointOf(stored["of"]), "points": points})


def lot_points(lots: Sequence[tuple[str, Count]], flagged: int = 1) -> tuple[PicturePoint, ...]:
    """Code and count of lots, oldest first, of which the last `flagged` are marked; the last ones
    where there are too many."""
    first = len(lots) - flagged
    points = [
        PicturePoint(code, count.ratio, count.units, is_flagged=place >= first)
        for place, (code, count) in enumerate(lots)
    ]
    return tuple(points[-POINTS_MAX:])


def share_points(
    counts: Mapping[str, Count], flagged: Container[str], dispersion: float = 1.0
) -> tuple[PicturePoint, ...]:
    """Shares side by side, each with its 95 % Wilson interval, in order of name.

    dispersion: variance over what chance alone gives; the interval is wider by its root. Where
    there are too many, those of most units stay, and every flagged one.
    """
    names = sorted(counts, key=lambda name: (name not in flagged, -counts[name].units))
    kept = sorted(names[:POINTS_MAX], key=_by_number)
    return tuple(_share(name, counts[name], name in flagged, dispersion) for name in kept)


def _share(name: str, count: Count, is_flagged: bool, dispersion: float) -> PicturePoint:
    bounds = wilson(count.passed, count.units)
    assert bounds is not None, "a count has units"
    ratio, wider = count.ratio, math.sqrt(max(dispersion, 1.0))
    low = max(0.0, ratio - (ratio - bounds.low) * wider)
    high = min(1.0, ratio + (bounds.high - ratio) * wider)
    return PicturePoint(name, ratio, count.units, low, high, is_flagged)


def _by_number(name: str) -> list[tuple[bool, int, str]]:
    """Site 10 behind site 9."""
    parts = re.split(r"(\d+)", name)
    return [(part.isdecimal(), int(part) if part.isdecimal() else 0, part) for part in parts]


def value_points(
    values: Sequence[tuple[str, float]], flagged: Container[str]
) -> tuple[PicturePoint, ...]:
    """Values of units, the lowest first. flagged: names of units; the farthest from the median of
    them are marked, and of all others so many evenly spaced ones as there is room for."""
    ordered = sorted(values, key=lambda one: (one[1], one[0]))
    if not ordered:
        return ()
    median = ordered[len(ordered) // 2][1]
    odd = [one for one in ordered if one[0] in flagged]
    marked = sorted(odd, key=lambda one: -abs(one[1] - median))[:MARKED_MAX]
    others = _spaced([one for one in ordered if one[0] not in flagged], POINTS_MAX - len(marked))
    points = [PicturePoint(name, value, is_flagged=True) for name, value in marked]
    points += [PicturePoint("", value) for _, value in others]
    return tuple(sorted(points, key=lambda point: point.value))


def _spaced(ordered: Sequence[tuple[str, float]], room: int) -> list[tuple[str, float]]:
    """The first, the last and evenly between; all where there is room."""
    if len(ordered) <= room:
        return list(ordered)
    step = (len(ordered) - 1) / (room - 1)
    return [ordered[round(place * step)] for place in range(room)]
