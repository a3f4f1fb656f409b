"""Future actions outlive a new version of the route, a step that is jumped, and a mistake."""

from __future__ import annotations

import pytest

from lots.domain.commands import Selection
from lots.domain.orders import FutureActionOrder
from lots.domain.words import ActionState, LotState, Trigger, Verb
from lots.models import Event, FutureAction, Hold, Lot, RouteVersion
from lots.selectors import hold_reasons
from lots.selectors.plans import armed_actions, orphaned_by
from lots.selectors.verifying import first_fault
from lots.services import (
    correct_event,
    merge_lots,
    move_lot,
    plan_action,
    release_hold,
    reroute_lot,
    scrap_units,
    split_lot,
)
from lots.tests.making import again, command, counted_lot, hold
from lots.tests.routing import released_route
from supplychain.base.errors import ConflictError

pytestmark = pytest.mark.usefixtures("catalogue")

SHORT = ({"code": "RCV"}, {"code": "TRAY"})


def planned(verb: Verb = Verb.HOLD, **rest: object) -> FutureAction:
    if "product_code" not in rest:
        rest.setdefault("lot_code", "N1")
    if rest.get("trigger") != Trigger.EVENT:
        rest = {"trigger": Trigger.ARRIVES, "step_code": "SFT", **rest}
    order = FutureActionOrder(verb=verb, reason="look at it", **rest)  # type: ignore[arg-type]
    return plan_action(order=order)


def longer_version() -> RouteVersion:
    return released_route("D", {"code": "RCV"}, {"code": "SFT"}, {"code": "TRAY"})


def moved(lot: Lot, code: str, **rest: object) -> Event:
    lot = again(lot)
    to_step = lot.route_version.steps.get(code=code)
    return move_lot(lot=lot, to_step=to_step, command=command(**rest))  # type: ignore[arg-type]


def rerouted(lot: Lot, version: RouteVersion, code: str = "RCV") -> Event:
    order = command(reason="new version")
    return reroute_lot(lot=again(lot), to_version=version, to_step_code=code, command=order)


def reasons(lot: Lot) -> list[str]:
    return hold_reasons([lot.pk]).get(lot.pk, [])


def after(action: FutureAction) -> FutureAction:
    return FutureAction.objects.get(pk=action.pk)


def test_plan_outlives_a_new_version_of_the_route() -> None:
    lot = counted_lot()
    planned()
    rerouted(lot, longer_version())
    assert not reasons(lot)
    moved(lot, "SFT")
    assert reasons(lot) == ["look at it"]


def test_same_step_of_another_version_is_no_arrival_and_no_leaving() -> None:
    lot = counted_lot()
    planned(step_code="RCV"), planned(step_code="RCV", trigger=Trigger.LEAVES)
    rerouted(lot, longer_version())
    assert not reasons(lot)


def test_every_new_lot_of_a_product_is_stopped_on_a_later_version() -> None:
    action = planned(product_code="NSW-1", route_code="D", is_repeated=True)
    longer_version()
    for code in ("N1", "N2"):
        lot = counted_lot(code)
        assert lot.route_version.version == 2
        moved(lot, "SFT")
        assert reasons(lot) == ["look at it"]
    assert after(action).state == ActionState.ARMED


@pytest.mark.parametrize("trigger", [Trigger.ARRIVES, Trigger.LEAVES])
def test_step_jumped_over_stops_the_lot_where_it_stands(trigger: Trigger) -> None:
    lot = counted_lot()
    action = planned(trigger=trigger)
    moved(lot, "TRAY")
    assert reasons(lot) == ["look at it; SFT was jumped over"]
    assert after(action).outcome == "hold of lot N1, event 3; SFT was jumped over"


def test_reason_of_any_length_still_says_what_was_jumped() -> None:
    lot = counted_lot()
    order = FutureActionOrder(Trigger.ARRIVES, Verb.HOLD, "r" * 200, lot_code="N1", step_code="SFT")
    plan_action(order=order)
    moved(lot, "TRAY")
    (reason,) = reasons(lot)
    assert (len(reason), reason.endswith("r; SFT was jumped over")) == (200, True)


def test_step_jumped_over_by_a_new_version_stops_the_lot() -> None:
    lot = counted_lot()
    planned()
    rerouted(lot, longer_version(), "TRAY")
    assert reasons(lot) == ["look at it; SFT was jumped over"]


def test_going_back_over_a_step_jumps_nothing() -> None:
    lot = counted_lot()
    moved(lot, "TRAY")
    planned()
    moved(lot, "RCV", reason="again")
    assert not reasons(lot)


def test_free_route_has_no_order_to_jump_in() -> None:
    released_route("D", *({"code": code} for code in ("RCV", "SFT", "TRAY")), is_free=True)
    lot = counted_lot()
    planned()
    moved(lot, "TRAY")
    assert not reasons(lot)
    moved(lot, "SFT")
    assert reasons(lot) == ["look at it"]


