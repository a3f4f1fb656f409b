"""Parts become a larger thing: dies a package, packages a sled, sleds a server."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import NamedTuple
from uuid import UUID, uuid4

from lots.domain.balance import Holding, Line, lines_of
from lots.domain.chain import rows_sha256
from lots.domain.commands import AssemblyOrder, Build, Command
from lots.domain.errors import BillError, PartError, WrongStepError
from lots.domain.rules import refuse_unless_as_billed
from lots.domain.words import (
    LineageKind,
    LineKind,
    LotKind,
    LotState,
    UnitKind,
    UnitOfMeasure,
    Verb,
)
from lots.models import Bill, Event, Lot, LotLineage, Product, Step, Unit
from lots.services.frame import (
    Draft,
    born_as,
    holding_of,
    locked_lots,
    once,
    refuse_stale,
    refuse_verb,
    set_quantity,
    waits_told,
)
from lots.services.gating import refuse_unfit_to_use
from lots.services.holding import refuse_held_parts
from lots.services.lookups import (
    NAMED_AT_MOST,
    NewEdge,
    NewUnit,
    insert_edges,
    insert_units,
    product_by_code,
    released_bill,
    released_step,
    supplier_by_code,
)
from lots.services.materials import material_lots, refuse_unfit_materials, write_uses
from lots.services.renewing import start_lot
from lots.services.selecting import refuse_unusable
from supplychain.base.errors import StaleError

KIND_OF_LOT = {
    UnitKind.PACKAGE: LotKind.ASSEMBLY,
    UnitKind.BOARD: LotKind.PART,
    UnitKind.SWITCH: LotKind.PART,
    UnitKind.SLED: LotKind.SYSTEM,
    UnitKind.SERVER: LotKind.SYSTEM,
    UnitKind.SYSTEM: LotKind.SYSTEM,
    UnitKind.ULTRASERVER: LotKind.SYSTEM,
}


def assemble_units(*, order: AssemblyOrder, command: Command) -> Event:
    """Build units from parts of other lots, into a new lot or one at the same step.

    PartError for a part that is unknown, bad or used; BillError for other parts than billed;
    HeldError when a part, or the whole lot it comes from, is on hold; GateError when that lot
    may not go on from where it stands; QuantityError for more material than its lot has.
    """
    wish = asdict(order)
    if not order.materials:
        del wish["materials"]
    return once(Verb.ASSEMBLE, wish, command, lambda: _assemble(order, command))


def _assemble(order: AssemblyOrder, command: Command) -> Draft:
    product = product_by_code(order.product_code)
    parts, named = _parts(order), material_lots(order.materials)
    sources, standing = _locked(order, parts, named)
    step = _step(order, standing)
    if standing is not None:
        refuse_stale(standing, command)
        _refuse_unlike_target(standing, order, product, step)
    refuse_verb([*sources, *([standing] if standing else [])], Verb.ASSEMBLE)
    parts = _refreshed(parts)
    refuse_unusable(list(parts.values()))
    refuse_held_parts(sources, [part.id for part in parts.values()])
    bill = standing.bill if standing else released_bill(product)
    bill = _billed(product, bill, order.builds, parts)
    giving = {lot.code: lot for lot in sources if lot.code in named}
    refuse_unfit_materials(order, bill, giving)
    event_id = uuid4()
    for source in sources:
        refuse_unfit_to_use(source, command, event_id=event_id, to_step=step)
    told: dict[str, object] = {}
    target = standing
    if target is None:
        target, told = start_lot(_new_lot(order, product, step, bill, command))
    _join(order.builds, _built(order, target, event_id), parts, command, event_id)
    _link(sources, target, event_id)
    write_uses(order.materials, giving, event_id)
    used = Counter(unit.lot_id for unit in parts.values())
    used.update({giving[one.lot_code].pk: one.quantity for one in order.materials})
    told |= waits_told(sources)
    draft = _draft(order, target, sources, used, event_id, is_new=standing is None)
    return replace(draft, payload={**draft.payload, **told})


def _step(order: AssemblyOrder, standing: Lot | None) -> Step:
    """The step on the version of the route that the standing lot follows, else on the newest."""
    if standing is not None and standing.route_version.route.code == order.route_code:
        steps = Step.objects.select_related("route_version__route")
        own = steps.filter(route_version=standing.route_version_id, code=order.step_code).first()
        if own is not None:
            return own
    return released_step(order.route_code, order.step_code)


class PartRow(NamedTuple):
    """What assembly needs of a part."""

    id: int
    serial: str
    state: str
    lot_id: int | None
    product_code: str


def _parts(order: AssemblyOrder) -> dict[str, PartRow]:
    """Serial → part, not locked yet. PartError naming serials nobody registered."""
    serials = [part.serial for build in order.builds for part in build.parts]
    found = _part_rows(serials)
    missing = sorted(set(serials) - found.keys())
    loose = sorted(unit.serial for unit in found.values() if unit.lot_id is None)
    if missing or loose:
        named = ", ".join((missing or loose)[:NAMED_AT_MOST])
        fault = "are not known here" if missing else "belong to no lot"
        raise PartError(f"Parts {named} {fault}. Check the serials.", serials=missing or loose)
    return found


def _part_rows(serials: Sequence[str]) -> dict[str, PartRow]:
    columns = ("id", "serial", "state", "lot_id", "product__code")
    units = Unit.objects.filter(serial__in=serials).values_list(*columns)
    return {row[1]: PartRow(*row) for row in units.iterator()}


def _locked(
    order: AssemblyOrder, parts: Mapping[str, PartRow], materials: Mapping[str, int]
) -> tuple[list[Lot], Lot | None]:
    """The lots that parts and material come from and the lot to add to, locked in id order.

    A lot that was withdrawn is begun anew: there is nothing to add to.
    """
    source_ids = {unit.lot_id for unit in parts.values() if unit.lot_id is not None}
    source_ids |= set(materials.values())
    target_id = Lot.objects.filter(code=order.lot_code).values_list("id", flat=True).first()
    lots = locked_lots(source_ids | ({target_id} if target_id else set()))
    sources = [lot for lot in lots if lot.pk in source_ids]
    if target_id in source_ids:
        raise PartError(f"Lot {order.lot_code} cannot be built from its own parts.")
    target = next((lot for lot in lots if lot.pk == target_id), None)
    is_there = target is not None and target.state != LotState.WITHDRAWN
    return sources, target if is_there else None


def _refreshed(parts: Mapping[str, PartRow]) -> dict[str, PartRow]:
    """The parts as they stand under the locks. StaleError when one changed lots meanwhile."""
    fresh = _part_rows(list(parts))
    if any(fresh[serial].lot_id != unit.lot_id for serial, unit in parts.items()):
        raise StaleError("A part was moved to another lot meanwhile. Send the operation again.")
    return fresh


def _refuse_unlike_target(lot: Lot, order: AssemblyOrder, product: Product, step: Step) -> None:
    stands = (lot.product_id, lot.step_id, lot.custodian.code, lot.purpose)
    if stands != (product.pk, step.pk, order.custodian_code, order.purpose):
        raise WrongStepError(
            f"Lot {lot.code} holds {lot.product} at {lot.step} with {lot.custodian} for "
            f"{lot.purpose}; builds of {product} at {step} need a lot of their own.",
            lot=lot.code,
        )


def _billed(
    product: Product, bill: Bill | None, builds: Sequence[Build], parts: Mapping[str, PartRow]
) -> Bill:
    """The bill. BillError where there is none, or for other parts than it names."""
    if bill is None:
        raise BillError(f"{product} has no released bill of materials. Release one first.")
    lines = bill.lines.filter(is_serialised=True)
    needed = dict(lines.values_list("component__code", "quantity"))
    for build in builds:
        given = Counter(parts[part.serial].product_code for part in build.parts)
        refuse_unless_as_billed(build.serial, needed, given)
    return bill


def _new_lot(
    order: AssemblyOrder, product: Product, step: Step, bill: Bill | None, command: Command
) -> Lot:
    return Lot(
        code=order.lot_code,
        kind=KIND_OF_LOT[UnitKind(product.kind)],
        purpose=order.purpose,
        product=product,
        bill=bill,
        route_version=step.route_version,
        step=step,
        step_entered_at=command.occurred_at,
        custodian=supplier_by_code(order.custodian_code),
        unit_of_measure=UnitOfMeasure(product.kind),
        quantity=len(order.builds),
        started_at=command.occurred_at,
        version=1,
    )


def _built(order: AssemblyOrder, lot: Lot, event_id: UUID) -> list[int]:
    """Ids of the units built, in the order of the builds."""
    kind, product_id = lot.product.kind, lot.product_id
    return insert_units(
        [NewUnit(build.serial, kind, product_id, lot.pk, event_id) for build in order.builds]
    )


def _join(
    builds: Sequence[Build],
    built: Sequence[int],
    parts: Mapping[str, PartRow],
    command: Command,
    event_id: UUID,
) -> None:
    insert_edges(
        NewEdge(parent_id, parts[part.serial].id, part.position, command.occurred_at, event_id)
        for build, parent_id in zip(builds, built, strict=True)
        for part in build.parts
    )


def _link(sources: Sequence[Lot], target: Lot, event_id: UUID) -> None:
    LotLineage.objects.bulk_create(
        LotLineage(parent=source, child=target, kind=LineageKind.ASSEMBLE, event_id=event_id)
        for source in sources
    )


def _draft(
    order: AssemblyOrder,
    target: Lot,
    sources: Sequence[Lot],
    used: Mapping[int | None, int],
    event_id: UUID,
    *,
    is_new: bool,
) -> Draft:
    count = len(order.builds)
    lines: list[Line] = []
    for source in sources:
        lines += lines_of(holding_of(source), {LineKind.CONSUMED: used[source.pk]})
        set_quantity(source, Verb.ASSEMBLE, source.quantity - used[source.pk])
    before = 0 if is_new else target.quantity
    stock = Holding(target.pk, target.code, UnitOfMeasure(target.unit_of_measure), before)
    lines += lines_of(stock, {LineKind.PRODUCED: count}, {LineKind.PRODUCED: count})
    if not is_new:
        set_quantity(target, Verb.ASSEMBLE, before + count)
    return Draft(
        Verb.ASSEMBLE,
        target,
        id=event_id,
        lines=tuple(lines),
        step_from_id=None if is_new else target.step_id,
        step_to_id=target.step_id,
        payload={
            "custodian": target.custodian.code,
            "builds": count,
            "sources": [source.code for source in sources],
            "parts_sha256": rows_sha256(
                (build.serial, part.position, part.serial)
                for build in order.builds
                for part in build.parts
            ),
            **(born_as(target) if is_new else {}),
            **_materials(order),
        },
        touched=(*sources, *([] if is_new else [target])),
    )


def _materials(order: AssemblyOrder) -> dict[str, dict[str, int]]:
    """Lot → how many without serials it gave; nothing where none are named."""
    if not order.materials:
        return {}
    return {"materials": {one.lot_code: one.quantity for one in order.materials}}
