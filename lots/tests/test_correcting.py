from __future__ import annotations

from collections.abc import Callable

import pytest

from lots.domain.commands import HoldOrder, Selection
from lots.domain.errors import QuantityError, WrongStateError
from lots.domain.orders import AmendOrder, Loss, TrackOutOrder
from lots.domain.words import HoldClass, HoldScope, LineKind, LotState
from lots.models import Event, Hold, Lot
from lots.selectors import open_holds
from lots.selectors.verifying import first_fault
from lots.services import (
    amend_lot,
    bank_lot,
    correct_event,
    hold_lot,
    move_lot,
    receive_shipment,
    record_bonus,
    record_loss,
    release_hold,
    reroute_lot,
    rework_in,
    rework_out,
    scrap_units,
    ship_lot,
    split_lot,
    track_in,
    track_out,
    unbank_lot,
)
from lots.services.frame import STANDING
from lots.tests.making import (
    again,
    chip_lot,
    command,
    counted_lot,
    hold,
    step,
    supplier,
    wafer_lot,
)
from lots.tests.routing import released_route
from supplychain.base.errors import ConflictError, MalformedError, RefusedError

pytestmark = pytest.mark.usefixtures("catalogue")

TWO = Selection(quantity=2)
Verb = Callable[[Lot], Event]


def corrected(event: Event) -> Event:
    return correct_event(event=event, command=command(hours=9, reason="booked by mistake"))


def state_of(lot: Lot) -> dict[str, object]:
    names = [
        *STANDING, "quantity", "customer", "is_hot", "due_on", "rework_attempt",
        "rework_return_step_id", "custodian_id",
    ]  # fmt: skip
    return {name: getattr(again(lot), name) for name in names}


def moving(lot: Lot) -> Event:
    return move_lot(lot=lot, to_step=step("D", "TRAY"), command=command(hours=2))


def tracking_out(lot: Lot) -> Event:
    losses = (Loss("handling", TWO), Loss("missing", TWO, LineKind.LOSS))
    order = TrackOutOrder(losses=losses, bonus=3, bonus_reason="found")
    return track_out(lot=lot, order=order, command=command(hours=2))


def reworking(lot: Lot) -> Event:
    return rework_out(
        lot=lot,
        route_code="POLISH",
        step_code="STRIP",
        return_step_code="RCV",
        command=command(reason="contact"),
    )


def back_from_rework(lot: Lot) -> Event:
    return rework_in(lot=lot, command=command(hours=2))


def unbanking(lot: Lot) -> Event:
    return unbank_lot(lot=lot, command=command(hours=2))


def rerouting(lot: Lot) -> Event:
    version = released_route("D", {"code": "SCAN"})
    return reroute_lot(
        lot=lot, to_version=version, to_step_code="SCAN", command=command(reason="new version")
    )


UNDONE: dict[str, Verb] = {
    "move": moving,
    "track-in": lambda lot: track_in(lot=lot, command=command(hours=1), equipment="T-01"),
    "track-out": tracking_out,
    "loss": lambda lot: record_loss(lot=lot, selection=TWO, command=command(reason="missing")),
    "bonus": lambda lot: record_bonus(lot=lot, quantity=2, command=command(reason="found")),
    "scrap": lambda lot: scrap_units(
        lot=lot, selection=Selection(quantity=10), command=command(reason="handling")
    ),
    "bank": lambda lot: bank_lot(lot=lot, command=command()),
    "unbank": unbanking,
    "rework-out": reworking,
    "rework-in": back_from_rework,
    "amend": lambda lot: amend_lot(
        lot=lot, order=AmendOrder(is_hot=True, customer="Cloud"), command=command()
    ),
    "reroute": rerouting,
    "ship": lambda lot: ship_lot(lot=lot, to=supplier("OPS"), customer="Cloud", command=command()),
}


BEFORE = {"track-out": "track-in", "unbank": "bank", "rework-in": "rework-out"}


@pytest.mark.parametrize("verb", UNDONE)
def test_corrected_lot_stands_as_it_stood(verb: str) -> None:
    released_route("POLISH", {"code": "STRIP"}, is_rework=True)
    lot = counted_lot(quantity=10)
    if verb in BEFORE:
        UNDONE[BEFORE[verb]](lot)
    before = state_of(lot)
    event = UNDONE[verb](lot)
    assert state_of(lot) != before
    correction = corrected(event)
    assert (event.verb, correction.corrects, correction.payload["verb"]) == (verb, event, verb)
    assert (state_of(lot), first_fault()) == (before, None)


def test_corrected_track_out_is_at_work_again() -> None:
    lot = counted_lot(quantity=10)
    track_in(lot=lot, command=command(), equipment="T-01")
    corrected(tracking_out(lot))
    assert (again(lot).step.code, again(lot).equipment, again(lot).quantity) == ("RCV", "T-01", 10)


def test_corrected_scrap_makes_units_and_wafers_good_again() -> None:
    chips, wafers = chip_lot(), wafer_lot()
    reason = command(reason="handling")
    corrected(scrap_units(lot=chips, selection=Selection(serials=("M1-C1",)), command=reason))
    reason = command(reason="handling")
    corrected(scrap_units(lot=wafers, selection=Selection(wafers=(1, 2, 3)), command=reason))
    assert not chips.units.exclude(state="good").exists()
    assert (wafers.wafers.filter(is_scrapped=True).count(), again(wafers).state) == (0, "active")


def test_corrected_hold_is_open_no_more() -> None:
    lot = counted_lot()
    placed = hold(lot)
    correction = corrected(placed.placed_by)
    placed.refresh_from_db()
    assert (placed.released_by, list(open_holds(lot))) == (correction, [])


