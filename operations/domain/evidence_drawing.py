"""A frozen picture of an issue as people see it: drawn, told in words, and as a table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from operations.domain.control_drawing import (
    Axes,
    ControlDrawing,
    ControlPoint,
    draw_control,
    figure,
)
from operations.domain.measures import Scaled, scaled
from quality.domain.pictures import Picture, PicturePoint, PointOf

NOTHING = "—"
ACROSS = {
    PointOf.LOT: "Lots, the latest on the right",
    PointOf.SITE: "Head and site",
    PointOf.SOCKET: "Socket",
    PointOf.UNIT: "Units, in order of value",
    PointOf.POSITION: "Position of the field: column, row",
    PointOf.TOOL: "Tool",
}
HEADS = {
    PointOf.LOT: "Lot",
    PointOf.SITE: "Head/site",
    PointOf.SOCKET: "Socket",
    PointOf.UNIT: "Unit",
    PointOf.POSITION: "Column, row",
    PointOf.TOOL: "Tool",
}


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    """One point in figures. kind: `lot` where its name has a page, else empty."""

    name: str
    kind: str
    value: str
    units: int | None
    low: str
    high: str
    is_flagged: bool


@dataclass(frozen=True, slots=True)
class Level:
    """A line across the picture, plain or broken. name: what it is."""

    name: str
    value: str
    is_limit: bool


@dataclass(frozen=True, slots=True)
class EvidencePicture:
    """key: what its parts are called on the page. title: what is drawn, with its unit.

    head: what a row stands for. rest: points not drawn.

    is_in_time: whether the latest point, on the right, is the one to see first.
    has_units, has_span: whether the points say how many units they rest on, and their interval.
    """

    key: str
    title: str
    rule: str
    head: str
    drawing: ControlDrawing
    levels: tuple[Level, ...]
    rows: tuple[EvidenceRow, ...]
    rest: int
    is_in_time: bool
    has_units: bool
    has_span: bool


def draw_evidence(key: str, picture: Picture, pages: Mapping[str, str]) -> EvidencePicture:
    """key: of this picture on its page. pages: name of a point → its page, if any."""
    scale = Scaled(1.0, "") if picture.is_ratio else scaled(picture.unit, picture.scale)
    title = f"{picture.title}, {scale.unit}" if scale.unit else picture.title
    levels = {
        picture.usual: picture.middle,
        "Lower limit": picture.low,
        "Upper limit": picture.high,
    }
    return EvidencePicture(
        key=key,
        title=title,
        rule=picture.rule,
        head=HEADS[picture.of],
        drawing=draw_control(
            [_point(picture, one, pages, scale.factor) for one in picture.points],
            _times(picture.middle, scale.factor),
            as_percent=picture.is_ratio,
            is_joined=picture.of is PointOf.LOT,
            axes=Axes(title, ACROSS[picture.of]),
        ),
        levels=tuple(
            Level(name, _written(picture, level, scale), is_limit=name != picture.usual)
            for name, level in levels.items()
            if level is not None
        ),
        rows=tuple(_row(picture, one, scale) for one in picture.points),
        rest=picture.whole - len(picture.points),
        is_in_time=picture.of is PointOf.LOT,
        has_units=any(one.units for one in picture.points),
        has_span=any(one.low is not None for one in picture.points),
    )


def _point(
    picture: Picture, one: PicturePoint, pages: Mapping[str, str], factor: float
) -> ControlPoint:
    low, high = _times(one.low, factor), _times(one.high, factor)
    return ControlPoint(
        name=one.name,
        address=pages.get(one.name, ""),
        value=one.value * factor,
        low=_times(picture.low, factor),
        high=_times(picture.high, factor),
        signal=picture.rule if one.is_flagged else "",
        span=None if low is None or high is None else (low, high),
    )


def _row(picture: Picture, one: PicturePoint, scale: Scaled) -> EvidenceRow:
    return EvidenceRow(
        name=one.name or NOTHING,
        kind="lot" if picture.of is PointOf.LOT else "",
        value=_written(picture, one.value, scale),
        units=one.units,
        low=_written(picture, one.low, scale),
        high=_written(picture, one.high, scale),
        is_flagged=one.is_flagged,
    )


def _times(level: float | None, factor: float) -> float | None:
    return None if level is None else level * factor


def _written(picture: Picture, level: float | None, scale: Scaled) -> str:
    """As the axis writes it; of what is no ratio without the unit, which the title has."""
    if level is None:
        return NOTHING
    return figure(level * scale.factor, as_percent=picture.is_ratio)
