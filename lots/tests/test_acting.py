"""Future actions: what is done by itself once something happens."""

from __future__ import annotations

from unittest.mock import patch

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from lots.domain.commands import Selection
from lots.domain.errors import UnlikeLotsError, WrongStepError
from lots.domain.orders import FutureActionOrder
from lots.domain.words import ActionState, LotState, Trigger, Verb
from lots.models import Event, FutureAction, Hold, Lot
from lots.selectors import hold_reasons
from lots.selectors.verifying import first_fault
from lots.services import (
    cancel_action,
    merge_lots,
    move_lot,
    plan_action,
    release_hold,
    scrap_units,
    split_lot,
)
from lots.tests.making import again, command, counted_lot, hold, step
from supplychain.base import keyed
from supplychain.base.errors import ConflictError, MissingError, RefusedError

pytestmark = pytest.mark.usefixtures("catalogue")


def planned(verb: Verb = Verb.HOLD, **rest: object) -> FutureAction:
    if "product_code" not in rest:
        rest.setdefault("lot_code", "N1")
    if rest.get("trigger") != Trigger.EVENT:
        rest = {"trigger": Trigger.ARRIVES, "step_code": "SFT", **rest}
    order = FutureActionOrder(verb=verb, reason="look at it", **rest)  # type: ignore[arg-type]
    return plan_action(order=order)


def moved(lot: Lot, code: str = "SFT") -> Lot:
    move_lot(lot=lot, to_step=step("D", code), command=command())
    return again(lot)


def after(action: FutureAction) -> FutureAction:
    return FutureAction.objects.get(pk=action.pk)


def test_lot_is_held_on_arrival_and_the_action_says_so() -> None:
    lot = counted_lot()
    action = planned()
    moved(lot)
    done = after(action)
    assert hold_reasons([lot.pk]) == {lot.pk: ["look at it"]}
    assert (done.state, done.outcome) == (ActionState.DONE, "hold of lot N1, event 3")
    assert done.event is not None
    assert (done.event.verb, done.event.source) == ("hold", "rule")
    assert first_fault() is None


def test_lot_is_held_when_it_leaves() -> None:
    lot = counted_lot()
    planned(trigger=Trigger.LEAVES, step_code="RCV")
    moved(lot)
    assert hold_reasons([lot.pk])


def test_lot_is_banked_after_an_event() -> None:
    lot = counted_lot()
    planned(Verb.BANK, trigger=Trigger.EVENT, on_verb=Verb.SCRAP)
    scrap_units(lot=lot, selection=Selection(quantity=1), command=command(reason="handling"))
    assert again(lot).state == LotState.BANKED


def test_part_is_split_off_on_arrival() -> None:
    lot = counted_lot()
    planned(Verb.SPLIT, order={"quantity": 3})
    moved(lot)
    assert (Lot.objects.get(code="N1.1").quantity, again(lot).quantity) == (3, 7)


def test_split_names_its_child_or_takes_the_next_code() -> None:
    lot = counted_lot()
    split_lot(lot=lot, child_code="N1.2", selection=Selection(quantity=1), command=command())
    planned(Verb.SPLIT, order={"quantity": 1})
    planned(Verb.SPLIT, order={"quantity": 1, "child": "NAMED"})
    moved(lot)
    assert set(Lot.objects.values_list("code", flat=True)) == {"N1", "N1.2", "N1.3", "NAMED"}


def test_what_was_split_off_is_meant_too() -> None:
    lot = counted_lot()
    planned()
    split_lot(lot=lot, child_code="N1.1", selection=Selection(quantity=2), command=command())
    child = Lot.objects.get(code="N1.1")
    moved(child)
    assert (hold_reasons([child.pk]), hold_reasons([lot.pk])) == ({child.pk: ["look at it"]}, {})


def test_every_member_of_a_split_family_is_stopped_once() -> None:
    lot = counted_lot()
    planned()
    split_lot(lot=lot, child_code="N1.1", selection=Selection(quantity=2), command=command())
    child = Lot.objects.get(code="N1.1")
    split_lot(lot=child, child_code="N1.1.1", selection=Selection(quantity=1), command=command())
    family = Lot.objects.order_by("code")
    for member in family:
        moved(member)
    assert hold_reasons([member.pk for member in family]) == {
        member.pk: ["look at it"] for member in family
    }
    assert set(FutureAction.objects.values_list("state", flat=True)) == {ActionState.DONE}
    assert Event.objects.filter(verb="hold").count() == 3


def test_part_is_split_off_once_for_the_whole_family() -> None:
    lot = counted_lot()
    planned(Verb.SPLIT, order={"quantity": 1})
    split_lot(lot=lot, child_code="N1.1", selection=Selection(quantity=5), command=command())
    moved(Lot.objects.get(code="N1.1"))
    moved(lot)
    assert set(Lot.objects.values_list("code", "quantity")) == {
        ("N1", 5), ("N1.1", 4), ("N1.1.1", 1),
    }  # fmt: skip


