"""Gates on ways that are not straight on: back and forth, to a customer, through a supplier."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from lots.domain.commands import Selection
from lots.domain.errors import GateError
from lots.domain.orders import TrackOutOrder
from lots.domain.words import Gate, LotPurpose, StepKind
from lots.models import Event, Lot, Waiver
from lots.selectors import gates
from lots.selectors.gates import closed_gates, register_gate, steps_left
from lots.services import (
    correct_event,
    move_lot,
    rework_in,
    rework_out,
    ship_lot,
    split_lot,
    track_out,
)
from lots.services.waiving import revoke_waiver
from lots.tests.making import T0, again, command, counted_lot, supplier
from lots.tests.permitting import granted, guarded_lot, person
from lots.tests.routing import released_route

pytestmark = pytest.mark.usefixtures("catalogue")

STOP: dict[str, Any] = {"gate_mode": "stop"}
NOW = (timezone.now() - T0) / timedelta(hours=1)


@pytest.fixture(autouse=True)
def measured() -> Iterator[None]:
    """Every lot has its results, unless a test says otherwise."""
    before = dict(gates._checks)
    register_gate(Gate.RESULTS, lambda lot, step: "")
    yield
    gates._checks.clear()
    gates._checks.update(before)


def unmeasured() -> None:
    register_gate(Gate.RESULTS, lambda lot, step: "no results for any unit")


def went(lot: Lot, code: str, *, hours: float = 1, reason: str = "") -> Event:
    to_step = lot.route_version.steps.get(code=code)
    return move_lot(lot=lot, to_step=to_step, command=command(hours=hours, reason=reason))


def strict_route() -> None:
    released_route(
        "D", {"code": "RCV"}, {"code": "SFT", **STOP}, {"code": "TRAY", **STOP}, {"code": "FCT"}
    )


def test_a_lot_is_not_asked_again_for_steps_it_passed_before_it_went_back() -> None:
    strict_route()
    lot = counted_lot()
    for code in ("SFT", "TRAY", "FCT"):
        went(lot, code)
    went(lot, "RCV", reason="look again")
    went(lot, "FCT")
    assert again(lot).step.code == "FCT"


def test_a_pass_that_was_corrected_is_none() -> None:
    strict_route()
    lot = counted_lot()
    correct_event(event=went(lot, "SFT"), command=command(reason="mistake"))
    with pytest.raises(GateError, match="SFT: the lot has not been there"):
        went(lot, "TRAY")


def test_what_is_split_off_has_been_where_its_lot_was_till_then() -> None:
    strict_route()
    lot = counted_lot()
    went(lot, "SFT")
    went(lot, "RCV", reason="look again")
    split_lot(lot=lot, child_code="N1.1", selection=Selection(4), command=command())
    went(lot, "SFT")
    went(lot, "TRAY")
    child = Lot.objects.get(code="N1.1")
    went(child, "TRAY")
    went(child, "RCV", reason="look again")
    split_lot(lot=child, child_code="N1.2", selection=Selection(1), command=command())
    went(Lot.objects.get(code="N1.2"), "FCT")


def test_what_its_lot_did_after_the_split_does_not_count() -> None:
    strict_route()
    lot = counted_lot()
    split_lot(lot=lot, child_code="N1.1", selection=Selection(4), command=command())
    went(lot, "SFT")
    with pytest.raises(GateError, match="SFT: the lot has not been there"):
        went(Lot.objects.get(code="N1.1"), "TRAY")


def test_each_rework_is_asked_for_all_its_steps() -> None:
    released_route("POLISH", {"code": "STRIP"}, {"code": "CLEAN", **STOP}, is_rework=True)
    lot = counted_lot()
    for number in range(2):
        rework_out(
            lot=lot,
            route_code="POLISH",
            step_code="STRIP",
            return_step_code="RCV",
            command=command(hours=number, reason="contact"),
        )
        with pytest.raises(GateError, match="CLEAN: the lot has not been there"):
            rework_in(lot=again(lot), command=command(hours=number))
        went(again(lot), "CLEAN", hours=number)
        rework_in(lot=again(lot), command=command(hours=number))
    assert again(lot).rework_attempt == 2


def shipped(lot: Lot, to: str = "OPS", customer: str = "Cloud") -> Event:
    return ship_lot(lot=lot, to=supplier(to), customer=customer, command=command(hours=1))


def test_a_lot_goes_to_no_customer_past_a_closed_gate() -> None:
    lot = guarded_lot()
    unmeasured()
    for to in ("OPS", "ODM1"):
        with pytest.raises(GateError, match="N1 cannot pass RCV: no results"):
            shipped(lot, to)
    shipped(lot, customer="")
    assert again(lot).state == "shipped"


def test_a_lot_goes_to_no_customer_before_its_route_says_so() -> None:
    steps = [{"code": "RCV"}, {"code": "SFT", **STOP}, {"code": "STOCK", "kind": StepKind.STOCK}]
    released_route("D", *steps, {"code": "INSTALL", **STOP})
    lot = counted_lot()
    with pytest.raises(GateError, match="SFT: the lot has not been there"):
        shipped(lot)
    went(lot, "SFT")
    shipped(lot)
    assert again(lot).state == "shipped"


def test_a_waiver_lets_a_lot_go_to_its_customer() -> None:
    lot = guarded_lot()
    unmeasured()
    waiver = granted(lot)
    order = command(hours=NOW)
    event = ship_lot(lot=lot, to=supplier("OPS"), customer="Cloud", command=order)
    assert waiver.uses.get().event == event


def test_a_lot_on_rework_goes_to_no_customer() -> None:
    released_route("POLISH", {"code": "STRIP"}, {"code": "CLEAN", **STOP}, is_rework=True)
    lot = counted_lot()
    order = command(reason="contact")
    rework_out(
        lot=lot, route_code="POLISH", step_code="STRIP", return_step_code="RCV", command=order
    )
    with pytest.raises(GateError, match="CLEAN: the lot has not been there"):
        shipped(lot)


def test_engineering_lots_go_to_customers_freely() -> None:
    guarded_lot()
    unmeasured()
    lot = counted_lot("E1", purpose=LotPurpose.ENGINEERING)
    shipped(lot)
    assert again(lot).state == "shipped"


def outsourced(**step: Any) -> Lot:
    """Two days of work, at most; no longer than four hours of waiting."""
    said = {"code": "RCV", "is_outsourced": True, "queue_hours_max": 4, **STOP, **step}
    released_route("D", said, {"code": "SFT"})
    return counted_lot()


@pytest.mark.parametrize("by", ["move", "track-out"])
@pytest.mark.parametrize(
    ("days", "hours", "is_stopped"), [(2, 53, True), (2, 52, False), (0, 500, False)]
)
def test_a_supplier_that_reports_no_start_waited_what_work_cannot_have_taken(
    by: str, days: float, hours: float, is_stopped: bool
) -> None:
    lot = outsourced(days_max=days)

    def leave() -> Event:
        if by == "move":
            return went(lot, "SFT", hours=hours)
        return track_out(lot=lot, order=TrackOutOrder(), command=command(hours=hours))

    if is_stopped:
        with pytest.raises(GateError, match=r"5\.0 hours waited, 4 allowed"):
            leave()
    else:
        leave()
        assert again(lot).step.code == "SFT"


def passed_under(waiver: Waiver) -> Event:
    assert waiver.lot is not None
    event = went(waiver.lot, "SFT", hours=NOW)
    waiver.refresh_from_db()
    assert waiver.used == 10
    return event


@pytest.mark.parametrize("is_revoked", [False, True])
def test_a_corrected_event_gives_back_what_it_used(is_revoked: bool) -> None:
    lot = guarded_lot()
    unmeasured()
    waiver = granted(lot)
    event = passed_under(waiver)
    if is_revoked:
        revoke_waiver(waiver=waiver, actor=person("ben"))
    correct_event(event=event, command=command(hours=NOW, reason="mistake"))
    waiver.refresh_from_db()
    assert (waiver.used, waiver.uses.count()) == (0, 1)
    if not is_revoked:
        passed_under(waiver)


def test_nothing_else_gives_back() -> None:
    lot = guarded_lot()
    unmeasured()
    waiver = granted(lot)
    passed_under(waiver)
    with pytest.raises(IntegrityError, match="frozen"), transaction.atomic():
        Waiver.objects.filter(pk=waiver.pk).update(used=9)


def test_gates_of_the_way_back_are_none() -> None:
    lot = guarded_lot()
    assert closed_gates(lot, lot.step, steps_left(lot, lot.step, lot.step)) == []
