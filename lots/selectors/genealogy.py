"""What was built from what, in both directions, from unit to unit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.db import connection

from lots.domain.words import UnitKind
from lots.models import Genealogy, Unit

SQL = Path(__file__).parent.parent / "sql"
DEPTH_MAX = 16


@dataclass(frozen=True, slots=True)
class TraceNode:
    """One unit on a trace and the edge it was reached by. depth: 1 next to where the trace began."""

    unit: Unit
    edge: Genealogy
    depth: int


def parts_of(unit: Unit) -> list[TraceNode]:
    """Everything in the unit now, nearest first. Three queries at any depth."""
    return _nodes("parts", [unit.pk])[unit.pk]


def containers_of(unit: Unit) -> list[TraceNode]:
    """Everything the unit is in now, nearest first. Three queries at any depth."""
    return _nodes("containers", [unit.pk])[unit.pk]


def containers_of_each(unit_ids: Iterable[int]) -> dict[int, list[TraceNode]]:
    """Unit → what it is in now, nearest first; units in nothing are left out."""
    return dict(_nodes("containers", list(unit_ids)))


def units_below(unit_ids: Iterable[int], kinds: Collection[UnitKind] = ()) -> set[int]:
    """Ids of units in any of the given ones now, of the given kinds (none given: all)."""
    found = {unit_id for _, _, unit_id, _ in _edges("parts", list(unit_ids))}
    if not kinds:
        return found
    return set(Unit.objects.filter(pk__in=found, kind__in=kinds).values_list("pk", flat=True))


def units_of_lots(lot_ids: Iterable[int]) -> dict[int, set[int]]:
    """Lot → ids of its units, dies of its wafers, and everything that contains or contained one."""
    with connection.cursor() as cursor:
        cursor.execute(_sql("units_of_lots"), {"lots": list(lot_ids), "depth_max": DEPTH_MAX})
        rows = cursor.fetchall()
    found: dict[int, set[int]] = defaultdict(set)
    for lot_id, unit_id in rows:
        found[lot_id].add(unit_id)
    return dict(found)


def _nodes(direction: str, roots: list[int]) -> defaultdict[int, list[TraceNode]]:
    rows = _edges(direction, roots)
    edges = Genealogy.objects.in_bulk({edge_id for edge_id, *_ in rows})
    units = Unit.objects.select_related("product", "lot", "wafer").in_bulk(
        {unit_id for _, _, unit_id, _ in rows}
    )
    nodes: defaultdict[int, list[TraceNode]] = defaultdict(list)
    for edge_id, root_id, unit_id, depth in rows:
        nodes[root_id].append(TraceNode(units[unit_id], edges[edge_id], depth))
    return nodes


def _edges(direction: str, roots: list[int]) -> list[tuple[int, int, int, int]]:
    with connection.cursor() as cursor:
        cursor.execute(_sql(direction), {"roots": roots, "depth_max": DEPTH_MAX})
        return cursor.fetchall()


@cache
def _sql(name: str) -> str:
    return (SQL / f"{name}.sql").read_text()
