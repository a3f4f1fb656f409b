"""One unit's genealogy: as edges, as a tree that folds, drawn, and as rows of a file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.urls import reverse

from lots.domain.words import Trust
from lots.models import Unit
from lots.selectors import UsedMaterial, materials_of
from lots.selectors.genealogy import (
    EdgeRow,
    LineageRow,
    edges_around,
    lineage_of,
)
from operations.domain.genealogy_drawing import GenealogyDrawing, Knot, draw_genealogy
from operations.domain.genealogy_tree import Branch, Link, tree_of
from operations.domain.quantities import counted
from supplychain.base.sheets import harmless

HEADS = [
    "direction", "depth", "serial", "beside", "kind", "product", "position", "since", "until",
    "state", "trust", "lot", "wafer", "x", "y", "declared_lot", "declared_wafer", "quantity",
]  # fmt: skip
Box = tuple[int, str, bool]


@dataclass(frozen=True, slots=True)
class Genealogy:
    """Edges up and down, nearest first, and how the lots of all of it came to be.

    materials: what has no serial, of the unit's own assembly and of those of its parts.
    """

    unit: Unit
    edges: Sequence[EdgeRow]
    lineage: Sequence[LineageRow]
    materials: Sequence[UsedMaterial]

    @property
    def up(self) -> list[Link]:
        """What it stands in, and stood in."""
        return [_shown(edge) for edge in self.edges if edge.direction > 0]

    @property
    def down(self) -> list[Link]:
        """What is in it, and was."""
        return [_shown(edge) for edge in self.edges if edge.direction < 0]

    @property
    def tree_up(self) -> list[Branch]:
        return tree_of(self.up)

    @property
    def tree_down(self) -> list[Branch]:
        return tree_of(self.down)

    @property
    def drawing(self) -> GenealogyDrawing:
        return _drawn(self)


def genealogy_of(unit: Unit, *, is_closed_too: bool = False) -> Genealogy:
    """Both ways, with ended edges where asked. Three queries."""
    edges = edges_around(unit, is_closed_too=is_closed_too)
    codes = {edge.lot for edge in edges if edge.lot and edge.direction < 0}
    if unit.lot is not None:
        codes.add(unit.lot.code)
    inside = {edge.serial for edge in edges if edge.direction < 0 and edge.until is None}
    materials = materials_of([unit.serial, *sorted(inside)])
    codes.update(used.lot_code for used in materials)
    return Genealogy(unit, edges, lineage_of(codes), materials)


def genealogy_rows(genealogy: Genealogy) -> Iterator[list[str]]:
    """A head, then one row an edge, then one for each lot of material beside what it went into."""
    yield HEADS
    for edge in genealogy.edges:
        values = [
            "up" if edge.direction > 0 else "down",
            edge.depth, edge.serial, edge.beside, edge.kind, edge.product, edge.position,
            edge.since.isoformat(), edge.until.isoformat() if edge.until else None,
            edge.state, edge.trust, edge.lot, edge.wafer, edge.x, edge.y,
            edge.declared_lot, edge.declared_wafer, 1,
        ]  # fmt: skip
        yield [_cell(value) for value in values]
    for used in genealogy.materials:
        values = [
            "material", None, None, used.serial, used.product_kind, used.product, None,
            used.occurred_at.isoformat(), None, None, None, used.lot_code, *[None] * 5,
            used.quantity,
        ]  # fmt: skip
        yield [_cell(value) for value in values]


def _cell(value: str | int | None) -> str:
    """Serials and lots are as vendors wrote them; a coordinate may well be negative."""
    if isinstance(value, str):
        return harmless(value)
    return "" if value is None else str(value)


def _shown(edge: EdgeRow) -> Link:
    return Link(
        key=edge.edge_id,
        reached_by=edge.reached_by,
        serial=edge.serial,
        beside=edge.beside,
        kind=edge.kind,
        product=edge.product,
        state=edge.state,
        is_declared=edge.trust == Trust.DECLARED,
        lot=edge.lot or "",
        wafer=edge.wafer or "",
        x=edge.x,
        y=edge.y,
        position=edge.position,
        since=edge.since,
        until=edge.until,
        depth=edge.depth,
        declared_lot=edge.declared_lot,
    )


def _drawn(genealogy: Genealogy) -> GenealogyDrawing:
    """Columns by depth, a box for each product; then the wafers and lots of the innermost."""
    unit = genealogy.unit
    boxes: dict[Box, list[EdgeRow]] = {}
    for edge in genealogy.edges:
        box = (edge.direction * edge.depth, edge.product, edge.until is not None)
        boxes.setdefault(box, []).append(edge)
    itself = Knot("self", unit.serial, unit.product.code, is_self=True)
    depths = sorted({depth for depth, _, _ in boxes} | {0}, reverse=True)
    columns = [
        [itself]
        if depth == 0
        else [_knot(box, edges) for box, edges in boxes.items() if box[0] == depth]
        for depth in depths
    ]
    links = _edge_links(genealogy.edges)
    origins, joined = _origins(genealogy)
    return draw_genealogy([*columns, *origins], [*links, *joined])


def _knot(box: Box, edges: Sequence[EdgeRow]) -> Knot:
    serials = {edge.serial for edge in edges}
    is_one = len(serials) == 1
    name = edges[0].serial if is_one else counted(len(serials), edges[0].kind)
    note = " ".join(filter(None, ["former" if box[2] else "", box[1]]))
    address = reverse("operations:unit-genealogy", args=[edges[0].serial]) if is_one else ""
    is_declared = any(edge.trust == Trust.DECLARED for edge in edges)
    return Knot(_key(edges[0]), name, note, address, is_former=box[2], is_declared=is_declared)


def _key(edge: EdgeRow) -> str:
    return f"{edge.direction * edge.depth}:{edge.product}:{edge.until is not None}"


def _edge_links(edges: Sequence[EdgeRow]) -> list[tuple[str, str]]:
    """Pairs of boxes from left to right, each once."""
    by_id = {(edge.direction, edge.edge_id): _key(edge) for edge in edges}
    found: dict[tuple[str, str], None] = {}
    for edge in edges:
        near = "self"
        if edge.reached_by is not None:
            near = by_id[edge.direction, edge.reached_by]
        pair = (_key(edge), near) if edge.direction > 0 else (near, _key(edge))
        found[pair] = None
    return list(found)


def _origins(genealogy: Genealogy) -> tuple[list[list[Knot]], list[tuple[str, str]]]:
    """Wafers that gave dies, then lots of these and of material, and what joins them."""
    own = genealogy.unit
    dies = [edge for edge in genealogy.edges if edge.direction < 0 and edge.wafer and edge.lot]
    wafers: dict[str, Knot] = {}
    lots: dict[str, Knot] = {}
    links: dict[tuple[str, str], None] = {}

    def add(near: str, wafer: str, lot: str) -> None:
        wafers[wafer] = Knot(
            f"wafer:{wafer}", wafer, "wafer", reverse("operations:wafer-detail", args=[wafer])
        )
        lots[lot] = Knot(f"lot:{lot}", lot, "lot", reverse("operations:lot-detail", args=[lot]))
        links[near, f"wafer:{wafer}"] = None
        links[f"wafer:{wafer}", f"lot:{lot}"] = None

    for edge in dies:
        add(_key(edge), edge.wafer or "", edge.lot or "")
    if own.wafer is not None and own.lot is not None:
        add("self", own.wafer.code, own.lot.code)
    near = {edge.serial: _key(edge) for edge in genealogy.edges} | {own.serial: "self"}
    for used in genealogy.materials:
        key, address = (
            f"lot:{used.lot_code}",
            reverse("operations:lot-detail", args=[used.lot_code]),
        )
        lots[key] = Knot(key, used.lot_code, used.product, address)
        links[near[used.serial], key] = None
    return [list(wafers.values()), list(lots.values())], list(links)
