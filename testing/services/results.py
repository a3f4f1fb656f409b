"""Insertions into rows: numbered over all runs of the lot step, written by binary COPY."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db.models import Q
from numpy.typing import NDArray

from lots.models import Unit
from supplychain.base.copying import copy_rows
from testing.domain.identity import PART_ID_CHARACTERS_MAX, plain_key, stored_text
from testing.domain.leads import Claims
from testing.domain.packed import PackedTexts
from testing.domain.records import MISSING, MISSING_COORDINATE, OUTCOME_CODES, OUTCOMES, RunRecord
from testing.domain.retest import Standings
from testing.domain.words import Outcome
from testing.models import Run, UnitResult
from testing.services.standings import Fresh

COLUMNS = {
    "run_id": "int8",
    "lot_step_id": "int8",
    "wafer_id": "int8",
    "unit_id": "int8",
    "unit_key": "text",
    "part_id": "text",
    "part_index": "int4",
    "attempt": "int4",
    "is_first": "bool",
    "is_final": "bool",
    "outcome": "text",
    "hard_bin": "int4",
    "soft_bin": "int4",
    "head": "int2",
    "site": "int2",
    "x": "int2",
    "y": "int2",
    "test_time_ms": "int8",
    "part_flag": "int2",
}
BATCH_ROWS = 10_000
PASSED = OUTCOME_CODES[Outcome.PASS]


@dataclass(frozen=True, slots=True)
class NewResults:
    """Insertions to be written. standings: None where a better copy of the run stands."""

    row: Run
    run: RunRecord
    fresh: Fresh
    standings: Standings | None
    keys: Mapping[int, str]


def fresh_insertions(run: RunRecord, run_id: int) -> Fresh:
    """The file's insertions in its order."""
    parts = run.parts
    wafer_ids = np.array([*(wafer.wafer_id for wafer in run.wafers), MISSING], dtype=np.int64)
    names = PackedTexts()
    for start in range(0, len(parts), BATCH_ROWS):
        texts = parts.part_id[start : start + BATCH_ROWS]
        names.add([stored_text(text, PART_ID_CHARACTERS_MAX) for text in texts])
    claims = Claims(
        wafer=wafer_ids[parts.wafer_index],
        x=parts.x,
        y=parts.y,
        part_id=names,
        part_flag=parts.part_flag,
        run=np.full(len(parts), run_id, dtype=np.int64),
        index=np.arange(len(parts), dtype=np.int32),
    )
    return Fresh(claims, parts.outcome == PASSED)


def touched(fresh: Fresh) -> Q:
    """Keys name their wafer, so only results on the same wafers, or off any, can be affected."""
    wafers = np.unique(fresh.claims.wafer).tolist()
    same = Q(wafer__in=[wafer for wafer in wafers if wafer != MISSING])
    return same | Q(wafer__isnull=True) if MISSING in wafers else same


def write_results(new: NewResults) -> None:
    """COPY every insertion."""
    units = _units(new.run, new.fresh.claims)
    copy_rows(UnitResult, COLUMNS, _rows(new, units))


def _rows(new: NewResults, units: Mapping[str, int]) -> Iterator[tuple[object, ...]]:
    """Values in the order of COLUMNS; asks nothing of the database, which is busy copying."""
    run_id, lot_step_id = new.row.pk, new.row.lot_step_id
    for start in range(0, len(new.fresh.claims), BATCH_ROWS):
        for values in _batch(new, slice(start, start + BATCH_ROWS)):
            index, wafer, x, y, name, *standing, outcome, hard, soft, head, site, time, flag = (
                values
            )
            key = new.keys.get(index) or plain_key(wafer, x, y, name, run_id, index)
            yield (
                run_id,
                lot_step_id,
                None if wafer == MISSING else wafer,
                units.get(key),
                key,
                name,
                index,
                *standing,
                OUTCOME_WORDS[outcome],
                None if hard == MISSING else hard,
                None if soft == MISSING else soft,
                head,
                site,
                None if x == MISSING_COORDINATE else x,
                None if y == MISSING_COORDINATE else y,
                None if time == MISSING else time,
                flag,
            )


OUTCOME_WORDS = [outcome.value for outcome in OUTCOMES]


def _batch(new: NewResults, rows: slice) -> Iterator[tuple[Any, ...]]:
    parts, claims = new.run.parts, new.fresh.claims
    names = claims.part_id[rows]
    return zip(
        claims.index[rows].tolist(), claims.wafer[rows].tolist(), claims.x[rows].tolist(),
        claims.y[rows].tolist(), names, *_standing(new, rows, len(names)),
        parts.outcome[rows].tolist(), parts.hard_bin[rows].tolist(),
        parts.soft_bin[rows].tolist(), parts.head[rows].tolist(), parts.site[rows].tolist(),
        parts.test_time_ms[rows].tolist(), parts.part_flag[rows].tolist(), strict=True,
    )  # fmt: skip


def _standing(new: NewResults, rows: slice, count: int) -> Sequence[Sequence[Any]]:
    """Attempt, whether it is the first, and whether it decides."""
    if new.standings is None:
        return [None] * count, [False] * count, [False] * count
    attempt = new.standings.attempt[rows]
    return attempt.tolist(), (attempt == 1).tolist(), new.standings.is_final[rows].tolist()


def _units(run: RunRecord, claims: Claims) -> dict[str, int]:
    """Our unit of each key that has one: dies by their position, others by serial and product."""
    dies = Unit.objects.filter(wafer__in=[wafer.wafer_id for wafer in run.wafers])
    found = {
        f"{wafer_id}:{x}:{y}": unit_id
        for unit_id, wafer_id, x, y in dies.order_by().values_list("id", "wafer_id", "x", "y")
    }
    is_off: NDArray[np.bool_] = claims.wafer == MISSING
    if is_off.any():
        serials = {
            name for name, off in zip(claims.part_id, is_off.tolist(), strict=True) if off
        } - {""}
        others = Unit.objects.filter(product=run.product_id, serial__in=serials, wafer__isnull=True)
        found.update(others.order_by().values_list("serial", "id"))
    return found
