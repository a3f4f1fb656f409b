"""Material that comes in: new lots, and shipments that arrive."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from uuid import UUID, uuid4

from lots.domain.balance import Holding, Line, lines_of
from lots.domain.chain import rows_sha256
from lots.domain.commands import (
    Command,
    Declaration,
    LotOrder,
    check_code,
    check_quantity,
    refuse_repeats,
)
from lots.domain.errors import QuantityError, WrongStepError
from lots.domain.serials import wafer_code
from lots.domain.words import LineKind, LotState, UnitOfMeasure, Verb
from lots.models import Event, Lot, Product, Step, Supplier, Wafer
from lots.services.frame import Draft, born_as, holding_of, locked_lot, once, standing_of
from lots.services.gating import refuse_closed_gates, refuse_overtime
from lots.services.lookups import (
    NewUnit,
    insert_units,
    insert_wafers,
    product_by_code,
    released_bill,
    released_step,
    supplier_by_code,
)
from lots.services.ordering import refuse_order, refuse_overtaken
from lots.services.renewing import start_lot
from supplychain.base.errors import MalformedError


def receive_lot(*, order: LotOrder, command: Command) -> Event:
    """A new lot with its wafers and serialised units.

    One that was withdrawn begins anew, and so do its wafers and units, here or elsewhere.
    ConflictError when its code, a wafer or a serial exists; MissingError for unknown reference.
    """
    wish = asdict(order)
    return once(Verb.RECEIVE, wish, command, lambda: _receive(order, command))


def _receive(order: LotOrder, command: Command) -> Draft:
    _refuse_wrong_counts(order)
    product = product_by_code(order.product_code)
    if order.serials and order.unit_of_measure != product.kind:
        raise MalformedError(
            f"Serials of {product} are counted in {product.kind}, not {order.unit_of_measure}.",
            field="unit_of_measure",
        )
    step = released_step(order.route_code, order.step_code)
    lot, renewed = start_lot(_new_lot(order, product, step, command))
    event_id = uuid4()
    codes = [(wafer_code(order.code, number), number) for number in order.wafers]
    insert_wafers(
        [
            Wafer(lot=lot, code=code, number=number)
            for code, number in [*codes, *((code, None) for code in order.wafer_codes)]
        ]
    )
    units = _units(order, lot, event_id)
    insert_units(units)
    return Draft(
        Verb.RECEIVE,
        lot,
        id=event_id,
        lines=_first_lines(order, lot, is_renewed=bool(renewed)),
        step_to_id=step.pk,
        payload={
            "custodian": order.custodian_code,
            "serials": len(order.serials),
            "trust": order.trust,
            **born_as(lot),
            **_told(units),
            **renewed,
        },
    )


def _first_lines(order: LotOrder, lot: Lot, *, is_renewed: bool) -> tuple[Line, ...]:
    """What comes in; to a lot begun anew it is added, for its ledger says that it had nothing."""
    if not is_renewed:
        return lines_of(Holding(lot.pk, lot.code, order.unit_of_measure, order.quantity))
    empty = Holding(lot.pk, lot.code, order.unit_of_measure, 0)
    return lines_of(empty, {LineKind.BONUS: order.quantity})


def _refuse_wrong_counts(order: LotOrder) -> None:
    """A quantity must be the number of things named, where all of them are named."""
    wafers = len(order.wafers) + len(order.wafer_codes)
    is_wafers = order.unit_of_measure is UnitOfMeasure.WAFER
    for name, count in [("wafers", wafers if is_wafers else 0), ("serials", len(order.serials))]:
        if count and count != order.quantity:
            raise QuantityError(
                f"Lot {order.code}: quantity is {order.quantity}, but {count} {name} are named.",
                lot=order.code,
                quantity=order.quantity,
                named=count,
            )


def _new_lot(order: LotOrder, product: Product, step: Step, command: Command) -> Lot:
    return Lot(
        code=order.code,
        kind=order.kind,
        purpose=order.purpose,
        is_hot=order.is_hot,
        product=product,
        bill=released_bill(product),
        route_version=step.route_version,
        step=step,
        step_entered_at=command.occurred_at,
        custodian=supplier_by_code(order.custodian_code),
        unit_of_measure=order.unit_of_measure,
        quantity=order.quantity,
        started_at=command.occurred_at,
        due_on=order.due_on,
        customer=order.customer,
        version=1,
    )


def _units(order: LotOrder, lot: Lot, event_id: UUID) -> list[NewUnit]:
    declared = {one.serial: one for one in order.declarations}
    unknown = Declaration(serial="-")
    return [
        NewUnit(
            serial=serial,
            kind=lot.product.kind,
            product_id=lot.product_id,
            lot_id=lot.pk,
            created_by_id=event_id,
            trust=order.trust,
            declared_lot=declared.get(serial, unknown).lot,
            declared_wafer=declared.get(serial, unknown).wafer,
        )
        for serial in order.serials
    ]


def _told(units: Sequence[NewUnit]) -> dict[str, str]:
    """By one number which serials came, and from where they are declared to be."""
    if not units:
        return {}
    rows = [(unit.serial, unit.declared_lot, unit.declared_wafer) for unit in units]
    return {"units_sha256": rows_sha256(rows)}


def receive_shipment(
    *, lot: Lot, custodian: Supplier, to_step: Step, counted_quantity: int, command: Command
) -> Event:
    """A shipped lot arrives. Our balance stays; what was counted is kept on the event.

    WrongStateError when the lot was not shipped; WrongStepError for a step of another route;
    HeldError for a later one than it was shipped from while a hold is open;
    GateError for one beyond a closed gate, or a wait that took too long: it can always be received
    where it was shipped from.
    """
    wish = {
        "lot": lot.code,
        "custodian": custodian.code,
        "to_step": to_step.code,
        "counted_quantity": counted_quantity,
    }
    check_quantity("counted_quantity", counted_quantity)
    return once(
        Verb.RECEIVE,
        wish,
        command,
        lambda: _arrive(lot, custodian, to_step, counted_quantity, command),
    )


def _arrive(
    lot: Lot, custodian: Supplier, to_step: Step, counted_quantity: int, command: Command
) -> Draft:
    lot = locked_lot(lot, Verb.RECEIVE, command)
    before = standing_of(lot, "custodian_id")
    refuse_overtaken(lot, command)
    refuse_foreign_step(lot, to_step)
    refuse_order(lot, to_step, "arrived there")
    event_id, step_from_id = uuid4(), lot.step_id
    refuse_closed_gates(lot, lot.step, to_step, command, event_id=event_id)
    refuse_overtime(lot, command, event_id=event_id, to_step=to_step)
    lot.state, lot.custodian = LotState.ACTIVE, custodian
    lot.step, lot.step_entered_at, lot.waiting_since = to_step, command.occurred_at, None
    return Draft(
        Verb.RECEIVE,
        lot,
        id=event_id,
        lines=lines_of(holding_of(lot)),
        step_from_id=step_from_id,
        step_to_id=to_step.pk,
        reported_quantity=counted_quantity,
        payload={"custodian": custodian.code, "before": before},
        touched=(lot,),
        fields=("waiting_since",),
    )


def refuse_foreign_step(lot: Lot, step: Step) -> None:
    """WrongStepError unless the step belongs to the route version the lot started on."""
    if step.route_version_id != lot.route_version_id:
        raise WrongStepError(
            f"Step {step.code} is not on {lot.route_version}, the route of lot {lot.code}.",
            lot=lot.code,
            step_to=step.code,
        )


def receive_wafers(*, lot: Lot, wafer_codes: tuple[str, ...], command: Command) -> Event:
    """More wafers for a lot counted in wafers: a bonus, as engineering files bring them.

    ConflictError when a wafer exists; QuantityError for a lot counted in something else.
    """
    for code in wafer_codes:
        check_code(code)
    refuse_repeats("wafers", wafer_codes)
    wish = {"lot": lot.code, "wafer_codes": wafer_codes}
    return once(Verb.RECEIVE, wish, command, lambda: _add_wafers(lot, wafer_codes, command))


def _add_wafers(lot: Lot, wafer_codes: tuple[str, ...], command: Command) -> Draft:
    lot = locked_lot(lot, Verb.MOVE, command)
    if lot.unit_of_measure != UnitOfMeasure.WAFER:
        raise QuantityError(
            f"Lot {lot.code} is counted in {lot.unit_of_measure}; it takes no more wafers.",
            lot=lot.code,
        )
    insert_wafers([Wafer(lot=lot, code=code) for code in wafer_codes])
    lines = lines_of(holding_of(lot), {LineKind.BONUS: len(wafer_codes)})
    lot.quantity += len(wafer_codes)
    return Draft(
        Verb.RECEIVE,
        lot,
        lines=lines,
        step_to_id=lot.step_id,
        payload={"custodian": lot.custodian.code, "wafers": list(wafer_codes)},
        touched=(lot,),
    )
