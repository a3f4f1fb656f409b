"""What a signed disposition does to the lot: all of it, once."""

from __future__ import annotations

from typing import Any

import pytest

from lots.domain.commands import Selection
from lots.domain.errors import HeldError
from lots.domain.words import ActionState, LotState, Verb
from lots.models import Event, Lot
from lots.services import move_lot, release_hold, scrap_units
from lots.tests.making import again, command, hold, step, wafer_lot
from quality.domain.dispositions import DispositionMoveError
from quality.domain.words import DispositionState
from quality.models import Disposition
from quality.services import carry_out_disposition, carrying_out, resolve_issue
from quality.tests.building import raised
from quality.tests.deciding import (
    held_issue,
    hold_wafers,
    now_of,
    open_reasons,
    proposed,
    signed,
    signer,
    told,
)
from supplychain.base.errors import MissingError, RefusedError

pytestmark = pytest.mark.usefixtures("rules")


def carry_out(disposition: Disposition, key: str = "") -> list[Event]:
    """By Ben; the events it wrote, oldest first."""
    last = Event.objects.order_by("-seq").values_list("seq", flat=True).first() or 0
    carry_out_disposition(disposition=disposition, command=told(signer("ben"), key))
    return list(Event.objects.filter(seq__gt=last).order_by("seq"))


def verbs(events: list[Event]) -> list[str]:
    return [event.verb for event in events]


def nothing_happened(disposition: Disposition, lot: Lot, refusal: str, error: Any = None) -> None:
    version = again(lot).version
    with pytest.raises(error or RefusedError, match=refusal):
        carry_out(disposition)
    assert again(lot).version == version
    assert now_of(disposition).state == DispositionState.SIGNED


def test_use_as_is_lifts_the_hold_with_the_decision() -> None:
    disposition = signed(held_issue())
    (event,) = carry_out(disposition)
    assert (event.verb, event.source_reference) == (Verb.RELEASE, disposition.number)
    assert event.comment == f"Q-000001 {disposition}: edge dies only"
    assert event.payload["disposition"] == event.comment
    assert open_reasons(disposition.lot) == []


def test_history_of_the_issue_names_the_events() -> None:
    disposition = signed(held_issue())
    (event,) = carry_out(disposition)
    last = disposition.issue.events.last()
    assert last is not None
    assert (last.kind, last.evidence["events"]) == ("carried-out", [event.seq])
    assert last.note == f"{disposition} of lot W1: release (event {event.seq})."
    resolve_issue(issue=disposition.issue, actor=signer("ann"), note="done")


def test_holds_for_other_reasons_stay() -> None:
    issue = held_issue()
    hold(issue.lot, "customer audit")  # type: ignore[arg-type]
    disposition = signed(issue)
    carry_out(disposition)
    assert open_reasons(disposition.lot) == ["customer audit"]


def test_scrap_of_the_lot_ends_it_and_its_hold() -> None:
    disposition = signed(held_issue(), "scrap")
    scrapped, _ = carry_out(disposition)
    assert (scrapped.verb, scrapped.reason) == (Verb.SCRAP, "review-board")
    assert again(disposition.lot).state == LotState.SCRAPPED
    assert open_reasons(disposition.lot) == []


def test_scrap_of_a_wafer_leaves_the_hold_on_the_lot() -> None:
    disposition = signed(held_issue(), "scrap", wafers=(2,))
    assert verbs(carry_out(disposition)) == [Verb.SCRAP]
    assert again(disposition.lot).quantity == 2
    assert len(open_reasons(disposition.lot)) == 1


def test_scrap_of_a_held_wafer_lifts_its_hold() -> None:
    lot, issue = wafer_lot("W1", step="CP1"), raised()
    hold_wafers(issue, lot, 2)
    assert verbs(carry_out(signed(issue, "scrap", wafers=(2,)))) == [Verb.SCRAP, Verb.RELEASE]
    assert open_reasons(lot) == []


def test_use_of_a_part_does_not_free_the_rest() -> None:
    disposition = signed(held_issue(), wafers=(1,))
    nothing_happened(disposition, disposition.lot, "stops more than what is decided on")


def test_rework_sends_the_lot_to_its_rework_route() -> None:
    details = {"route": "A-RW", "step": "RW-IN", "return_step": "CP1", "reason_code": "contact"}
    disposition = signed(held_issue(), "rework", **details)
    assert verbs(carry_out(disposition)) == [Verb.RELEASE, Verb.REWORK_OUT]
    lot = again(disposition.lot)
    assert (lot.step.code, lot.rework_attempt) == ("RW-IN", 1)