def test_step_of_that_code_on_another_route_is_another_step() -> None:
    lot = counted_lot()
    planned()
    rerouted(lot, released_route("ZZ", {"code": "RCV"}, {"code": "SFT"}))
    moved(lot, "SFT")
    assert not reasons(lot)


def test_plan_whose_step_is_gone_is_called_orphaned() -> None:
    lot = counted_lot()
    planned(), planned(Verb.BANK, trigger=Trigger.EVENT, on_verb=Verb.SCRAP)
    assert not armed_actions().filter(is_orphaned=True)
    rerouted(lot, released_route("D", *SHORT))
    assert [str(action) for action in armed_actions().filter(is_orphaned=True)] == [
        "hold when N1 arrives SFT"
    ]


def test_release_of_a_version_lists_the_products_plans_it_would_pass() -> None:
    action = planned(product_code="NSW-1", route_code="D", is_repeated=True)
    assert list(orphaned_by(released_route("D", *SHORT))) == [action]
    assert not orphaned_by(longer_version())
    assert not orphaned_by(released_route("ZZ", *SHORT))


def test_lots_on_two_versions_merge_when_they_have_the_same_plan() -> None:
    lot = counted_lot()
    planned()
    split_lot(lot=lot, child_code="N1.1", selection=Selection(quantity=2), command=command())
    version = longer_version()
    rerouted(lot, version)
    child = Lot.objects.get(code="N1.1")
    FutureAction.objects.filter(lot=child).update(step=version.steps.get(code="SFT"))
    rerouted(child, version)
    merge_lots(into=again(lot), lots=[again(child)], command=command())
    assert FutureAction.objects.get(lot=child).state == ActionState.CANCELLED


def test_corrected_arrival_lifts_the_hold_and_the_plan_waits_again() -> None:
    lot = counted_lot()
    action = planned()
    mistake = moved(lot, "SFT")
    done = correct_event(event=mistake, command=command(reason="wrong lot"))
    assert (again(lot).step.code, reasons(lot)) == ("RCV", [])
    assert (after(action).state, after(action).event) == (ActionState.ARMED, None)
    assert after(action).outcome == f"Armed again: event 2 was corrected by event {done.seq}"
    moved(lot, "SFT")
    assert (reasons(lot), after(action).state) == (["look at it"], ActionState.DONE)
    assert first_fault() is None


def test_correction_that_goes_back_over_a_step_sets_nothing_off() -> None:
    lot = counted_lot()
    mistake = moved(lot, "SFT")
    planned(trigger=Trigger.LEAVES), planned(step_code="RCV")
    correct_event(event=mistake, command=command(reason="wrong lot"))
    assert not reasons(lot)


def test_hold_that_was_released_stays_released_when_its_cause_is_corrected() -> None:
    lot = counted_lot()
    action = planned()
    mistake = moved(lot, "SFT")
    release_hold(hold=Hold.objects.get(), disposition="fine", command=command())
    correct_event(event=mistake, command=command(reason="wrong lot"))
    assert Hold.objects.get().disposition == "fine"
    assert after(action).state == ActionState.ARMED


def test_corrected_scrap_lifts_the_hold_it_set_off() -> None:
    lot = counted_lot()
    planned(trigger=Trigger.EVENT, on_verb=Verb.SCRAP, is_repeated=True)
    order = command(reason="handling")
    first = scrap_units(lot=lot, selection=Selection(quantity=1), command=order)
    correct_event(event=first, command=command(reason="wrong lot"))
    assert (reasons(lot), again(lot).quantity) == ([], 10)


def test_failed_plan_waits_again_when_its_cause_is_corrected() -> None:
    lot = counted_lot(quantity=2)
    action = planned(Verb.SPLIT, order={"quantity": 5})
    mistake = moved(lot, "SFT")
    assert after(action).state == ActionState.FAILED
    correct_event(event=mistake, command=command(reason="wrong lot"))
    assert after(action).state == ActionState.ARMED


def test_bank_that_was_set_off_is_corrected_first() -> None:
    lot = counted_lot()
    action = planned(Verb.BANK)
    mistake = moved(lot, "SFT")
    with pytest.raises(ConflictError, match="Correct those first"):
        correct_event(event=mistake, command=command(reason="wrong lot"))
    bank = Event.objects.get(verb=Verb.BANK)
    for event in (bank, mistake):
        correct_event(event=event, command=command(reason="wrong lot"))
    assert (again(lot).state, after(action).state) == (LotState.ACTIVE, ActionState.ARMED)


def test_hold_placed_by_a_person_stays_when_a_move_is_corrected() -> None:
    lot = counted_lot()
    planned()
    mistake = moved(lot, "SFT")
    hold(again(lot), "bin spike")
    correct_event(event=mistake, command=command(reason="wrong lot"))
    assert reasons(lot) == ["bin spike"]
