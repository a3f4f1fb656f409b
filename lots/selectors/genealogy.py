"""What stands in what, both ways and at any depth. Only edges open now count, unless asked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.db import connection
from django.db.models import QuerySet

from lots.domain.words import UnitKind
from lots.models import Genealogy, Unit

DEPTH_MAX = 12
STOPS_MAX = 5
LINKS_MAX = 5000
_SQL = Path(__file__).resolve().parent.parent / "sql"
_BELOW = (_SQL / "units_below.sql").read_text()
_ABOVE = (_SQL / "units_above.sql").read_text()
_AROUND = (_SQL / "units_genealogy.sql").read_text()
_STOPS = (_SQL / "unit_stops.sql").read_text()
_LINEAGE = (_SQL / "lots_lineage.sql").read_text()


@dataclass(frozen=True, slots=True)
class TraceNode:
    """A unit found on the way. edge: leads to it; depth: 1 for the next unit."""

    unit: Unit
    edge: Genealogy
    depth: int


@dataclass(frozen=True, slots=True)
class EdgeRow:
    """One edge around a unit and the unit at its far end.

    direction: 1 up to what it stands in, -1 down. reached_by: the edge before it; None next to the
    unit. beside: serial of the near end. until: None while it stands.
    """

    direction: int
    depth: int
    edge_id: int
    reached_by: int | None
    serial: str
    beside: str
    kind: str
    product: str
    state: str
    trust: str
    lot: str | None
    wafer: str | None
    x: int | None
    y: int | None
    declared_lot: str
    declared_wafer: str
    position: str
    since: datetime
    until: datetime | None
    opened_seq: int
    closed_seq: int | None

    @property
    def parent(self) -> str:
        """Serial of what holds the other."""
        return self.serial if self.direction > 0 else self.beside

    @property
    def child(self) -> str:
        """Serial of what is in the other."""
        return self.beside if self.direction > 0 else self.serial


@dataclass(frozen=True, slots=True)
class LineageRow:
    """One lot that came from another, by which event.

    direction: -1 on the way back to where lots were started, 1 on the way to what came of them.
    quantity: what the parent gave then, in its unit of measure.
    """

    direction: int
    parent: str
    child: str
    kind: str
    quantity: int | None
    seq: int
    occurred_at: datetime
    parent_product: str
    child_product: str


@dataclass(frozen=True, slots=True)
class UnitStop:
    """An open hold that stops a unit or something inside it. serial: of the first that it stops."""

    serial: str
    reason: str
    lot: str


def stops_of_unit(unit: Unit) -> list[UnitStop]:
    """Open holds on the unit and on all that is inside it, oldest first; the first few."""
    asked = {"unit_id": unit.pk, "depth_max": DEPTH_MAX, "limit": STOPS_MAX}
    with connection.cursor() as cursor:
        cursor.execute(_STOPS, asked)
        return [UnitStop(*row) for row in cursor.fetchall()]


def edges_around(
    unit_ids: Sequence[int], *, is_closed_too: bool = False, seq: int | None = None
) -> list[EdgeRow]:
    """Every edge up and down from these units, nearest first. One query.

    seq: as known at that event; what was corrected since stands then.
    """
    asked = {"closed": is_closed_too, "depth_max": DEPTH_MAX, "seq": seq}
    with connection.cursor() as cursor:
        cursor.execute(_AROUND, {"unit_ids": list(unit_ids), **asked})
        return [EdgeRow(*row) for row in cursor.fetchall()]


def lineage_of(
    codes: Iterable[str], *, is_forward_too: bool = False, seq: int | None = None
) -> list[LineageRow]:
    """How these lots came to be and, if asked, what came of them, latest link first. One query.

    seq: as known at that event.
    """
    asked = {"forward": is_forward_too, "limit": LINKS_MAX, "seq": seq}
    with connection.cursor() as cursor:
        cursor.execute(_LINEAGE, {"codes": sorted(codes), **asked})
        return [LineageRow(*row) for row in cursor.fetchall()]


def parts_of(unit: Unit) -> list[TraceNode]:
    """Everything inside the unit, nearest first."""
    rows = _rows(_BELOW, unit_ids=[unit.pk])
    edges = _edges(row[1] for row in rows)
    return [TraceNode(edges[edge].child, edges[edge], depth) for _, edge, _, depth in rows]


def containers_of(unit: Unit) -> list[TraceNode]:
    """Everything the unit stands in, nearest first; the last is the outermost."""
    return containers_of_each([unit.pk]).get(unit.pk, [])


def containers_of_each(unit_ids: Sequence[int]) -> dict[int, list[TraceNode]]:
    """Unit id → what it stands in, nearest first; units that stand in nothing are left out."""
    rows = _rows(_ABOVE, unit_ids=list(unit_ids))
    edges = _edges(row[1] for row in rows)
    chains: dict[int, list[TraceNode]] = {}
    for root, edge, _, depth in rows:
        chains.setdefault(root, []).append(TraceNode(edges[edge].parent, edges[edge], depth))
    return chains


def units_below(unit_ids: Sequence[int], kinds: Iterable[UnitKind]) -> QuerySet[Unit]:
    """Units of these kinds inside the given ones, at any depth."""
    found = [row[2] for row in _rows(_BELOW, unit_ids=list(unit_ids))]
    return Unit.objects.filter(id__in=found, kind__in=list(kinds)).order_by("id")


def top_containers(unit_ids: Sequence[int]) -> dict[int, Unit]:
    """Unit id → outermost unit it stands in; units that stand in nothing are left out."""
    tops = {row[0]: row[2] for row in _rows(_ABOVE, unit_ids=list(unit_ids))}
    units = Unit.objects.select_related("product", "lot").in_bulk(set(tops.values()))
    return {root: units[top] for root, top in tops.items()}


def _rows(sql: str, **lists: list[int]) -> list[tuple[int, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, {**lists, "depth_max": DEPTH_MAX})
        rows: list[tuple[int, ...]] = cursor.fetchall()
    return rows


def _edges(ids: Iterable[int]) -> dict[int, Genealogy]:
    related = [
        f"{end}__{name}" for end in ("parent", "child") for name in ("product", "lot", "wafer")
    ]
    return Genealogy.objects.select_related(*related).in_bulk(list(ids))
