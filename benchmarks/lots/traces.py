"""The trace of one unit and the recall of one wafer lot, against bare recursive SQL."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from benchmarks.lots.fleet_rows import LARGE_CHIPS, WAFER_LOTS, Group
from benchmarks.lots.telling import percentile, tell
from lots.models import Unit
from operations.selectors.recall import exposure_of_lots
from operations.selectors.trace import trace_of

TRACES = 300
RECALLS = 30
TURNS = 3
RATIO = "asked: 2 or less"
GROWTH = "asked: 1.3 or less"
BARE_TRACE = """
    WITH RECURSIVE start AS (SELECT id FROM lots_unit WHERE serial = %(serial)s),
    above (edge_id, unit_id, depth) AS (
        SELECT edge.id, edge.parent_id, 1
        FROM start JOIN lots_genealogy AS edge ON edge.child_id = start.id AND edge.valid_to IS NULL
        UNION ALL
        SELECT edge.id, edge.parent_id, above.depth + 1
        FROM above
        JOIN lots_genealogy AS edge ON edge.child_id = above.unit_id AND edge.valid_to IS NULL
    ),
    below (edge_id, unit_id, depth) AS (
        SELECT edge.id, edge.child_id, -1
        FROM start
        JOIN lots_genealogy AS edge ON edge.parent_id = start.id AND edge.valid_to IS NULL
        UNION ALL
        SELECT edge.id, edge.child_id, below.depth - 1
        FROM below
        JOIN lots_genealogy AS edge ON edge.parent_id = below.unit_id AND edge.valid_to IS NULL
    ),
    reached AS (SELECT * FROM above UNION ALL SELECT * FROM below)
    SELECT reached.depth, edge.*, unit.*, product.*, lot.*, wafer.*, rack.serial, slot.number
    FROM reached
    JOIN lots_genealogy AS edge ON edge.id = reached.edge_id
    JOIN lots_unit AS unit ON unit.id = reached.unit_id
    JOIN lots_product AS product ON product.id = unit.product_id
    LEFT JOIN lots_lot AS lot ON lot.id = unit.lot_id
    LEFT JOIN lots_wafer AS wafer ON wafer.id = unit.wafer_id
    LEFT JOIN racks_placement AS placement
        ON placement.unit_id = unit.id AND placement.valid_to IS NULL
    LEFT JOIN racks_slot AS slot ON slot.id = placement.slot_id
    LEFT JOIN racks_rack AS rack ON rack.id = slot.rack_id
    ORDER BY reached.depth
"""
BARE_RECALL = """
    WITH RECURSIVE up (package_id, unit_id) AS (
        SELECT DISTINCT edge.parent_id, edge.parent_id
        FROM lots_unit AS unit
        JOIN lots_genealogy AS edge ON edge.child_id = unit.id AND edge.valid_to IS NULL
        WHERE unit.lot_id = %(lot_id)s
        UNION ALL
        SELECT up.package_id, edge.parent_id
        FROM up JOIN lots_genealogy AS edge ON edge.child_id = up.unit_id AND edge.valid_to IS NULL
    )
    SELECT rack.serial, lot.customer, count(*)
    FROM up
    JOIN racks_placement AS placement
        ON placement.unit_id = up.unit_id AND placement.valid_to IS NULL
    JOIN racks_slot AS slot ON slot.id = placement.slot_id
    JOIN racks_rack AS rack ON rack.id = slot.rack_id
    JOIN lots_unit AS unit ON unit.id = up.unit_id
    LEFT JOIN lots_lot AS lot ON lot.id = unit.lot_id
    GROUP BY ROLLUP (rack.serial, lot.customer)
"""


@dataclass(frozen=True, slots=True)
class Figures:
    """Seconds at the 95th percentile, and queries of one call."""

    trace: float
    bare_trace: float
    recall: float
    bare_recall: float
    queries: tuple[int, int]


def figures(groups: Sequence[Group]) -> Figures:
    """All four, each pair taken in turn on the same units."""
    chance = random.Random(20)  # noqa: S311
    ids = [chance.choice(groups).packages + chance.randrange(LARGE_CHIPS) for _ in range(TRACES)]
    serials = list(Unit.objects.filter(id__in=ids).values_list("serial", flat=True))
    lots = [chance.choice(groups).lots + chance.randrange(WAFER_LOTS) for _ in range(RECALLS)]
    warm = serials[0], lots[0]
    queries = counted(lambda: traced(warm[0])), counted(lambda: exposure_of_lots([warm[1]]))
    traces = paired(serials, traced, lambda serial: bare(BARE_TRACE, {"serial": serial}))
    recalls = paired(
        lots, lambda lot: exposure_of_lots([lot]), lambda lot: bare(BARE_RECALL, {"lot_id": lot})
    )
    return Figures(*traces, *recalls, queries)


def told(small: Figures, whole: Figures, chips: tuple[int, int]) -> None:
    """Each ratio, then the growth. chips: of both fleets."""
    for count, found in zip(chips, (small, whole), strict=True):
        share = f"{count:,} chips"
        tell(f"trace both ways, {share}", found.trace, found.bare_trace, "s p95", RATIO)
        tell(f"recall of a lot, {share}", found.recall, found.bare_recall, "s p95", RATIO)
    tell("trace, ten times the fleet", whole.trace, small.trace, "s p95", GROWTH)
    tell("recall, ten times the fleet", whole.recall, small.recall, "s p95", GROWTH)
    assert small.queries == whole.queries, f"{small.queries} queries became {whole.queries}"


def traced(serial: str) -> object:
    """What the unit's page and the API are made from."""
    return trace_of(serial)


def bare(statement: str, values: dict[str, object]) -> object:
    """Every row of the statement, through the driver alone."""
    with connection.cursor() as cursor:
        bare_cursor = cursor.cursor
        bare_cursor.execute(statement, values)
        return bare_cursor.fetchall()


def paired(
    things: Sequence[Any], work: Callable[[Any], object], floor: Callable[[Any], object]
) -> tuple[float, float]:
    """p95 of both, in seconds. Of each thing the shortest of some turns counts: what else the
    machine does is not theirs."""
    taken: tuple[list[float], list[float]] = [], []
    for thing in things:
        turns = [(timed(work, thing), timed(floor, thing)) for _ in range(TURNS)]
        for times, found in zip(taken, zip(*turns, strict=True), strict=True):
            times.append(min(found))
    return percentile(taken[0], 0.95), percentile(taken[1], 0.95)


def timed(call: Callable[[Any], object], thing: Any) -> float:
    """Seconds of one call."""
    begun = time.perf_counter()
    call(thing)
    return time.perf_counter() - begun


def counted(work: Callable[[], object]) -> int:
    """Queries of one call."""
    with CaptureQueriesContext(connection) as queries:
        work()
    return len(queries)
