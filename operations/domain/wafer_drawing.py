"""Where each die of a wafer map goes on the page. The template only prints what stands here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import hypot

from operations.domain.bins import BinLook, mark_path
from operations.domain.orientation import Orientation

RADIUS_MM = 150.0
MARGIN_MM = 6.0
GAP_RATIO = 0.06  # of a die's width, left free between neighbours
OUTWARDS = {"D": (0, 1), "U": (0, -1), "L": (-1, 0), "R": (1, 0)}
"""Side of a notch → steps to the right and down."""
UNKNOWN_LIE = Orientation()
LABEL_SIDE_MIN = 11.0  # below this a number would not be readable


@dataclass(frozen=True, slots=True)
class DieResult:
    """One die as its deciding insertion left it. x, y: in die steps; y grows downwards."""

    x: int
    y: int
    hard_bin: int | None
    is_pass: bool


@dataclass(frozen=True, slots=True)
class DieSize:
    """Step of the die grid in millimetres; None where the product does not say."""

    width_mm: float | None
    height_mm: float | None


@dataclass(frozen=True, slots=True)
class DieMark:
    """Where one die lies on the page, in drawing units; label_x, label_y: its middle."""

    left: float
    top: float
    width: float
    height: float
    label_x: float
    label_y: float


@dataclass(frozen=True, slots=True)
class BinLayer:
    """All dies of one bin as two paths."""

    style: str
    title: str
    area: str
    marks: str


@dataclass(frozen=True, slots=True)
class WaferDrawing:
    """A wafer in a square of `side` units: outline, dies one by one, and the same dies by bin.

    label_size: of a number in a die; 0 where none would be readable.
    """

    side: float
    centre: float
    radius: float
    notch: str
    label_size: float
    dies: tuple[DieMark, ...]
    layers: tuple[BinLayer, ...]


Looks = Mapping[tuple[int | None, bool], BinLook]


def draw_wafer(
    dies: Sequence[DieResult], size: DieSize, looks: Looks, lie: Orientation = UNKNOWN_LIE
) -> WaferDrawing:
    """The map of one wafer; true to scale where the die's size is known and fits 300 mm.

    lie: no notch is drawn where it is not known.
    """
    turned = [replace(die, x=die.x * lie.x_sign, y=die.y * lie.y_sign) for die in dies]
    marks = _placed(turned, _grid(turned, size))
    centre = RADIUS_MM + MARGIN_MM
    side = min(marks[0].width, marks[0].height) if marks else 0
    return WaferDrawing(
        side=2 * centre,
        centre=centre,
        radius=RADIUS_MM,
        notch=_notch(centre, lie.flat),
        label_size=round(side * 0.5, 2) if side >= LABEL_SIDE_MIN else 0,
        dies=marks,
        layers=_layers(dies, marks, looks),
    )


def _notch(centre: float, flat: str) -> str:
    """A small angle at the edge that points inwards; nothing where the side is not known."""
    if flat not in OUTWARDS:
        return ""
    right, down = OUTWARDS[flat]

    def place(outwards: float, along: float) -> str:
        x, y = centre + right * outwards + down * along, centre + down * outwards + right * along
        return f"{x:g} {y:g}"

    return f"M{place(RADIUS_MM, -4)}L{place(RADIUS_MM - 5, 0)}L{place(RADIUS_MM, 4)}"


@dataclass(frozen=True, slots=True)
class _Grid:
    width: float
    height: float
    middle_x: float
    middle_y: float


def _grid(dies: Sequence[DieResult], size: DieSize) -> _Grid:
    """Die steps in drawing units, shrunk or grown to the wafer where the size is not known."""
    width, height = size.width_mm or 1.0, size.height_mm or 1.0
    columns, rows = [die.x for die in dies] or [0], [die.y for die in dies] or [0]
    middle_x = (min(columns) + max(columns)) / 2
    middle_y = (min(rows) + max(rows)) / 2
    reach = max(
        (
            hypot((abs(die.x - middle_x) + 0.5) * width, (abs(die.y - middle_y) + 0.5) * height)
            for die in dies
        ),
        default=1.0,
    )
    is_known = size.width_mm is not None and size.height_mm is not None
    scale = 1.0 if is_known and reach <= RADIUS_MM else (RADIUS_MM - 3) / reach
    return _Grid(width * scale, height * scale, middle_x, middle_y)


def _placed(dies: Sequence[DieResult], grid: _Grid) -> tuple[DieMark, ...]:
    centre = RADIUS_MM + MARGIN_MM
    gap = grid.width * GAP_RATIO
    marks = []
    for die in dies:
        left = centre + (die.x - grid.middle_x - 0.5) * grid.width + gap / 2
        top = centre + (die.y - grid.middle_y - 0.5) * grid.height + gap / 2
        marks.append(
            DieMark(
                left=round(left, 2),
                top=round(top, 2),
                width=round(grid.width - gap, 2),
                height=round(grid.height - gap, 2),
                label_x=round(left + (grid.width - gap) / 2, 2),
                label_y=round(top + (grid.height - gap) / 2, 2),
            )
        )
    return tuple(marks)


def _layers(
    dies: Sequence[DieResult], marks: Sequence[DieMark], looks: Looks
) -> tuple[BinLayer, ...]:
    members: dict[tuple[int | None, bool], list[DieMark]] = {}
    for die, mark in zip(dies, marks, strict=True):
        members.setdefault((die.hard_bin, die.is_pass), []).append(mark)
    layers = []
    for key, group in sorted(members.items(), key=lambda item: looks[item[0]].style):
        look = looks[key]
        noun = "die" if len(group) == 1 else "dies"
        layers.append(
            BinLayer(
                style=look.style,
                title=f"{look.title}: {len(group)} {noun}",
                area="".join(
                    f"M{one.left} {one.top}h{one.width}v{one.height}h-{one.width}z" for one in group
                ),
                marks="".join(mark_path(look.mark, _box(one)) for one in group),
            )
        )
    return tuple(layers)


def _box(mark: DieMark) -> dict[str, float]:
    return {
        "left": mark.left,
        "top": mark.top,
        "right": mark.left + mark.width,
        "bottom": mark.top + mark.height,
    }
