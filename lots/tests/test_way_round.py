"""Ways round a gate, a hold or the order of time that must lead nowhere."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import Group, User

from lots.domain.commands import AssemblyOrder, Build, Command, HoldOrder, Part, Selection
from lots.domain.errors import GateError, HeldError, OvertakenError, UnlikeLotsError
from lots.domain.orders import AmendOrder
from lots.domain.words import Gate, HoldClass, LotPurpose
from lots.models import Event, Hold, Lot, Step, Wafer
from lots.selectors import gates
from lots.selectors.gates import register_gate
from lots.services import (
    amend_lot,
    assemble_units,
    bank_lot,
    correct_event,
    hold_lot,
    merge_lots,
    move_lot,
    receive_shipment,
    reroute_lot,
    ship_lot,
    split_lot,
    swap_part,
    track_in,
    unbank_lot,
)
from lots.tests.making import (
    T0,
    again,
    chip_lot,
    command,
    counted_lot,
    hold,
    step,
    supplier,
    wafer_lot,
)
from lots.tests.permitting import guarded_lot, standing
from lots.tests.routing import released_route
from supplychain.base.errors import ForbiddenError

pytestmark = pytest.mark.usefixtures("catalogue")


@pytest.fixture(autouse=True)
def unmeasured() -> Iterator[None]:
    before = dict(gates._checks)
    register_gate(Gate.RESULTS, lambda lot, step: "no results for any unit")
    yield
    gates._checks.clear()
    gates._checks.update(before)


def rerouted(lot: Lot, to: Step, hours: float = 1) -> Lot:
    reroute_lot(
        lot=lot,
        to_version=to.route_version,
        to_step_code=to.code,
        command=command(hours=hours, reason="capacity"),
    )
    return again(lot)


def amended(lot: Lot, purpose: LotPurpose, hours: float = 1) -> Event:
    order = AmendOrder(purpose=purpose)
    return amend_lot(lot=lot, order=order, command=command(hours=hours, reason="trial"))


def test_no_gate_is_left_by_way_of_another_route() -> None:
    lot = guarded_lot()
    other = released_route("Z", {"code": "X"}).steps.get()
    with pytest.raises(GateError, match="N1 cannot pass RCV: no results"):
        rerouted(lot, other)
    assert again(lot).step.code == "RCV"


def test_no_gate_is_left_out_on_the_way_back_from_another_route() -> None:
    lot = guarded_lot()
    standing(lot, valid_from=T0)
    tray = lot.route_version.steps.get(code="TRAY")
    away = rerouted(lot, released_route("Z", {"code": "X"}).steps.get())
    with pytest.raises(GateError, match="RCV: no results"):
        rerouted(away, tray, 2)


def test_a_stop_of_another_route_asks_whether_the_lot_was_there() -> None:
    stop = {"gate_mode": "stop"}
    there = released_route("Z", {"code": "RCV"}, {"code": "LOOK", **stop}, {"code": "X"})
    lot = counted_lot()
    with pytest.raises(GateError, match="LOOK: the lot has not been there"):
        rerouted(lot, there.steps.get(code="X"))
    assert rerouted(lot, there.steps.get(code="LOOK")).step.code == "LOOK"


def test_a_step_of_the_same_code_counts_on_another_route() -> None:
    there = released_route("Z", {"code": "RCV", "gate_mode": "stop"}, {"code": "X"})
    assert rerouted(counted_lot(), there.steps.get(code="X")).step.code == "X"


def test_routes_of_free_order_ask_nothing() -> None:
    free = released_route("Z", {"code": "X"}, is_free=True)
    lot = rerouted(counted_lot(), free.steps.get())
    assert rerouted(lot, step("D", "SFT"), 2).step.code == "SFT"


def test_a_lot_counts_as_production_only_past_gates_that_it_met() -> None:
    lot = guarded_lot()
    trial = amended(lot, LotPurpose.ENGINEERING)
    move_lot(
        lot=again(lot), to_step=lot.route_version.steps.get(code="TRAY"), command=command(hours=2)
    )
    with pytest.raises(GateError, match="RCV: no results"):
        amended(again(lot), LotPurpose.PRODUCTION, 3)
    with pytest.raises(GateError, match="RCV: no results"):
        correct_event(event=trial, command=command(hours=3, reason="typo"))
    assert again(lot).purpose == LotPurpose.ENGINEERING


def test_a_lot_that_met_its_gates_counts_as_production_again() -> None:
    lot = guarded_lot()
    amended(lot, LotPurpose.ENGINEERING)
    amended(again(lot), LotPurpose.PRODUCTION, 2)
    assert again(lot).purpose == LotPurpose.PRODUCTION


def test_an_engineering_lot_on_a_free_route_was_let_past_nothing() -> None:
    free = released_route("Z", {"code": "X"}, is_free=True)
    lot = counted_lot(purpose=LotPurpose.ENGINEERING, route_code="Z", step_code="X")
    assert lot.route_version == free
    amended(lot, LotPurpose.RISK)
    assert again(lot).purpose == LotPurpose.RISK


def stopped_chips() -> Lot:
    """Chips that stand at a step which stops them."""
    released_route("B", {"code": "STOCK", "requires_results": True, "gate_mode": "stop"})
    return chip_lot("M1", chips=3)


def sled(*serials: str) -> AssemblyOrder:
    parts = tuple(Part(serial, f"P{index}") for index, serial in enumerate(serials))
    return AssemblyOrder("S1", "TRN2-SLED", "E", "SLED", "ODM1", (Build("S1-0", parts),))


def test_parts_are_not_built_past_the_gate_they_stand_at() -> None:
    lot = stopped_chips()
    assert lot.step.gate_mode == "stop"
    with pytest.raises(GateError, match="M1 cannot pass STOCK: no results"):
        assemble_units(order=sled("M1-C0", "M1-C1"), command=command(hours=1))
    assert not Lot.objects.filter(code="S1").exists()


def test_parts_are_not_swapped_in_past_the_gate_they_stand_at() -> None:
    fit = chip_lot("M2", chips=2)
    assemble_units(order=sled("M2-C0", "M2-C1"), command=command(hours=1))
    stopped_chips()
    parent = Lot.objects.get(code="S1").units.get()
    with pytest.raises(GateError, match="M1 cannot pass STOCK: no results"):
        swap_part(
            parent=parent,
            position="P0",
            new_serial="M1-C0",
            command=command(hours=2, reason="dead"),
            returned_lot_code="RMA",
        )
    assert again(fit).quantity == 0


def test_a_hold_of_a_role_is_not_lifted_by_a_correction() -> None:
    lot = counted_lot()
    quality = Group.objects.create(name="Quality")
    order = HoldOrder(HoldClass.QUALITY, "scratches", releasing_role_id=quality.pk)
    placed = hold_lot(lot=lot, order=order, command=command(hours=1))
    stranger, member = User.objects.create_user("cat"), User.objects.create_user("dan")
    member.groups.add(quality)
    with pytest.raises(ForbiddenError, match="Only Quality may release"):
        correct_event(event=placed, command=corrected_by(stranger))
    assert Hold.objects.filter(released_at__isnull=True).exists()
    correct_event(event=placed, command=corrected_by(member))
    assert not Hold.objects.filter(released_at__isnull=True).exists()


def corrected_by(person: User) -> Command:
    return command(hours=2, reason="another lot", actor_id=person.pk)


def test_two_wafers_of_one_number_do_not_meet_in_a_lot() -> None:
    one, other = wafer_lot("W1"), wafer_lot("W2")
    with pytest.raises(UnlikeLotsError, match="W1-01 and W2-01 have the same number"):
        merge_lots(into=one, lots=[other], command=command())
    Wafer.objects.filter(lot=other).update(is_scrapped=True)
    merge_lots(into=one, lots=[other], command=command())


def arrived(lot: Lot, code: str) -> None:
    receive_shipment(
        lot=lot,
        custodian=supplier("OPS"),
        to_step=step("D", code),
        counted_quantity=10,
        command=command(hours=2),
    )


def test_a_lot_on_hold_arrives_no_further_than_it_left() -> None:
    lot = counted_lot()
    ship_lot(lot=lot, to=supplier("OPS"), customer="", command=command(hours=1))
    hold(lot, "recall")
    with pytest.raises(HeldError, match="recall"):
        arrived(lot, "SFT")
    arrived(lot, "RCV")
    assert again(lot).state == "active"


def test_a_move_does_not_happen_before_the_last_one() -> None:
    lot = counted_lot()
    move_lot(lot=lot, to_step=step("D", "SFT"), command=command(hours=10))
    with pytest.raises(OvertakenError, match=r"went on by move at .* \(event 2\)"):
        move_lot(lot=again(lot), to_step=step("D", "TRAY"), command=command(hours=5))
    correct_event(event=lot.events.get(verb="move"), command=command(hours=11, reason="typo"))
    move_lot(lot=again(lot), to_step=step("D", "SFT"), command=command(hours=5))
    assert again(lot).step.code == "SFT"


def test_work_does_not_begin_before_the_lot_is_there() -> None:
    lot = counted_lot()
    with pytest.raises(OvertakenError, match="went on by receive"):
        track_in(lot=lot, command=command(hours=-50))


def test_a_lot_does_not_leave_the_bank_before_it_went_there() -> None:
    lot = counted_lot()
    bank_lot(lot=lot, command=command(hours=5))
    with pytest.raises(OvertakenError, match="went on by bank"):
        unbank_lot(lot=again(lot), command=command(hours=4))
    unbank_lot(lot=again(lot), command=command(hours=6))
    assert again(lot).state == "active"


def test_a_part_split_off_has_no_earlier_past_of_its_own() -> None:
    lot = counted_lot()
    move_lot(lot=lot, to_step=step("D", "SFT"), command=command(hours=10))
    split_lot(lot=again(lot), child_code="N1.1", selection=Selection(4), command=command(hours=5))
    child = Lot.objects.get(code="N1.1")
    move_lot(lot=child, to_step=step("D", "RCV"), command=command(hours=5, reason="late"))
    assert again(child).step.code == "RCV"
