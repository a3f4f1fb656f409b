"""A lot waits for its pilot, and goes on by itself once that has passed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from lots.domain.commands import Selection
from lots.domain.pilots import Pilot, PilotState, pilot_state
from lots.domain.words import Source, Verb
from lots.models import Hold, Lot, PilotRun
from lots.selectors.pilots import pilot_of
from lots.services import move_lot, release_hold, scrap_units
from lots.services.sending import send_ahead
from lots.tests.making import T0, again, command, hold, step, wafer_lot
from quality.detectors.running import review_changed_lots
from quality.domain.findings import Evidence, Finding
from quality.models import PendingReview
from quality.selectors.pilots import holds_with_pilots
from quality.services import (
    clear_causes,
    ensure_rule,
    follow_ledger,
    raise_findings,
    resolve_issue,
)
from quality.services.pilots import release_passed
from quality.tests.building import person

pytestmark = pytest.mark.usefixtures("rules")

LATER = T0 + timedelta(days=2)


@pytest.fixture
def lot(rules: None) -> Lot:
    """Two wafers at WAT that wait for one; RCV decides."""
    lot = wafer_lot(step="WAT")
    send_ahead(
        lot=lot, child_code="PILOT", selection=Selection(wafers=(1,)), until_step_code="RCV",
        command=command(),
    )  # fmt: skip
    return again(lot)


def pilot() -> Lot:
    return Lot.objects.get(code="PILOT")


def go(*codes: str) -> None:
    for code in codes:
        move_lot(lot=pilot(), to_step=step("A", code), command=command())


def look() -> int:
    """As the background does, once everything has settled."""
    while follow_ledger(now=LATER):
        pass
    review_changed_lots(now=LATER, is_settled=True)
    PendingReview.objects.all().delete()
    return release_passed(now=LATER)


def said(lot: Lot) -> PilotState:
    found = pilot_of(holds_with_pilots(Hold.objects.filter(lot=lot)).get())
    assert found is not None
    return pilot_state(found)


def test_a_lot_waits_while_its_pilot_is_ahead(lot: Lot) -> None:
    go("RCV")
    assert (said(lot), look()) == (PilotState.AHEAD, 0)
    assert PilotRun.objects.get().until_step.code == "RCV"


def test_a_pilot_that_passed_releases_its_lot_by_an_event_once(lot: Lot) -> None:
    go("RCV", "BUMP")
    assert said(lot) == PilotState.PASSED
    assert (look(), look()) == (1, 0)
    event = lot.events.latest("seq")
    assert (event.verb, event.source, event.source_reference) == (
        Verb.RELEASE, Source.RULE, "pilot",
    )  # fmt: skip
    assert lot.holds.get().disposition == "Pilot PILOT passed RCV, nothing against it"


def test_a_pilot_is_reviewed_before_it_counts(lot: Lot) -> None:
    go("RCV", "BUMP")
    assert release_passed(now=LATER) == 0
    follow_ledger(now=LATER)
    assert release_passed(now=LATER) == 0
    assert look() == 1


def test_a_pilot_on_hold_keeps_its_lot_waiting(lot: Lot) -> None:
    go("RCV", "BUMP")
    hold(pilot())
    assert (said(lot), look()) == (PilotState.FAILED, 0)


def test_a_scrapped_pilot_keeps_its_lot_waiting(lot: Lot) -> None:
    go("RCV", "BUMP")
    scrap_units(lot=pilot(), selection=Selection(1), command=command(reason="handling"))
    assert (said(lot), look()) == (PilotState.FAILED, 0)


def test_an_issue_of_the_pilot_keeps_its_lot_waiting_until_it_clears(lot: Lot) -> None:
    go("RCV", "BUMP")
    rule = ensure_rule(detector="yield-below-limit", description="low")
    low = Finding("low", "Low yield", Evidence("yield"), lot_id=pilot().pk)
    issues = raise_findings(rule=rule, findings=[low], now=LATER)
    assert said(lot) == PilotState.FAILED
    assert release_passed(now=LATER) == 0
    clear_causes(rule=rule, issues=issues, now=LATER)
    assert said(lot) == PilotState.PASSED


def test_facts_of_the_pilot_that_a_person_closed_keep_no_lot_waiting(lot: Lot) -> None:
    go("RCV", "BUMP")
    rule = ensure_rule(detector="site-yield", description="a bad site")
    low = Finding("site 4", "Site 4", Evidence("yield"), lot_id=pilot().pk, revision="pilot")
    (closed,) = raise_findings(rule=rule, findings=[low], now=LATER)
    resolve_issue(issue=closed, actor=person(), note="socket cleaned", cause="socket")
    later = replace(low, lot_id=wafer_lot("W2").pk, revision="W2")
    assert raise_findings(rule=rule, findings=[later], now=LATER)
    assert said(lot) == PilotState.PASSED


def test_a_hold_of_another_kind_waits_for_no_pilot(lot: Lot) -> None:
    other = hold(wafer_lot("W2"))
    assert pilot_of(holds_with_pilots(Hold.objects.filter(pk=other.pk)).get()) is None


def test_a_hold_that_a_person_released_meanwhile_is_left(
    lot: Lot, monkeypatch: pytest.MonkeyPatch
) -> None:
    go("RCV", "BUMP")

    def meanwhile(_: Pilot) -> PilotState:
        release_hold(hold=lot.holds.get(), disposition="seen", command=command())
        return PilotState.PASSED

    monkeypatch.setattr("quality.services.pilots.pilot_state", meanwhile)
    assert look() == 0
    assert lot.holds.get().disposition == "seen"
