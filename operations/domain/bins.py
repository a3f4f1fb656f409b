"""One look per bin, the same on every map of a lot: a colour and a mark, so that either will do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

MARKS = ("cross", "slash", "backslash", "bar", "pillar", "plus", "diamond", "square")


@dataclass(frozen=True, slots=True)
class BinCount:
    """Units whose deciding insertion ended in a bin. number: None where no bin was given."""

    number: int | None
    name: str
    is_pass: bool
    count: int


@dataclass(frozen=True, slots=True)
class BinLook:
    """How a bin is drawn. style: `pass`, or `fail-1` for the commonest failing bin to `fail-8`."""

    number: int | None
    name: str
    is_pass: bool
    count: int
    style: str
    mark: str

    @property
    def title(self) -> str:
        """`Bin 5, open`, as tooltips and legends say it."""
        number = "No bin" if self.number is None else f"Bin {self.number}"
        return f"{number}, {self.name}" if self.name else number


def bin_looks(counts: Iterable[BinCount]) -> dict[tuple[int | None, bool], BinLook]:
    """Looks by (number, is_pass): passing bins plain, failing ones ranked by count, most first.

    Beyond the eighth failing bin all share the last look.
    """
    ranked = sorted(counts, key=lambda one: (not one.is_pass, -one.count, one.number or 0))
    looks: dict[tuple[int | None, bool], BinLook] = {}
    rank = 0
    for one in ranked:
        style, mark = "pass", ""
        if not one.is_pass:
            style, mark = f"fail-{rank + 1}", MARKS[rank]
            rank = min(rank + 1, len(MARKS) - 1)
        looks[one.number, one.is_pass] = BinLook(
            one.number, one.name, one.is_pass, one.count, style, mark
        )
    return looks


def mark_path(mark: str, box: Mapping[str, float]) -> str:
    """SVG path of a mark inside a box of left, top, right and bottom."""
    inset_x = (box["right"] - box["left"]) * 0.26
    inset_y = (box["bottom"] - box["top"]) * 0.26
    left, right = round(box["left"] + inset_x, 2), round(box["right"] - inset_x, 2)
    top, bottom = round(box["top"] + inset_y, 2), round(box["bottom"] - inset_y, 2)
    middle_x, middle_y = round((left + right) / 2, 2), round((top + bottom) / 2, 2)
    shapes = {
        "": "",
        "cross": f"M{left} {top}L{right} {bottom}M{right} {top}L{left} {bottom}",
        "slash": f"M{left} {bottom}L{right} {top}",
        "backslash": f"M{left} {top}L{right} {bottom}",
        "bar": f"M{left} {middle_y}H{right}",
        "pillar": f"M{middle_x} {top}V{bottom}",
        "plus": f"M{left} {middle_y}H{right}M{middle_x} {top}V{bottom}",
        "diamond": f"M{middle_x} {top}L{right} {middle_y}L{middle_x} {bottom}L{left} {middle_y}Z",
        "square": f"M{left} {top}H{right}V{bottom}H{left}Z",
    }
    return shapes[mark]
