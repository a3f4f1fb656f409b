"""Which insertions are of one unit, over all files; and texts as columns can hold them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from testing.domain.leads import Claims, Conflict, Settled, found_leads
from testing.domain.records import MISSING, MISSING_COORDINATE
from testing.domain.sessions import lead_sessions

PART_ID_CHARACTERS_MAX = 120
NAMED, NAMELESS, SPECIAL = 1 << 60, 2 << 60, 3 << 60
WAFER_BITS, X_BITS = 32, 16
COORDINATE_MIN = 1 << 15


def stored_text(text: str, characters_max: int) -> str:
    """Text without outer blanks and without what UTF-8 or the database cannot hold, cut to fit."""
    clean = text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")
    return clean.strip()[:characters_max].rstrip()


@dataclass(frozen=True, slots=True)
class Identities:
    """unit: int64, (insertion,), alike for one unit. keys: insertion → key that is not plain."""

    unit: NDArray[np.int64]
    keys: Mapping[int, str] = field(default_factory=dict)
    conflicts: tuple[Conflict, ...] = ()


def plain_key(wafer_id: int, x: int, y: int, name: str, run_id: int, index: int) -> str:
    """Key of a unit within its lot step, as one insertion alone tells it.

    On a wafer with both coordinates `wafer:x:y`; on a wafer without them `wafer/part id`; off a
    wafer the part id. A part with none of these is known only within its run: `run-<id>:<index>`,
    so that nameless parts of two files are never taken for retests of each other.
    """
    if wafer_id != MISSING and MISSING_COORDINATE not in (x, y):
        return f"{wafer_id}:{x}:{y}"
    if not name:
        return f"run-{run_id}:{index}"
    return f"{wafer_id}/{name}" if wafer_id != MISSING else name


def identified(claims: Claims, settled: Settled | None = None) -> Identities:
    """Units of all insertions of a lot step, or of all on some of its wafers, in any order.

    A die is known by its position, a part without one by its part id; a part id that names one die
    (`is_serial`), or that PART_FLG says supersedes, leads a die without coordinates to its
    position. What contradicts itself is kept apart and told: a position with two serials is a unit
    for each of them, and a serial at two positions leads nowhere. Numbers that several sessions
    count are told, too. settled: what people decided.
    """
    unit = _plain_units(claims)
    leads = found_leads(claims, settled or {})
    lead_sessions(claims, settled or {}, leads)
    special: dict[str, int] = {}
    for index, twin in leads.twins.items():
        unit[index] = unit[twin]
    for index, key in leads.split.items():
        unit[index] = SPECIAL | special.setdefault(key, len(special))
    keys = {index: _key(claims, twin) for index, twin in leads.twins.items()}
    return Identities(unit, {**keys, **leads.split}, tuple(sorted(leads.conflicts)))


def _key(claims: Claims, index: int) -> str:
    return plain_key(
        int(claims.wafer[index]), int(claims.x[index]), int(claims.y[index]),
        claims.part_id[index], int(claims.run[index]), int(claims.index[index]),
    )  # fmt: skip


def _plain_units(claims: Claims) -> NDArray[np.int64]:
    """Alike where `plain_key` is alike."""
    _, wafer = np.unique(claims.wafer, return_inverse=True)
    wafer = wafer.astype(np.int64) << WAFER_BITS
    x = claims.x.astype(np.int64) + COORDINATE_MIN
    y = claims.y.astype(np.int64) + COORDINATE_MIN
    codes, is_named = _names(claims.part_id)
    loose = np.where(is_named, NAMED | wafer | codes, NAMELESS | np.arange(len(claims)))
    return np.where(claims.is_placed(), wafer | x << X_BITS | y, loose)


def _names(part_ids: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """A number for each distinct name, and whether there is a name."""
    numbers: dict[str, int] = {"": 0}
    codes = np.fromiter(
        (numbers.setdefault(name, len(numbers)) for name in part_ids), np.int64, len(part_ids)
    )
    return codes, codes != 0
