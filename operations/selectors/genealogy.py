"""Genealogy of a unit, a lot or a wafer: edges, lots and material, as pages and files show them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from django.db.models import QuerySet

from lots.domain.moments import Moment
from lots.domain.words import Trust, UnitState
from lots.models import Lot, Unit, Wafer
from lots.selectors import UsedMaterial, materials_of
from lots.selectors.as_of import lot_as_of
from lots.selectors.genealogy import EdgeRow, LineageRow, edges_around, lineage_of
from lots.selectors.members import lot_members, lots_of_units, wafer_members
from operations.domain.genealogy_tree import Branch, Link, tree_of
from operations.selectors.lots import lot_by_id
from supplychain.base.errors import MissingError

UNITS_AT_ONCE = 200


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


@dataclass(frozen=True, slots=True)
class LotGenealogy:
    """A lot, or one wafer of it: its units with the edges around them, and lots both ways.

    units: a page of them, in order of their rows; unit_count: all. next_after: serial to go on
    after; empty at the end. wafers: of the lot, or the one that is asked for. moment: as of which
    all of it is told; None for now.
    """

    lot: Lot
    wafer: Wafer | None
    wafers: Sequence[Wafer]
    units: Sequence[Unit]
    unit_count: int
    next_after: str
    edges: Sequence[EdgeRow]
    lineage: Sequence[LineageRow]
    materials: Sequence[UsedMaterial]
    moment: Moment | None = None

    @property
    def name(self) -> str:
        """Code of the wafer, or else of the lot."""
        return self.lot.code if self.wafer is None else self.wafer.code

    @property
    def links(self) -> list[Link]:
        """Every edge once, nearest first."""
        return [_shown(edge) for edge in {edge.edge_id: edge for edge in self.edges}.values()]

    @property
    def ancestors(self) -> list[LineageRow]:
        """Links on the way back."""
        return [row for row in self.lineage if row.direction < 0]

    @property
    def descendants(self) -> list[LineageRow]:
        """Links to what came of it."""
        return [row for row in self.lineage if row.direction > 0]


def genealogy_of(
    unit: Unit, *, is_closed_too: bool = False, moment: Moment | None = None
) -> Genealogy:
    """Both ways, with ended edges where asked. Three queries; four more for a moment.

    moment: edges, lots and material as known at an event; what a unit says of itself is as of now.
    """
    seq = moment.seq if moment else None
    edges = edges_around([unit.pk], is_closed_too=is_closed_too, seq=seq)
    if seq is not None:
        edges = in_lots_then([unit], edges, seq)
    codes = {edge.lot for edge in edges if edge.lot and edge.direction < 0}
    if unit.lot is not None:
        codes.add(unit.lot.code)
    materials = _materials([unit], edges, moment)
    codes.update(used.lot_code for used in materials)
    return Genealogy(unit, edges, lineage_of(codes, seq=seq), materials)


def lot_genealogy(
    lot: Lot,
    wafer: Wafer | None = None,
    *,
    after: str = "",
    is_closed_too: bool = False,
    moment: Moment | None = None,
) -> LotGenealogy:
    """The lot's own, or that of one wafer of it; a page of units after that serial. Six queries.

    moment: its units, wafers, edges, lots and material as known at an event; what a unit or wafer
    says of itself is as of now. MissingError for a serial that nobody has, and for what was not
    there then.
    """
    if moment is None:
        known = lot.units if wafer is None else wafer.dies
        units: QuerySet[Unit] = known.exclude(state=UnitState.WITHDRAWN)
        wafers: Sequence[Wafer] = [wafer] if wafer else list(lot.wafers.order_by("number", "id"))
    else:
        lot, units, wafers = _then(lot, wafer, moment)
    seq = moment.seq if moment else None
    found = _page(units, after)
    shown = found[:UNITS_AT_ONCE]
    edges = edges_around([unit.pk for unit in shown], is_closed_too=is_closed_too, seq=seq)
    if seq is not None:
        edges = in_lots_then(shown, edges, seq)
    return LotGenealogy(
        lot=lot,
        wafer=wafer,
        wafers=wafers,
        units=shown,
        unit_count=units.count(),
        next_after=shown[-1].serial if len(found) > UNITS_AT_ONCE else "",
        edges=edges,
        lineage=lineage_of([lot.code], is_forward_too=True, seq=seq),
        materials=_materials(shown, edges, moment),
        moment=moment,
    )


def in_lots_then(units: Sequence[Unit], edges: Sequence[EdgeRow], seq: int) -> list[EdgeRow]:
    """The edges with the lots that their far ends were in then; the units are given theirs.

    None for what was not made yet. Four queries.
    """
    serials = {unit.serial for unit in units} | {edge.serial for edge in edges}
    then = lots_of_units(serials, seq)
    for unit in units:
        unit.lot = then.get(unit.serial)
    codes = {serial: lot.code for serial, lot in then.items()}
    return [replace(edge, lot=codes.get(edge.serial)) for edge in edges]


def _then(
    lot: Lot, wafer: Wafer | None, moment: Moment
) -> tuple[Lot, QuerySet[Unit], Sequence[Wafer]]:
    """The lot that the wafer was in, or the lot itself, with the units and wafers it had."""
    assert moment.seq is not None, "a genealogy is asked for at an event"
    if wafer is None:
        lot_as_of(lot.code, moment.seq)
        found = lot_members(lot, moment.seq)
        wafers = Wafer.objects.filter(pk__in=found.wafer_ids).select_related("lot")
        units = Unit.objects.filter(pk__in=found.unit_ids)
        return lot, units, list(wafers.order_by("number", "id"))
    found = wafer_members(wafer, moment.seq)
    lot = lot if lot.pk == found.lot_id else lot_by_id(found.lot_id)
    lot_as_of(lot.code, moment.seq)
    return lot, Unit.objects.filter(wafer=wafer, pk__in=found.unit_ids), [wafer]


def pages_of(first: LotGenealogy, *, is_closed_too: bool = False) -> Iterator[LotGenealogy]:
    """The page and all after it, as known at the same event."""
    page = first
    yield page
    while page.next_after:
        page = lot_genealogy(
            page.lot,
            page.wafer,
            after=page.next_after,
            is_closed_too=is_closed_too,
            moment=page.moment,
        )
        yield page


def _page(units: QuerySet[Unit], after: str) -> list[Unit]:
    """One more than is shown at once."""
    rest = units.select_related("product", "lot", "wafer", "created_by").order_by("id")
    if after:
        last = Unit.objects.filter(serial=after).values_list("id", flat=True).first()
        if last is None:
            raise MissingError(f"There is no unit {after} to go on after.")
        rest = rest.filter(id__gt=last)
    return list(rest[: UNITS_AT_ONCE + 1])


def _materials(
    units: Iterable[Unit], edges: Iterable[EdgeRow], moment: Moment | None = None
) -> list[UsedMaterial]:
    inside = {edge.serial for edge in edges if edge.direction < 0 and edge.until is None}
    own = [unit.serial for unit in units]
    return materials_of([*own, *sorted(inside.difference(own))], moment)


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
        opened_seq=edge.opened_seq,
        closed_seq=edge.closed_seq,
    )
