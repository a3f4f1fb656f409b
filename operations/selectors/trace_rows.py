"""The rows of one walk through genealogy, made into the models they are."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, models

from lots.models import Genealogy, Lot, Product, Unit, Wafer
from lots.selectors import TraceNode
from lots.selectors.genealogy import DEPTH_MAX
from racks.selectors import Place

SQL = Path(__file__).resolve().parent.parent / "sql"
MADE: dict[str, type[models.Model]] = {
    "edge": Genealogy,
    "unit": Unit,
    "product": Product,
    "lot": Lot,
    "wafer": Wafer,
}
Row = tuple[Any, ...]


class Walk:
    """What one statement told of a unit: containers and parts, nearest first, and its slots.

    unit: None for an unknown serial. places: unit id → the slot that it sits in, of the unit and
    its containers.
    """

    def __init__(self, serial: str) -> None:
        self.unit: Unit | None = None
        self.containers: list[TraceNode] = []
        self.parts: list[TraceNode] = []
        self.places: dict[int, Place] = {}
        self._shared: dict[tuple[str, int], Any] = {}
        self._units: dict[int, Unit] = {}
        for row in _rows(serial):
            self._take(row)

    def _take(self, row: Row) -> None:
        depth, site, hall, position, rack, slot, since = row[:7]
        made = dict(zip(MADE, (row[part] for part in _parts()), strict=True))
        unit = self._unit(made)
        if rack is not None:
            self.places[unit.pk] = Place(site or "", hall or "", position or "", rack, slot, since)
        if depth == 0:
            self.unit = unit
            return
        edge = _model("edge", made["edge"])
        parent, child = self._units.get(edge.parent_id), self._units.get(edge.child_id)
        if parent is not None:
            edge.parent = parent
        if child is not None:
            edge.child = child
        node = TraceNode(unit, edge, abs(depth))
        (self.containers if depth > 0 else self.parts).append(node)

    def _unit(self, made: dict[str, Row]) -> Unit:
        known = self._units.get(made["unit"][0])
        if known is not None:
            return known
        unit: Unit = _model("unit", made["unit"])
        unit.product = self._common("product", made["product"])
        unit.lot = self._common("lot", made["lot"])
        unit.wafer = self._common("wafer", made["wafer"])
        self._units[unit.pk] = unit
        return unit

    def _common(self, name: str, values: Row) -> Any:
        """One object for all rows that name it; None where they name nothing."""
        if values[0] is None:
            return None
        key = (name, values[0])
        if key not in self._shared:
            self._shared[key] = _model(name, values)
        return self._shared[key]


def _rows(serial: str) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(_statement(), {"serial": serial, "depth_max": DEPTH_MAX})
        rows: list[Row] = cursor.fetchall()
    return rows


def _model(name: str, values: Sequence[Any]) -> Any:
    return MADE[name].from_db(DEFAULT_DB_ALIAS, _names(name), values)


@cache
def _names(name: str) -> list[str]:
    return [column.attname for column in MADE[name]._meta.concrete_fields]


@cache
def _parts() -> list[slice]:
    """Where in a row each model's columns stand."""
    parts, start = [], 7
    for name in MADE:
        end = start + len(_names(name))
        parts.append(slice(start, end))
        start = end
    return parts


@cache
def _statement() -> str:
    columns = [
        f"{name}.{column.column}"
        for name, model in MADE.items()
        for column in model._meta.concrete_fields
    ]
    return (SQL / "unit_trace.sql").read_text().replace("{columns}", ", ".join(columns))
