from __future__ import annotations

from typing import Any

import pytest

from lots.domain.commands import Declaration
from lots.domain.errors import QuantityError, WrongStateError, WrongStepError
from lots.domain.words import LotState, Trust
from lots.models import Event, Lot
from lots.services import receive_shipment, receive_wafers, ship_lot
from lots.tests.making import (
    again,
    chip_lot,
    command,
    counted_lot,
    step,
    supplier,
    wafer_lot,
)
from supplychain.base.errors import ConflictError, MalformedError, MissingError

pytestmark = pytest.mark.usefixtures("catalogue")


def lines(event: Event) -> dict[str, int]:
    return {line.kind: line.quantity for line in event.lines.all()}


def test_new_lot_stands_at_its_step_with_its_wafers() -> None:
    lot = wafer_lot("W7", wafers=3)
    assert (lot.step.code, lot.quantity, lot.version) == ("START", 3, 1)
    assert [wafer.code for wafer in lot.wafers.all()] == ["W7-01", "W7-02", "W7-03"]


def test_first_event_says_how_many_came_in() -> None:
    event = Event.objects.get(lot=wafer_lot())
    assert (event.step_from, lines(event)) == (None, {"in": 3, "good": 3})


def test_serials_become_units_with_their_declared_origin() -> None:
    told = (Declaration("M1-C0", "VL-9", "VL-9-04"),)
    lot = chip_lot(chips=2, trust=Trust.DECLARED, declarations=told)
    first, second = lot.units.order_by("serial")
    assert (first.declared_wafer, second.declared_wafer) == ("VL-9-04", "")
    assert (first.trust, first.kind) == ("declared", "package")


def test_serial_is_registered_once() -> None:
    chip_lot("M1")
    with pytest.raises(ConflictError, match="M1-C0"):
        chip_lot("M2", chips=1, serials=("M1-C0",))


def test_lot_code_is_used_once() -> None:
    counted_lot("N1")
    with pytest.raises(ConflictError, match="N1 exists already"):
        counted_lot("N1")
    assert Lot.objects.count() == 1


def test_wafer_belongs_to_one_lot() -> None:
    wafer_lot("W1")
    with pytest.raises(ConflictError, match="W1-01"):
        wafer_lot("W2", wafers=1, wafer_codes=("W1-01",))


def test_quantity_must_be_what_is_named() -> None:
    with pytest.raises(QuantityError, match="quantity is 4, but 5 wafers"):
        wafer_lot(wafers=4, wafer_codes=("A", "B", "C", "D", "E"))


def test_serials_are_counted_in_their_products_unit() -> None:
    with pytest.raises(MalformedError, match="counted in package"):
        counted_lot(quantity=1, product_code="TRN2", serials=("S1",))


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"product_code": "TRN9"}, "product TRN9"),
        ({"step_code": "MOON"}, "route D has a step MOON"),
    ],
)
def test_unknown_reference_is_named(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(MissingError, match=message):
        counted_lot(**wrong)


def shipped() -> Lot:
    lot = wafer_lot(step="WAT")
    ship_lot(lot=lot, to=supplier("OSAT1"), customer="", command=command())
    return again(lot)


def test_arrival_brings_the_lot_to_its_new_custodian() -> None:
    event = receive_shipment(
        lot=shipped(),
        custodian=supplier("OSAT1"),
        to_step=step("A", "RCV"),
        counted_quantity=2,
        command=command(hours=5),
    )
    lot = again(event.lot)
    assert (lot.state, lot.custodian.code, lot.step.code) == (LotState.ACTIVE, "OSAT1", "RCV")
    assert (lot.quantity, event.reported_quantity, lines(event)) == (3, 2, {"in": 3, "good": 3})


def test_arrival_needs_a_shipment() -> None:
    with pytest.raises(WrongStateError, match="W1 is active; receive is not possible"):
        receive_shipment(
            lot=wafer_lot(),
            custodian=supplier("OSAT1"),
            to_step=step("A", "RCV"),
            counted_quantity=3,
            command=command(),
        )


def test_arrival_at_a_step_of_another_route_is_refused() -> None:
    with pytest.raises(WrongStepError, match="not on A v1"):
        receive_shipment(
            lot=shipped(),
            custodian=supplier("OSAT1"),
            to_step=step("B", "RCV"),
            counted_quantity=3,
            command=command(),
        )


def test_more_wafers_are_a_bonus() -> None:
    event = receive_wafers(lot=wafer_lot(), wafer_codes=("ODD-A", "ODD-B"), command=command())
    assert lines(event) == {"in": 3, "bonus": 2, "good": 5}
    assert (again(event.lot).quantity, event.lot.wafers.count()) == (5, 5)
    assert event.payload["custodian"] == "TSMC"


@pytest.mark.parametrize("codes", [("ODD A ",), ("",), ("W" * 65,), ("ODD-A", "ODD-A")])
def test_more_wafers_have_codes_of_their_own(codes: tuple[str, ...]) -> None:
    with pytest.raises(MalformedError):
        receive_wafers(lot=wafer_lot(), wafer_codes=codes, command=command())


def test_lot_of_other_things_takes_no_wafers() -> None:
    with pytest.raises(QuantityError, match="counted in switch"):
        receive_wafers(lot=counted_lot(), wafer_codes=("ODD-A",), command=command())