def test_corrected_hold_is_open_no_more_where_a_split_took_it() -> None:
    lot = wafer_lot()
    order = HoldOrder(HoldClass.QUALITY, "scratch", scope=HoldScope.WAFER, wafers=(2,))
    placed = hold_lot(lot=lot, order=order, command=command())
    held = Selection(wafers=(2,))
    split_lot(lot=again(lot), child_code="W1.1", selection=held, command=command())
    child = Lot.objects.get(code="W1.1")
    corrected(placed)
    assert list(open_holds(child)) == []
    assert again(child).version == child.version + 1, "who looked at the hold reads anew"


def test_released_hold_is_not_corrected() -> None:
    placed = hold(counted_lot())
    release_hold(hold=placed, disposition="use as is", command=command())
    with pytest.raises(WrongStateError, match="released before"):
        corrected(Hold.objects.get().placed_by)


def test_later_events_are_corrected_first() -> None:
    lot = counted_lot()
    first = record_loss(lot=lot, selection=TWO, command=command(reason="missing"))
    second = moving(lot)
    hold(lot)
    with pytest.raises(ConflictError, match=f"build on event {first.seq}: {second.seq} move"):
        corrected(first)
    corrected(second)
    corrected(first)
    assert (again(lot).quantity, again(lot).step.code) == (10, "RCV")


def test_what_another_lot_took_stands_in_the_way() -> None:
    lot = counted_lot()
    event = moving(lot)
    split_lot(lot=lot, child_code="N1.1", selection=TWO, command=command())
    with pytest.raises(ConflictError, match="split"):
        corrected(event)


def test_shipment_that_arrived_is_not_corrected() -> None:
    lot = counted_lot()
    event = ship_lot(lot=lot, to=supplier("OPS"), customer="", command=command())
    receive_shipment(
        lot=lot,
        custodian=supplier("OPS"),
        to_step=step("D", "INSTALL"),
        counted_quantity=10,
        command=command(),
    )
    with pytest.raises(ConflictError, match="receive"):
        corrected(event)


def test_amendments_are_corrected_from_the_last() -> None:
    lot = counted_lot()
    first = amend_lot(lot=lot, order=AmendOrder(customer="A"), command=command())
    second = amend_lot(lot=lot, order=AmendOrder(customer="B"), command=command())
    moving(lot)
    with pytest.raises(ConflictError, match=f"{second.seq} amend"):
        corrected(first)
    corrected(second)
    assert again(lot).customer == "A"


def test_a_shipment_that_names_a_customer_and_an_amendment_build_upon_each_other() -> None:
    lot = counted_lot()
    first = amend_lot(lot=lot, order=AmendOrder(customer="A"), command=command())
    shipment = ship_lot(lot=again(lot), to=supplier("OPS"), customer="B", command=command())
    with pytest.raises(ConflictError, match=f"{shipment.seq} ship"):
        corrected(first)
    last = amend_lot(lot=again(lot), order=AmendOrder(customer="C"), command=command())
    with pytest.raises(ConflictError, match=f"{last.seq} amend"):
        corrected(shipment)
    for event, customer in ((last, "B"), (shipment, "A"), (first, "")):
        corrected(event)
        assert again(lot).customer == customer
    assert first_fault() is None


def test_a_shipment_without_a_customer_leaves_an_amendment_alone() -> None:
    lot = counted_lot()
    first = amend_lot(lot=lot, order=AmendOrder(customer="A"), command=command())
    shipment = ship_lot(lot=again(lot), to=supplier("OPS"), customer="", command=command())
    amend_lot(lot=again(lot), order=AmendOrder(is_hot=True), command=command())
    corrected(shipment)
    assert (again(lot).customer, again(lot).is_hot) == ("A", True)
    with pytest.raises(ConflictError, match="amend"):
        corrected(first)


def test_event_is_corrected_once() -> None:
    event = moving(counted_lot())
    done = corrected(event)
    with pytest.raises(ConflictError, match=f"was corrected by event {done.seq}"):
        corrected(event)


def test_repeated_correction_gets_the_first_answer() -> None:
    event = moving(counted_lot())
    order = command("k1", reason="mistake")
    first = correct_event(event=event, command=order)
    assert correct_event(event=event, command=order).pk == first.pk


@pytest.mark.parametrize("verb", ["split", "correct"])
def test_what_others_build_on_is_not_corrected(verb: str) -> None:
    lot = counted_lot()
    events = {"correct": corrected(moving(lot))}
    events["split"] = split_lot(lot=lot, child_code="N1.1", selection=TWO, command=command())
    with pytest.raises(RefusedError, match="Record what happened instead"):
        corrected(events[verb])


def test_correction_needs_a_reason() -> None:
    with pytest.raises(MalformedError, match="needs a reason"):
        correct_event(event=moving(counted_lot()), command=command())


def test_bonus_that_was_used_up_is_not_taken_back() -> None:
    lot = counted_lot(quantity=1)
    event = record_bonus(lot=lot, quantity=5, command=command(reason="found"))
    loss = record_loss(lot=lot, selection=Selection(quantity=6), command=command(reason="missing"))
    with pytest.raises((QuantityError, ConflictError)):
        corrected(event)
    corrected(loss)
    corrected(event)
    assert (again(lot).quantity, again(lot).state) == (1, LotState.ACTIVE)


def test_event_from_before_corrections_were_kept_is_left_alone() -> None:
    lot = counted_lot()
    event = moving(lot)
    event.payload = {}
    with pytest.raises(RefusedError, match="before corrections were kept"):
        corrected(event)