def test_rework_waits_for_other_holds_and_keeps_its_own() -> None:
    details = {"route": "A-RW", "step": "RW-IN", "return_step": "CP1", "reason_code": "contact"}
    issue = held_issue()
    disposition = signed(issue, "rework", **details)
    hold(disposition.lot, "customer audit")
    nothing_happened(disposition, disposition.lot, "customer audit", HeldError)
    assert len(open_reasons(disposition.lot)) == 2


def test_retest_goes_back_and_is_held_again_when_it_leaves() -> None:
    lot = wafer_lot("W1", step="CP2")
    disposition = signed(held_issue(lot), "retest", step="CP1")
    assert verbs(carry_out(disposition)) == [Verb.MOVE, Verb.RELEASE]
    assert (again(lot).step.code, open_reasons(lot)) == ("CP1", [])
    move_lot(lot=again(lot), to_step=step("A", "CP2"), command=command())
    assert open_reasons(lot) == [f"Q-000001 retested at CP1 by {disposition.number}"]


def test_retest_where_it_stands_only_lifts_the_hold_and_plans_the_next() -> None:
    disposition = signed(held_issue(), "retest", step="CP1")
    assert verbs(carry_out(disposition)) == [Verb.RELEASE]
    assert disposition.lot.future_actions.get().state == ActionState.ARMED


def test_retest_ahead_of_the_lot_is_refused() -> None:
    disposition = signed(held_issue(), "retest", step="CP2")
    nothing_happened(disposition, disposition.lot, "Step CP2 lies ahead of lot W1")


def test_retest_at_a_step_of_another_route_is_refused() -> None:
    disposition = signed(held_issue(), "retest", step="TRAY")
    nothing_happened(disposition, disposition.lot, "no step TRAY on A v1", MissingError)


def test_return_ships_the_lot_to_its_vendor() -> None:
    disposition = signed(held_issue(), "return-to-vendor", to="OSAT1")
    assert verbs(carry_out(disposition)) == [Verb.RELEASE, Verb.SHIP]
    assert again(disposition.lot).state == LotState.SHIPPED


def test_unsigned_disposition_is_not_carried_out() -> None:
    with pytest.raises(DispositionMoveError, match="is proposed; to carry-out it"):
        carry_out(proposed(held_issue()))


def test_lot_that_moved_since_is_named_with_what_changed() -> None:
    lot = wafer_lot("W1", step="CP2")
    disposition = signed(held_issue(lot))
    scrap_units(lot=lot, selection=Selection(wafers=(3,)), command=command(reason="wafer-breakage"))
    move_lot(lot=again(lot), to_step=step("A", "CP1"), command=command(reason="back"))
    wanted = "Lot W1 is not where it was .*: step was CP2, is CP1; quantity was 3, is 2"
    nothing_happened(disposition, lot, wanted)


def test_lot_whose_hold_was_lifted_since_is_refused() -> None:
    disposition = signed(held_issue())
    lot = disposition.lot
    release_hold(hold=lot.holds.get(), disposition="by phone", command=command())
    nothing_happened(disposition, lot, "Lot W1 is not on hold for Q-000001")


def test_lot_with_nothing_left_is_not_decided_on() -> None:
    issue = held_issue()
    assert issue.lot is not None
    scrap_units(lot=issue.lot, selection=Selection(quantity=3), command=command(reason="handling"))
    with pytest.raises(RefusedError, match="Lot W1 has nothing left to decide on"):
        proposed(issue)


def test_same_key_twice_does_it_once() -> None:
    disposition = signed(held_issue(), "scrap", wafers=(2,))
    assert verbs(carry_out(disposition, "key")) == [Verb.SCRAP]
    assert carry_out(disposition, "key") == []
    assert again(disposition.lot).quantity == 2


def test_another_key_afterwards_is_refused() -> None:
    disposition = signed(held_issue(), "scrap", wafers=(2,))
    carry_out(disposition)
    with pytest.raises(DispositionMoveError, match="is carried-out"):
        carry_out(disposition)


def test_crash_half_way_leaves_it_signed_and_the_next_try_does_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    disposition = signed(held_issue(), "return-to-vendor", to="OSAT1")
    with monkeypatch.context() as patch:
        patch.setattr(carrying_out, "ship_lot", _crash)
        nothing_happened(disposition, disposition.lot, "power cut", ZeroDivisionError)
    assert len(open_reasons(disposition.lot)) == 1
    assert verbs(carry_out(disposition, "key")) == [Verb.RELEASE, Verb.SHIP]


def _crash(**_: Any) -> None:
    raise ZeroDivisionError("power cut")
