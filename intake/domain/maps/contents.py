"""Maps and transfers as plain values of a row, and back; a repaired row is read again so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from intake.domain.maps.grids import refuse_ragged
from intake.domain.maps.words import Axis, BinDefinition, BinMap, DieTransfer, Grid, Origin
from supplychain.base.errors import MalformedError

BINS, TRANSFER = "bins", "transfer"
PACKAGE_DIES_MAX = 1_000
"""Of one package; the largest carry some tens."""


def content_of(one: BinMap) -> dict[str, Any]:
    """A bin map; rows are drawn as text, codes apart."""
    return {
        "what": BINS,
        "wafer": one.substrate,
        "lot": one.lot,
        "name": one.name,
        "version": one.version,
        "orientation": one.orientation,
        "origin": one.grid.origin.value,
        "axis": one.grid.axis.value,
        "null": one.grid.null_code,
        "bins": [
            {
                "code": bin_.code,
                "quality": "pass" if bin_.is_pass else "fail",
                "count": bin_.count,
                "description": bin_.description,
            }
            for bin_ in one.bins
        ],
        "rows": [" ".join(row) for row in one.grid.rows],
    }


def bin_map_of(content: Mapping[str, Any]) -> BinMap:
    """The map of a row. MalformedError for values that are none."""
    try:
        grid = Grid(
            rows=tuple(tuple(str(row).split(" ")) for row in content["rows"]),
            origin=Origin(content["origin"]),
            axis=Axis(content["axis"]),
            null_code=str(content["null"]),
        )
        found = BinMap(
            substrate=str(content["wafer"]),
            lot=str(content.get("lot", "")),
            name=str(content.get("name", ""))[:120],
            version=str(content.get("version", ""))[:40],
            orientation=int(content.get("orientation", 0)),
            grid=grid,
            bins=tuple(_bin(one) for one in content["bins"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise MalformedError(
            f"The map cannot be read: {error}. Compare the row with its original."
        ) from error
    refuse_ragged(grid.rows, f"Map of wafer {found.substrate}")
    return found


def _bin(words: Mapping[str, Any]) -> BinDefinition:
    count = words.get("count")
    return BinDefinition(
        code=str(words["code"]),
        is_pass=words["quality"] == "pass",
        count=None if count is None else int(count),
        description=str(words.get("description", "")),
    )


def dies_content(dies: tuple[DieTransfer, ...]) -> list[dict[str, Any]]:
    """Dies that went into one package."""
    return [{"wafer": d.wafer, "x": d.x, "y": d.y, "position": d.position} for d in dies]


def transfers_of(content: Mapping[str, Any]) -> tuple[DieTransfer, ...]:
    """The dies of a row. MalformedError for none, too many, or a die that is named twice."""
    try:
        _refuse_many(content)
        dies = tuple(
            DieTransfer(str(one["wafer"]), int(one["x"]), int(one["y"]), str(one["position"]))
            for one in content["dies"]
        )
    except (KeyError, TypeError, ValueError) as error:
        raise MalformedError(
            f"The transfer cannot be read: {error}. Compare the row with its original."
        ) from error
    twice = _repeated(dies)
    if twice is not None or not dies:
        named = f"die {twice.wafer}:{twice.x}:{twice.y} twice" if twice else "no die"
        raise MalformedError(f"Package {content.get('serial')} names {named}.", field="dies")
    return dies


def _refuse_many(content: Mapping[str, Any]) -> None:
    count = len(content["dies"])
    if count > PACKAGE_DIES_MAX:
        raise MalformedError(
            f"Package {content.get('serial')} names {count:,} dies, more than {PACKAGE_DIES_MAX:,}."
            " Name each package by its own serial.",
            field="dies",
        )


def _repeated(dies: Iterable[DieTransfer]) -> DieTransfer | None:
    """The first die whose place was named before."""
    seen: set[tuple[str, int, int]] = set()
    for die in dies:
        place = (die.wafer, die.x, die.y)
        if place in seen:
            return die
        seen.add(place)
    return None
