"""Moves that are told after the lot has gone on."""

from __future__ import annotations

from datetime import timedelta

import pytest

from lots.domain.commands import Selection
from lots.domain.errors import WrongStepError
from lots.domain.orders import FutureActionOrder
from lots.domain.words import ActionState, Trigger, Verb
from lots.models import Event, FutureAction, Lot
from lots.selectors import gates
from lots.selectors.placing import place_at
from lots.selectors.verifying import first_fault
from lots.services import (
    correct_event,
    move_lot,
    plan_action,
    record_late_move,
    rework_out,
    split_lot,
)
from lots.tests.making import T0, again, command, counted_lot, hold, step
from lots.tests.routing import released_route

pytestmark = pytest.mark.usefixtures("catalogue")

HOUR = timedelta(hours=1)


def late(lot: Lot, code: str, hours: float) -> Event:
    later = Event.objects.filter(lot=lot, verb="move").latest("seq")
    order = command(hours=hours)
    return record_late_move(
        lot=again(lot), to_step=step("D", code), overtaken_by=later, command=order
    )


@pytest.fixture
def lot() -> Lot:
    """At TRAY since hour 10."""
    lot = counted_lot()
    move_lot(lot=lot, to_step=step("D", "TRAY"), command=command(hours=10))
    return again(lot)


def test_late_move_is_kept_though_the_lot_is_on_hold(lot: Lot) -> None:
    hold(lot)
    event = late(lot, "SFT", 5)
    assert (str(event.step_from), str(event.step_to)) == ("RCV", "SFT")
    assert (again(lot).step.code, again(lot).version) == ("TRAY", lot.version + 2)
    assert first_fault() is None


def test_late_move_sets_off_no_plan(lot: Lot) -> None:
    order = FutureActionOrder(Trigger.ARRIVES, Verb.HOLD, "look", lot_code="N1", step_code="SFT")
    plan_action(order=order)
    late(lot, "SFT", 5)
    assert FutureAction.objects.get().state == ActionState.ARMED


def test_late_move_tells_something_new_of_the_lots_own_route(lot: Lot) -> None:
    with pytest.raises(WrongStepError, match="stood at RCV then already"):
        late(lot, "RCV", 5)
    with pytest.raises(WrongStepError, match="is not on D v1"):
        record_late_move(
            lot=lot,
            to_step=step("B", "STOCK"),
            overtaken_by=Event.objects.get(verb="move"),
            command=command(hours=5),
        )


def test_gates_know_of_a_step_that_was_told_late(lot: Lot) -> None:
    released_route("POLISH", {"code": "STRIP"}, is_rework=True)
    late(lot, "SFT", 5)
    assert {code for _, code in gates._steps_been_at(again(lot))} == {"RCV", "SFT", "TRAY"}
    rework_out(
        lot=again(lot),
        route_code="POLISH",
        step_code="STRIP",
        return_step_code="TRAY",
        command=command(hours=12, reason="contact"),
    )
    assert {code for _, code in gates._steps_been_at(again(lot))} == {"STRIP"}


def test_lot_received_anew_began_where_that_says() -> None:
    wrong = counted_lot(step_code="SFT")
    correct_event(event=Event.objects.get(), command=command(reason="another step"))
    assert place_at(wrong, T0) is None
    lot = counted_lot()
    assert str(place_at(lot, T0 - HOUR)) == "RCV"


def test_lot_split_off_began_where_the_other_stood() -> None:
    split_lot(lot=counted_lot(), child_code="N2", selection=Selection(2), command=command())
    assert str(place_at(Lot.objects.get(code="N2"), T0)) == "RCV"
