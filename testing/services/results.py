"""Insertions into rows: numbered over all runs of the lot step, written by binary COPY."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from django.db import connection
from django.db.models import Q, QuerySet

from lots.models import Unit
from supplychain.base.copying import copy_rows
from testing.domain.identity import PART_ID_CHARACTERS_MAX, stored_text, unit_keys
from testing.domain.records import MISSING, MISSING_COORDINATE, OUTCOMES, Parts, RunRecord
from testing.domain.retest import Insertion, Standing, consolidate, is_flagged_retest
from testing.domain.words import Outcome, RetestPolicy
from testing.models import Run, UnitResult
from testing.sql import statement

POLICY = RetestPolicy.LAST
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


class Place(NamedTuple):
    """Where an insertion stands in time: by its run, then by its order in the file."""

    started_at: float
    run_id: int
    part_index: int


class Numbered(NamedTuple):
    """A new insertion: whose it is, and its place among its unit's."""

    unit_key: str
    unit_id: int | None
    standing: Standing


class Earlier(NamedTuple):
    """An insertion that is recorded already."""

    id: int
    standing: Standing


def insertions_of(run: RunRecord, run_id: int) -> list[Insertion]:
    """The file's insertions in its order, as the retest policies see them."""
    keys = unit_keys(run.parts, [wafer.wafer_id for wafer in run.wafers], run_id)
    columns = zip(keys, run.parts.outcome.tolist(), run.parts.part_flag.tolist(), strict=True)
    return [
        Insertion(key, OUTCOMES[outcome] is Outcome.PASS, is_flagged_retest(flag))
        for key, outcome, flag in columns
    ]


def record_results(row: Run, run: RunRecord, insertions: Sequence[Insertion]) -> None:
    """Write every insertion; results of other runs get the attempt they now are."""
    placed: list[tuple[Place, Insertion, Earlier | None]] = [
        (Place(row.started_at.timestamp(), row.pk, index), insertion, None)
        for index, insertion in enumerate(insertions)
    ]
    placed += _earlier_insertions(row, run)
    placed.sort(key=_place)
    standings = consolidate([insertion for _, insertion, _ in placed], POLICY)
    ours: dict[int, Standing] = {}
    moved: dict[int, Standing] = {}
    for (place, _, earlier), standing in zip(placed, standings, strict=True):
        if earlier is None:
            ours[place.part_index] = standing
        elif earlier.standing != standing:
            moved[earlier.id] = standing
    _renumber(moved)
    units = _units(run)
    numbered = [
        Numbered(insertion.unit_key, units.get(insertion.unit_key), ours[index])
        for index, insertion in enumerate(insertions)
    ]
    copy_rows(UnitResult, COLUMNS, _rows(row, run, numbered))


def _place(item: tuple[Place, Insertion, Earlier | None]) -> Place:
    return item[0]


def _earlier_insertions(row: Run, run: RunRecord) -> Iterator[tuple[Place, Insertion, Earlier]]:
    """Insertions of other runs that may be of the same units."""
    for result in _touched(row, run).values_list(
        "id", "unit_key", "attempt", "is_final", "outcome", "part_flag", "part_index", "run_id",
        "run__started_at", named=True,
    ):  # fmt: skip
        yield (
            Place(result.run__started_at.timestamp(), result.run_id, result.part_index),
            Insertion(
                result.unit_key,
                result.outcome == Outcome.PASS,
                is_flagged_retest(result.part_flag),
            ),
            Earlier(result.id, Standing(result.attempt, result.is_final)),
        )


def _touched(row: Run, run: RunRecord) -> QuerySet[UnitResult]:
    """Keys name their wafer, so only results on the same wafers, or off any, can be affected."""
    on_wafer = run.parts.wafer_index != MISSING
    same = Q(wafer__in=[wafer.wafer_id for wafer in run.wafers])
    if not on_wafer.all():
        same |= Q(wafer__isnull=True)
    return UnitResult.objects.filter(same, lot_step=row.lot_step)


def _renumber(moved: dict[int, Standing]) -> None:
    if not moved:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            statement("renumber_results"),
            {
                "ids": list(moved),
                "attempts": [standing.attempt for standing in moved.values()],
                "finals": [standing.is_final for standing in moved.values()],
            },
        )


def _rows(row: Run, run: RunRecord, numbered: Sequence[Numbered]) -> Iterator[tuple[object, ...]]:
    """Values in the order of COLUMNS; asks nothing of the database, which is busy copying."""
    parts = run.parts
    columns = zip(
        parts.wafer_index.tolist(), parts.x.tolist(), parts.y.tolist(), parts.part_id,
        parts.outcome.tolist(), parts.hard_bin.tolist(), parts.soft_bin.tolist(),
        parts.head.tolist(), parts.site.tolist(), parts.test_time_ms.tolist(),
        parts.part_flag.tolist(), strict=True,
    )  # fmt: skip
    for index, (wafer, x, y, part_id, outcome, hard, soft, head, site, time, flag) in enumerate(
        columns
    ):
        key, unit_id, standing = numbered[index]
        yield (
            row.pk,
            row.lot_step_id,
            None if wafer == MISSING else run.wafers[wafer].wafer_id,
            unit_id,
            key,
            stored_text(part_id, PART_ID_CHARACTERS_MAX),
            index,
            standing.attempt,
            standing.is_first,
            standing.is_final,
            OUTCOMES[outcome].value,
            _given(hard, MISSING),
            _given(soft, MISSING),
            head,
            site,
            _given(x, MISSING_COORDINATE),
            _given(y, MISSING_COORDINATE),
            _given(time, MISSING),
            flag,
        )


def _given(value: int, missing: int) -> int | None:
    return None if value == missing else value


def _units(run: RunRecord) -> dict[str, int]:
    """Our unit of each key that has one: dies by their position, others by serial and product."""
    dies = Unit.objects.filter(wafer__in=[wafer.wafer_id for wafer in run.wafers])
    found = {
        f"{wafer_id}:{x}:{y}": unit_id
        for unit_id, wafer_id, x, y in dies.order_by().values_list("id", "wafer_id", "x", "y")
    }
    serials = _serials(run.parts)
    others = Unit.objects.filter(product=run.product_id, serial__in=serials, wafer__isnull=True)
    found.update(others.order_by().values_list("serial", "id"))
    return found


def _serials(parts: Parts) -> set[str]:
    """Part ids that stand for a unit by themselves, off any wafer."""
    return {
        stored_text(part_id, PART_ID_CHARACTERS_MAX)
        for wafer_index, part_id in zip(parts.wafer_index.tolist(), parts.part_id, strict=True)
        if wafer_index == MISSING
    } - {""}
