"""A part of a built thing is taken out and another put in its place."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID, uuid4

from lots.domain.balance import Holding, Line, lines_of
from lots.domain.commands import Command, Part, check_code
from lots.domain.errors import BillError, PartError, WrongStateError, WrongStepError
from lots.domain.rules import refuse_unless_allowed
from lots.domain.words import LineageKind, LineKind, LotState, UnitOfMeasure, UnitState, Verb
from lots.models import Event, Genealogy, Lot, LotLineage, Unit
from lots.services.frame import (
    Draft,
    born_as,
    locked_lots,
    once,
    refuse_stale,
    refuse_verb,
    set_quantity,
)
from lots.services.gating import refuse_unfit_to_use
from lots.services.holding import refuse_held_leaving, refuse_held_parts
from lots.services.lookups import NewEdge, insert_edges, insert_lot
from lots.services.selecting import refuse_unusable
from supplychain.base.errors import StaleError


@dataclass(frozen=True, slots=True)
class _Swap:
    """The edge to close, the part to put in, and the lots they touch, all locked."""

    edge: Genealogy
    new: Unit
    parent_lot: Lot
    source: Lot
    returned: Lot
    is_new_lot: bool


def swap_part(
    *, parent: Unit, position: str, new_serial: str, command: Command, returned_lot_code: str
) -> Event:
    """The part at the position leaves the parent for a lot of returned parts; another takes over.

    returned_lot_code: a lot at hand of that product, or a new one. The event is that lot's.
    PartError for an empty position and for a part that cannot be used; BillError for another
    product; HeldError when the new part or its lot is on hold, and when the old one would leave
    its hold: that returns to the lot on hold; GateError when the new part's lot may not go on from
    where it stands. A held parent may be repaired.
    """
    check_code(returned_lot_code)
    part = Part(new_serial, position)
    wish = {
        "parent": parent.serial,
        "position": position,
        "new": new_serial,
        "returned_lot": returned_lot_code,
    }
    return once(Verb.SWAP, wish, command, lambda: _swap(parent, part, returned_lot_code, command))


def _swap(parent: Unit, part: Part, returned_code: str, command: Command) -> Draft:
    event_id = uuid4()
    swap = _locked(parent, part, returned_code, command)
    _refuse_unfit(swap, command)
    refuse_unfit_to_use(swap.source, command, event_id=event_id)
    returned = insert_lot(swap.returned) if swap.is_new_lot else swap.returned
    edge, old = swap.edge, swap.edge.child
    edge.valid_to, edge.closed_by_id = command.occurred_at, event_id
    edge.save(update_fields=["valid_to", "closed_by"])
    insert_edges(
        [NewEdge(edge.parent_id, swap.new.pk, part.position, command.occurred_at, event_id)]
    )
    _return(old, returned, event_id)
    return _draft(swap, returned, part, event_id)


def _locked(parent: Unit, part: Part, returned_code: str, command: Command) -> _Swap:
    edge, new = _edge(parent, part.position), _unit(part.serial)
    returned_id = Lot.objects.filter(code=returned_code).values_list("id", flat=True).first()
    touched = (edge.parent.lot_id, edge.child.lot_id, new.lot_id, returned_id)
    lots = {lot.pk: lot for lot in locked_lots(pk for pk in touched if pk is not None)}
    fresh_edge, fresh = _edge(parent, part.position), _unit(part.serial)
    seen, now = (
        (found.pk, found.child.lot_id, part.lot_id)
        for found, part in [(edge, new), (fresh_edge, fresh)]
    )
    if seen != now:
        raise StaleError("A part changed meanwhile. Send the operation again.")
    assert fresh.lot_id is not None and edge.parent.lot_id is not None, "both were looked at"
    source = lots[fresh.lot_id]
    returned = lots[returned_id] if returned_id else _returned_lot(returned_code, source, command)
    if returned_id is None:
        returned.quantity = int(fresh_edge.child.state == UnitState.GOOD)
    parent_lot = lots[edge.parent.lot_id]
    return _Swap(fresh_edge, fresh, parent_lot, source, returned, returned_id is None)


def _edge(parent: Unit, position: str) -> Genealogy:
    edges = Genealogy.objects.select_related("child__product", "parent").filter(
        parent=parent, valid_to__isnull=True
    )
    found = edges.filter(position=position).first()
    if found is None:
        taken = ", ".join(edges.order_by("position").values_list("position", flat=True))
        raise PartError(
            f"Nothing stands in {parent.serial} at {position}. Taken: {taken or 'none'}.",
            parent=parent.serial,
            position=position,
        )
    if found.parent.lot_id is None:
        raise PartError(f"{parent.serial} belongs to no lot.", parent=parent.serial)
    return found


def _unit(serial: str) -> Unit:
    unit = Unit.objects.select_related("product").filter(serial=serial).first()
    if unit is None or unit.lot_id is None:
        fault = "is not known here" if unit is None else "belongs to no lot"
        raise PartError(f"Part {serial} {fault}. Check the serial.", serials=[serial])
    return unit


def _returned_lot(code: str, source: Lot, command: Command) -> Lot:
    """A lot for what is taken out, where the spare parts stand, or would but for rework."""
    step = source.rework_return_step or source.step
    return Lot(
        code=code,
        kind=source.kind,
        purpose=source.purpose,
        product=source.product,
        bill=source.bill,
        route_version=step.route_version,
        step=step,
        step_entered_at=command.occurred_at,
        custodian=source.custodian,
        unit_of_measure=source.unit_of_measure,
        quantity=0,
        started_at=command.occurred_at,
        version=1,
    )


def _refuse_unfit(swap: _Swap, command: Command) -> None:
    old, new = swap.edge.child, swap.new
    refuse_stale(swap.parent_lot, command)
    refuse_unless_allowed(swap.parent_lot.code, LotState(swap.parent_lot.state), Verb.SWAP)
    refuse_verb([swap.source], Verb.ASSEMBLE)
    refuse_unusable([new])
    refuse_held_parts([swap.source], [new.pk])
    if old.product_id != new.product_id:
        raise BillError(
            f"{old.serial} is {old.product}, {new.serial} is {new.product}. Swap like for like.",
            serial=new.serial,
        )
    if swap.edge.valid_from > command.occurred_at:
        raise WrongStateError(
            f"{old.serial} was built in at {swap.edge.valid_from:%Y-%m-%d %H:%M} UTC, after "
            "the swap. Check the time.",
            serial=old.serial,
        )
    _refuse_unlike_lot(swap)
    refuse_held_leaving(old, swap.returned)


def _refuse_unlike_lot(swap: _Swap) -> None:
    lot, product = swap.returned, swap.edge.child.product
    holds = (lot.product_id, lot.unit_of_measure)
    if lot.pk == swap.parent_lot.pk or holds != (product.pk, product.kind):
        raise WrongStepError(
            f"Lot {lot.code} holds {lot.product}; a returned {product} needs a lot of its own.",
            lot=lot.code,
        )
    refuse_unless_allowed(lot.code, LotState(lot.state), Verb.ASSEMBLE)


def _return(old: Unit, lot: Lot, event_id: UUID) -> None:
    """The part comes to the lot; where from is kept, so that a recall of that lot finds it."""
    if old.lot_id not in {None, lot.pk}:
        LotLineage.objects.create(
            parent_id=old.lot_id, child=lot, kind=LineageKind.SWAP, event_id=event_id
        )
    Unit.objects.filter(pk=old.pk).update(lot=lot)


def _draft(swap: _Swap, returned: Lot, part: Part, event_id: UUID) -> Draft:
    old, source, parent_lot = swap.edge.child, swap.source, swap.parent_lot
    changes: dict[int, dict[LineKind, int]] = {lot.pk: {} for lot in (parent_lot, source, returned)}
    changes[source.pk][LineKind.CONSUMED] = 1
    changes[returned.pk][LineKind.PRODUCED] = 1
    if old.state != UnitState.GOOD:
        changes[returned.pk][LineKind.REJECT] = 1
    lines: list[Line] = []
    lots = {lot.pk: lot for lot in (parent_lot, source, returned)}
    for pk, lot in lots.items():
        stands = 0 if swap.is_new_lot and lot is returned else lot.quantity
        unit = UnitOfMeasure(lot.unit_of_measure)
        own = lines_of(Holding(pk, lot.code, unit, stands), changes[pk])
        lines += own
        set_quantity(lot, Verb.SWAP, own[-1].quantity)
    return Draft(
        Verb.SWAP,
        returned,
        id=event_id,
        lines=tuple(lines),
        step_from_id=None if swap.is_new_lot else returned.step_id,
        step_to_id=returned.step_id,
        payload={
            "parent": swap.edge.parent.serial,
            "position": part.position,
            "removed": old.serial,
            "installed": swap.new.serial,
            "parent_lot": parent_lot.code,
            "custodian": returned.custodian.code,
            **(born_as(returned) if swap.is_new_lot else {}),
        },
        touched=tuple(lot for lot in lots.values() if lot is not returned or not swap.is_new_lot),
    )