def test_repeated_stop_of_a_lot_waits_for_all_its_family() -> None:
    lot = counted_lot()
    planned(is_repeated=True)
    split_lot(lot=lot, child_code="N1.1", selection=Selection(quantity=2), command=command())
    child = Lot.objects.get(code="N1.1")
    moved(child), moved(lot)
    assert set(hold_reasons([lot.pk, child.pk])) == {lot.pk, child.pk}
    assert FutureAction.objects.count() == 1


def test_planned_stop_is_not_lost_in_a_merge() -> None:
    lot, other = counted_lot(), counted_lot("N2")
    action = planned(lot_code="N2")
    with pytest.raises(UnlikeLotsError, match="Plan it for N1 too, or cancel it") as refusal:
        merge_lots(into=lot, lots=[other], command=command())
    assert refusal.value.fields["action"] == action.pk
    cancel_action(action=action)
    merge_lots(into=lot, lots=[other], command=command())
    assert again(lot).quantity == 20


def test_part_split_off_merges_back_and_the_stop_still_waits() -> None:
    lot = counted_lot()
    planned()
    split_lot(lot=lot, child_code="N1.1", selection=Selection(quantity=2), command=command())
    child = Lot.objects.get(code="N1.1")
    merge_lots(into=lot, lots=[child], command=command())
    ended = FutureAction.objects.get(lot=child)
    assert (ended.state, ended.outcome) == ("cancelled", "Merged into N1, which has it")
    moved(lot)
    assert hold_reasons([lot.pk])


def test_every_lot_of_a_product_is_meant_while_the_action_stays_armed() -> None:
    first, second = counted_lot("N1"), counted_lot("N2")
    action = planned(product_code="NSW-1", route_code="D", is_repeated=True)
    moved(first), moved(second)
    assert set(hold_reasons([first.pk, second.pk])) == {first.pk, second.pk}
    assert after(action).state == ActionState.ARMED


def test_action_is_carried_out_once() -> None:
    lot = counted_lot()
    planned()
    moved(lot)
    move_lot(lot=lot, to_step=step("D", "RCV"), command=command(reason="again"))
    release_hold(hold=Hold.objects.get(), disposition="use as is", command=command())
    moved(lot)
    assert Event.objects.filter(verb="hold").count() == 1


def test_refused_action_fails_alone_and_says_why() -> None:
    lot = counted_lot(quantity=2)
    action = planned(Verb.SPLIT, order={"quantity": 5})
    assert moved(lot).step.code == "SFT"
    assert (after(action).state, after(action).event) == (ActionState.FAILED, None)
    assert after(action).outcome == "Lot N1 has 2; 5 is no part to split off."


def test_what_an_action_sets_off_sets_off_no_other() -> None:
    lot = counted_lot()
    planned()
    planned(Verb.BANK, trigger=Trigger.EVENT, on_verb=Verb.HOLD)
    moved(lot)
    assert again(lot).state == LotState.ACTIVE
    hold(lot)
    assert again(lot).state == LotState.BANKED


def test_repeated_event_does_not_act_again() -> None:
    lot, order = counted_lot(), command("k1")
    planned(is_repeated=True)
    for _ in range(2):
        move_lot(lot=lot, to_step=step("D", "SFT"), command=order)
    assert Event.objects.filter(verb="hold").count() == 1


def test_cancelled_action_does_nothing() -> None:
    lot = counted_lot()
    action = cancel_action(action=planned(), actor=User.objects.create_user("ann"))
    moved(lot)
    assert (hold_reasons([lot.pk]), action.outcome) == ({}, "Cancelled by ann")
    with pytest.raises(RefusedError, match="is cancelled"):
        cancel_action(action=action)


def test_planned_for_nothing_is_refused() -> None:
    counted_lot()
    with pytest.raises(MissingError, match="no lot GHOST"):
        planned(lot_code="GHOST")
    with pytest.raises(WrongStepError, match="MOON is not on D v1"):
        planned(step_code="MOON")


def test_lot_without_actions_pays_one_query() -> None:
    lot = counted_lot()
    with CaptureQueriesContext(connection) as queries:
        moved(lot)
    asked = [query["sql"] for query in queries if "lots_futureaction" in query["sql"]]
    assert len(asked) == 1


def test_a_plan_sent_twice_is_planned_once_also_at_the_same_instant() -> None:
    counted_lot()
    asked = FutureActionOrder(Trigger.ARRIVES, Verb.HOLD, "look", lot_code="N1", step_code="SFT")
    first = plan_action(order=asked, command=command("plan:1"))
    assert plan_action(order=asked, command=command("plan:1")) == first
    with pytest.raises(ConflictError, match="used before with other content"):
        plan_action(order=asked, command=command("plan:1", asked_sha256="other"))
    with patch.object(keyed, "first_made", side_effect=[None, first]):
        assert plan_action(order=asked, command=command("plan:1")) == first
    assert FutureAction.objects.count() == 1
