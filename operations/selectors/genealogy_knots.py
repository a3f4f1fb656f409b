"""What is drawn of a genealogy: things with what is next to them, on both sides."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.urls import reverse

from lots.domain.words import Trust, UnitState
from lots.models import Unit
from lots.selectors import UsedMaterial
from lots.selectors.genealogy import EdgeRow, LineageRow
from operations.domain.genealogy_drawing import GenealogyDrawing, draw_genealogy
from operations.domain.genealogy_folding import Knot
from operations.selectors.genealogy import Genealogy, LotGenealogy


def unit_drawing(genealogy: Genealogy, turned: frozenset[str]) -> GenealogyDrawing:
    """The unit between what it stands in and its parts, with their wafers, lots and material."""
    unit = genealogy.unit
    knots = _Knots()
    itself = _unit_knot(unit)
    knots.add_edges(genealogy.edges, {unit.serial: itself.key})
    wafer = unit.wafer.code if unit.wafer else None
    lot = unit.lot.code if unit.lot else None
    knots.add_origin(itself.key, wafer, lot, unit.declared_lot)
    knots.add_materials(genealogy.materials)
    knots.add_lineage(genealogy.lineage)
    return draw_genealogy(itself, knots.up, knots.down, turned)


def lot_drawing(
    genealogy: LotGenealogy, turned: frozenset[str], next_page: str
) -> GenealogyDrawing:
    """The lot or wafer between its units, with lots that took from it, and where it came from.

    next_page: address of more units, where there are some.
    """
    knots, wafer, lot = _Knots(), genealogy.wafer, genealogy.lot
    own = _lot_knot(lot.code, lot.product.code)
    itself = _wafer_knot(wafer.code) if wafer else own
    if wafer is None:
        knots.down[own.key] = [_wafer_knot(one.code) for one in genealogy.wafers]
    else:
        knots.down[itself.key] = [own]
    knots.add_lineage(genealogy.lineage, is_forward_too=wafer is None)
    units = [_unit_knot(unit) for unit in genealogy.units]
    knots.up.setdefault(itself.key, []).extend(units)
    knots.add_edges(
        [edge for edge in genealogy.edges if edge.direction > 0],
        {unit.serial: _unit_key(unit.serial) for unit in genealogy.units},
    )
    if genealogy.next_after:
        more = f"{genealogy.unit_count:,} units in all"
        knots.up[itself.key].append(Knot("next", "More units", more, next_page))
    return draw_genealogy(itself, knots.up, knots.down, turned)


@dataclass(frozen=True, slots=True)
class _Knots:
    up: dict[str, list[Knot]] = field(default_factory=dict)
    down: dict[str, list[Knot]] = field(default_factory=dict)
    places: dict[str, list[str]] = field(default_factory=dict)

    def add_edges(self, edges: Iterable[EdgeRow], roots: dict[str, str]) -> None:
        """roots: serial → key of what the edges start from."""
        known: set[tuple[int, int, int | None]] = set()
        self.places.update({serial: [key] for serial, key in roots.items()})
        for edge in edges:
            way = (edge.direction, edge.edge_id, edge.reached_by)
            if way in known:
                continue
            known.add(way)
            side = self.up if edge.direction > 0 else self.down
            near = (
                roots[edge.beside]
                if edge.reached_by is None
                else _edge_key(edge.direction, edge.reached_by)
            )
            knot = _edge_knot(edge)
            side.setdefault(near, []).append(knot)
            if edge.direction < 0 and knot.key not in self.down:
                self.places.setdefault(edge.serial, []).append(knot.key)
                self.add_origin(knot.key, edge.wafer, edge.lot, edge.declared_lot)

    def add_origin(
        self, key: str, wafer: str | None, lot: str | None, declared_lot: str = ""
    ) -> None:
        """The wafer, lot or declared lot that a unit comes from."""
        beyond = self.down.setdefault(key, [])
        if wafer and lot:
            beyond.append(_wafer_knot(wafer))
            self.down[_wafer_knot(wafer).key] = [_lot_knot(lot)]
        elif lot:
            beyond.append(_lot_knot(lot))
        if declared_lot:
            note = "lot, as declared"
            beyond.append(Knot(f"declared:{declared_lot}", declared_lot, note, is_declared=True))

    def add_materials(self, materials: Iterable[UsedMaterial]) -> None:
        """Lots of parts without serials, beside the units built with them."""
        for used in materials:
            for key in self.places.get(used.serial, ()):
                note = f"{used.product}, {used.quantity:,} taken"
                self.down.setdefault(key, []).append(_lot_knot(used.lot_code, note))

    def add_lineage(self, rows: Iterable[LineageRow], *, is_forward_too: bool = False) -> None:
        """Links between lots."""
        links: dict[tuple[int, str, str], list[LineageRow]] = {}
        for row in rows:
            links.setdefault((row.direction, row.parent, row.child), []).append(row)
        for (direction, parent, child), told in links.items():
            if direction < 0:
                knot = _lot_knot(parent, _given(told[0].parent_product, told))
                self.down.setdefault(f"lot:{child}", []).append(knot)
            elif is_forward_too:
                knot = _lot_knot(child, _given(told[0].child_product, told))
                self.up.setdefault(f"lot:{parent}", []).append(knot)


def _given(product: str, rows: list[LineageRow]) -> str:
    """How, and how many over all links of the two lots."""
    kinds = "/".join(dict.fromkeys(row.kind for row in rows))
    return f"{product} · {kinds} {sum(row.quantity or 0 for row in rows):,}"


def _unit_knot(unit: Unit) -> Knot:
    is_declared = unit.trust == Trust.DECLARED
    notes = [unit.product.code]
    if unit.x is not None:
        notes.append(f"X {unit.x}, Y {unit.y}")
    return Knot(
        _unit_key(unit.serial),
        unit.serial,
        _noted(notes, unit.state),
        _unit_address(unit.serial),
        unit.product.code,
        is_declared=is_declared,
    )


def _edge_knot(edge: EdgeRow) -> Knot:
    is_former = edge.until is not None
    group = f"former {edge.product}" if is_former else edge.product
    return Knot(
        _edge_key(edge.direction, edge.edge_id),
        edge.serial,
        _noted([edge.position, group], edge.state),
        _unit_address(edge.serial),
        group,
        is_former=is_former,
        is_declared=edge.trust == Trust.DECLARED,
    )


def _noted(notes: list[str], state: str) -> str:
    return " · ".join([*notes, *([state] if state != UnitState.GOOD else [])])


def _wafer_knot(code: str) -> Knot:
    address = reverse("operations:wafer-genealogy", args=[code])
    return Knot(f"wafer:{code}", code, "wafer", address, "wafers")


def _lot_knot(code: str, note: str = "lot") -> Knot:
    address = reverse("operations:lot-genealogy", args=[code])
    return Knot(f"lot:{code}", code, note, address, "lots")


def _unit_key(serial: str) -> str:
    return f"unit:{serial}"


def _unit_address(serial: str) -> str:
    return reverse("operations:unit-genealogy", args=[serial])


def _edge_key(direction: int, edge_id: int) -> str:
    return f"{'up' if direction > 0 else 'down'}:{edge_id}"
