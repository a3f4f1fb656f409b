"""Results of a wafer as a bin map whose coordinates survive being read again."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from intake.domain.maps.grids import DIES_MAX
from intake.domain.maps.words import Axis, BinDefinition, BinMap, Grid, Origin
from supplychain.base.errors import RefusedError

NO_DIE = "65535"
NO_BIN = "65534"
"""STDF keeps 65535 for a missing bin, so neither is one."""


@dataclass(frozen=True, slots=True)
class ExportedDie:
    """One die as its deciding insertion left it."""

    x: int
    y: int
    hard_bin: int | None
    is_pass: bool


@dataclass(frozen=True, slots=True)
class Exported:
    """What the map is of."""

    wafer: str
    lot: str
    step: str
    created_at: str


def bin_map(about: Exported, dies: Sequence[ExportedDie], names: Mapping[int, str]) -> BinMap:
    """One die or more. A bin with passing and failing dies counts as what most of them are.

    x grows to the right and y downwards, as on our pages. The grid begins at die 0, 0 in its upper
    left corner; with coordinates below 0 it is drawn around that die. RefusedError when it would
    have more places than a reader takes.
    """
    columns = _span([die.x for die in dies])
    rows = _span([die.y for die in dies])
    is_centred = columns[0] < 0 or rows[0] < 0
    if is_centred:
        columns, rows = _around(columns), _around(rows)
    width, height = columns[1] - columns[0] + 1, rows[1] - rows[0] + 1
    if width * height > DIES_MAX:
        raise RefusedError(
            f"The map spans {width:,} by {height:,} places, more than {DIES_MAX:,}. "
            "Take the dies as CSV.",
            places_max=DIES_MAX,
        )
    codes = [[NO_DIE] * width for _ in range(height)]
    for die in dies:
        codes[die.y - rows[0]][die.x - columns[0]] = _code(die)
    return BinMap(
        substrate=about.wafer,
        lot=about.lot,
        name=about.step,
        version="1",
        orientation=0,
        grid=Grid(
            rows=tuple(tuple(row) for row in codes),
            origin=Origin.CENTER if is_centred else Origin.UPPER_LEFT,
            axis=Axis.DOWN_RIGHT,
            null_code=NO_DIE,
        ),
        bins=_definitions(dies, names),
        created_at=about.created_at,
    )


def _span(values: Sequence[int]) -> tuple[int, int]:
    return min(0, *values), max(0, *values)


def _around(span: tuple[int, int]) -> tuple[int, int]:
    reach = max(-span[0], span[1])
    return -reach, reach


def _code(die: ExportedDie) -> str:
    return NO_BIN if die.hard_bin is None else str(die.hard_bin)


def _definitions(
    dies: Sequence[ExportedDie], names: Mapping[int, str]
) -> tuple[BinDefinition, ...]:
    counts = Counter(_code(die) for die in dies)
    passed: dict[str, int] = defaultdict(int)
    for die in dies:
        passed[_code(die)] += die.is_pass
    return tuple(
        BinDefinition(
            code=code,
            is_pass=passed[code] * 2 > count,
            count=count,
            description="no bin given" if code == NO_BIN else names.get(int(code), ""),
        )
        for code, count in sorted(counts.items(), key=lambda one: int(one[0]))
    )
