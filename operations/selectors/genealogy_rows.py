"""Genealogy as rows of a file: a head, then one row for each link."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from lots.domain.words import UnitKind
from lots.models import Unit, Wafer
from lots.selectors import UsedMaterial
from lots.selectors.genealogy import EdgeRow, LineageRow
from operations.selectors.genealogy import Genealogy, LotGenealogy, pages_of

HEADS = [
    "direction", "depth", "serial", "beside", "kind", "product", "position", "since", "until",
    "state", "trust", "lot", "wafer", "x", "y", "declared_lot", "declared_wafer", "quantity",
    "link", "parent", "child", "opened_seq", "closed_seq",
]  # fmt: skip
Value = str | int | None


def genealogy_rows(genealogy: Genealogy) -> Iterator[Sequence[Value]]:
    """A unit's: its edges, lots of material beside what they went into, links between lots."""
    yield HEADS
    yield from _rows(map(_edge, genealogy.edges))
    yield from _rows(map(_material, genealogy.materials))
    yield from _rows(map(_lineage, genealogy.lineage))


def lot_rows(first: LotGenealogy, *, is_closed_too: bool = False) -> Iterator[Sequence[Value]]:
    """A lot's or a wafer's, whole: links between lots, wafers, then units with their edges.

    first: the first page of its units; the others are read while the rows are taken.
    """
    yield HEADS
    yield from _rows(map(_lineage, first.lineage))
    yield from _rows(map(_wafer, first.wafers))
    known: set[int] = set()
    for page in pages_of(first, is_closed_too=is_closed_too):
        yield from _rows(map(_unit, page.units))
        for edge in page.edges:
            if edge.edge_id not in known:
                known.add(edge.edge_id)
                yield from _rows([_edge(edge)])
        yield from _rows(map(_material, page.materials))


def _rows(links: Iterable[dict[str, Value]]) -> Iterator[Sequence[Value]]:
    for link in links:
        yield [link.get(head) for head in HEADS]


def _edge(edge: EdgeRow) -> dict[str, Value]:
    return {
        "direction": "up" if edge.direction > 0 else "down",
        "depth": edge.depth,
        "serial": edge.serial,
        "beside": edge.beside,
        "kind": edge.kind,
        "product": edge.product,
        "position": edge.position,
        "since": edge.since.isoformat(),
        "until": edge.until.isoformat() if edge.until else None,
        "state": edge.state,
        "trust": edge.trust,
        "lot": edge.lot,
        "wafer": edge.wafer,
        "x": edge.x,
        "y": edge.y,
        "declared_lot": edge.declared_lot,
        "declared_wafer": edge.declared_wafer,
        "quantity": 1,
        "link": "part",
        "parent": edge.parent,
        "child": edge.child,
        "opened_seq": edge.opened_seq,
        "closed_seq": edge.closed_seq,
    }


def _material(used: UsedMaterial) -> dict[str, Value]:
    return {
        "direction": "material",
        "beside": used.serial,
        "kind": used.product_kind,
        "product": used.product,
        "since": used.occurred_at.isoformat(),
        "lot": used.lot_code,
        "quantity": used.quantity,
        "link": "material",
        "parent": used.serial,
        "child": used.lot_code,
        "opened_seq": used.retold_seq or used.seq,
    }


def _lineage(row: LineageRow) -> dict[str, Value]:
    is_forward = row.direction > 0
    return {
        "direction": "up" if is_forward else "down",
        "beside": row.parent if is_forward else row.child,
        "kind": "lot",
        "product": row.child_product if is_forward else row.parent_product,
        "since": row.occurred_at.isoformat(),
        "lot": row.child if is_forward else row.parent,
        "quantity": row.quantity,
        "link": row.kind,
        "parent": row.parent,
        "child": row.child,
        "opened_seq": row.seq,
    }


def _wafer(wafer: Wafer) -> dict[str, Value]:
    lot = wafer.lot.code
    return {
        "direction": "of",
        "kind": "wafer",
        "lot": lot,
        "wafer": wafer.code,
        "quantity": 1,
        "link": "lot",
        "parent": lot,
        "child": wafer.code,
    }


def _unit(unit: Unit) -> dict[str, Value]:
    """A unit of the lot, or a die of the wafer, by what it belongs to."""
    lot, wafer = unit.lot, unit.wafer
    return {
        "direction": "of",
        "serial": unit.serial,
        "kind": UnitKind(unit.kind).value,
        "product": unit.product.code,
        "since": unit.created_by.occurred_at.isoformat(),
        "state": unit.state,
        "trust": unit.trust,
        "lot": lot.code if lot else None,
        "wafer": wafer.code if wafer else None,
        "x": unit.x,
        "y": unit.y,
        "declared_lot": unit.declared_lot,
        "declared_wafer": unit.declared_wafer,
        "quantity": 1,
        "link": "wafer" if wafer else "lot",
        "parent": wafer.code if wafer else lot.code if lot else None,
        "child": unit.serial,
        "opened_seq": unit.created_by.seq,
    }
