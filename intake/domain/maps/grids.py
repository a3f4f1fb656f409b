"""From a grid as drawn to dies by x, y, and what their bins say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from intake.domain.maps.words import Axis, BinDefinition, Grid, MapError, Origin

DIES_MAX = 250_000
WIDTHS = {"ascii": 1, "hexadecimal": 2, "integer2": 4}
DECIMAL = "decimal"


@dataclass(frozen=True, slots=True)
class MappedDie:
    """One die of a map."""

    x: int
    y: int
    code: str


def codes_of(row: str, bin_type: str) -> tuple[str, ...]:
    """Bin codes of one row of text. Decimal ones stand apart; others follow each other.

    MapError for a row that does not divide into codes. Source: SEMI E142, BinType.
    """
    kind = bin_type.lower() or "ascii"
    if kind == DECIMAL or (kind != "ascii" and " " in row.strip()):
        return tuple(row.split())
    width = WIDTHS.get(kind)
    if width is None:
        known = ", ".join([*WIDTHS, DECIMAL])
        raise MapError(f"BinType {bin_type!r} is not known. Known: {known}.")
    text = row.strip("\r\n\t") if kind == "ascii" else "".join(row.split())
    if len(text) % width:
        raise MapError(f"A row of {len(text)} letters does not divide into codes of {width}.")
    return tuple(text[start : start + width] for start in range(0, len(text), width))


def blank_codes_of(row: str) -> tuple[str, ...]:
    """Codes of a row of ASCII where a blank is no die: "", as a blank NullBin is once stripped."""
    return tuple("" if code.isspace() else code for code in codes_of(row, "ascii"))


def refuse_ragged(rows: Sequence[Sequence[str]], where: str) -> None:
    """MapError unless all rows are as long as the first, and not too many."""
    if not rows or not rows[0]:
        raise MapError(f"{where} has no rows of bin codes.")
    for number, row in enumerate(rows, 1):
        if len(row) != len(rows[0]):
            raise MapError(
                f"{where}: row {number} has {len(row)} dies, the first {len(rows[0])}. The map was "
                "probably cut; send it again."
            )
    if len(rows) * len(rows[0]) > DIES_MAX:
        raise MapError(f"{where} has more than {DIES_MAX:,} places.")


def dies_of(grid: Grid) -> list[MappedDie]:
    """Dies in the order drawn, places without one left out.

    x and y count from the origin along the axes. MapError for an origin in the middle of an even
    number of rows or columns, which names no die.
    """
    return list(_dies(grid))


def _dies(grid: Grid) -> Iterator[MappedDie]:
    across, down = len(grid.rows[0]), len(grid.rows)
    left, top = _origin(grid.origin, across, down)
    right = 1 if grid.axis in {Axis.UP_RIGHT, Axis.DOWN_RIGHT} else -1
    below = 1 if grid.axis in {Axis.DOWN_RIGHT, Axis.DOWN_LEFT} else -1
    for row, codes in enumerate(grid.rows):
        for column, code in enumerate(codes):
            if code != grid.null_code:
                yield MappedDie(right * (column - left), below * (row - top), code)


def _origin(origin: Origin, across: int, down: int) -> tuple[int, int]:
    """Column and row of die 0, 0."""
    if origin is Origin.CENTER:
        if across % 2 == 0 or down % 2 == 0:
            raise MapError(
                f"The origin is the centre of {across} by {down} dies, which is no die. Say a "
                "corner."
            )
        return across // 2, down // 2
    left = 0 if origin in {Origin.UPPER_LEFT, Origin.LOWER_LEFT} else across - 1
    top = 0 if origin in {Origin.UPPER_LEFT, Origin.UPPER_RIGHT} else down - 1
    return left, top


def bin_faults(dies: Sequence[MappedDie], bins: Sequence[BinDefinition]) -> list[str]:
    """What the bins of a map contradict: codes without a meaning, counts that differ."""
    counted = Counter(die.code for die in dies)
    known = {one.code: one for one in bins}
    faults = [f"bin {code} is not defined" for code in sorted(counted.keys() - known.keys())]
    faults += [
        f"bin {one.code} is stated {one.count} times and drawn {counted[one.code]} times"
        for one in bins
        if one.count is not None and one.count != counted[one.code]
    ]
    return faults


def good_count(dies: Sequence[MappedDie], bins: Sequence[BinDefinition]) -> int:
    """Dies whose bin passes."""
    passing = {one.code for one in bins if one.is_pass}
    return sum(die.code in passing for die in dies)
