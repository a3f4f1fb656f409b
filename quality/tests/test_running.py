"""Running detectors: the queue of lots, grace for late data, and what no longer is."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from lots.domain.words import LotPurpose
from lots.models import Event
from quality import tasks
from quality.detectors import frame
from quality.detectors.frame import register_detector, register_lot_detector
from quality.detectors.running import Outcome, find_everywhere, review_changed_lots
from quality.domain.findings import Finding
from quality.domain.words import IssueState
from quality.models import Issue, LedgerCursor, PendingReview, Rule, YieldFigure
from quality.services import acknowledge_issue, follow_ledger, queue_reviews
from quality.services.reference import load_reference
from quality.tests.building import (
    NOW,
    bare_lot,
    finding,
    ordinary_lots,
    person,
    rule,
)
from quality.tests.test_fact_detectors import chip_lot, moved
from testing.domain.words import Outcome as Ending
from testing.services import record_run
from testing.tests.builders import Part
from testing.tests.conftest import Line

pytestmark = pytest.mark.usefixtures("rules")

LATER = NOW + timedelta(hours=1)


class Sayer:
    """A detector that finds what it is told to."""

    code = "sayer"
    description = "Says what it is told."
    is_timed = True

    def __init__(self, *findings: Finding, fails: bool = False) -> None:
        self.findings, self.fails = list(findings), fails

    def find(self, now: datetime) -> list[Finding]:
        if self.fails:
            raise ValueError("broken detector")
        return self.findings

    def judge(
        self, lot_ids: Sequence[int], parameters: Mapping[str, Any], now: datetime
    ) -> list[Finding]:
        return [one for one in self.find(now) if one.lot_id in lot_ids]


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No detectors but those that the test registers."""
    monkeypatch.setattr(frame, "_registry", frame.Registry(whole={}, by_lot={}))
    yield


def look(now: datetime = NOW, **given: bool) -> Outcome:
    return find_everywhere(now=now, is_timed=True, **given)


def review(now: datetime = LATER, **given: bool) -> Outcome:
    return review_changed_lots(now=now, **given)


def test_detector_of_a_higher_room_gets_a_rule_of_its_own() -> None:
    register_detector(Sayer(finding()))
    assert len(look().raised) == 1
    made = Rule.objects.get(detector="sayer")
    assert (made.name, made.is_enabled, made.holds_lot) == ("Sayer", True, False)


def test_rule_switched_off_finds_nothing() -> None:
    rule("stale-wip", is_enabled=False)
    quiet = Sayer(finding())
    quiet.code = "stale-wip"
    register_detector(quiet)
    register_lot_detector(quiet)
    queue_reviews(lot_ids=[bare_lot("A-1").pk], now=NOW)
    assert look().raised == ()
    assert review().raised == ()


def test_cause_no_longer_found_resolves_itself() -> None:
    sayer = Sayer(finding())
    register_detector(sayer)
    look()
    sayer.findings = []
    look(LATER)
    assert Issue.objects.get().state == IssueState.RESOLVED


def test_cause_no_longer_found_stays_with_who_acknowledged_it() -> None:
    sayer = Sayer(finding())
    register_detector(sayer)
    look()
    acknowledge_issue(issue=Issue.objects.get(), actor=person())
    sayer.findings = []
    look(LATER)
    issue = Issue.objects.get()
    assert issue.state == IssueState.ACKNOWLEDGED
    assert issue.cleared_at == LATER


def test_timed_run_leaves_the_others_alone() -> None:
    sayer = Sayer(finding())
    sayer.is_timed = False
    register_detector(sayer)
    assert look().raised == ()
    assert len(find_everywhere(now=NOW, is_timed=False).raised) == 1


def test_finding_that_late_data_may_explain_waits() -> None:
    register_detector(Sayer(finding(not_before=LATER)))
    assert look(NOW).raised == ()
    assert len(look(LATER).raised) == 1


def test_nothing_is_waited_for_when_all_is_settled() -> None:
    register_detector(Sayer(finding(not_before=LATER)))
    assert len(look(NOW, is_settled=True).raised) == 1


def test_broken_detector_is_an_issue_and_the_others_run(caplog: pytest.LogCaptureFixture) -> None:
    broken, whole = Sayer(fails=True), Sayer(finding())
    broken.code, whole.code = "a-broken", "b-whole"
    register_detector(broken)
    register_detector(whole)
    with caplog.at_level(logging.ERROR):
        told, found = look().raised
    assert "a-broken" in caplog.text
    assert (told.cause_key, found.cause_key) == ("detector-failed:a-broken", "cause")
    assert told.evidence["facts"]["message"] == "broken detector"


def test_failure_of_a_detector_is_over_when_it_runs_again() -> None:
    sayer = Sayer(fails=True)
    register_detector(sayer)
    look()
    sayer.fails = False
    look(LATER)
    assert Issue.objects.get().state == IssueState.RESOLVED


def test_failure_on_one_lot_is_not_over_by_another_lot() -> None:
    first, second = bare_lot("A-1"), bare_lot("A-2")
    sayer = Sayer(fails=True)
    register_lot_detector(sayer)
    queue_reviews(lot_ids=[first.pk], now=NOW)
    review()
    sayer.fails = False
    queue_reviews(lot_ids=[second.pk], now=NOW)
    review()
    assert Issue.objects.get().state == IssueState.OPEN
    review(LATER + timedelta(hours=1))
    assert Issue.objects.get().state == IssueState.RESOLVED


def test_detector_that_fails_again_and_again_is_one_issue() -> None:
    register_detector(Sayer(fails=True))
    look()
    look(LATER)
    assert Issue.objects.count() == 1


def test_lot_is_reviewed_once_it_has_settled() -> None:
    lot = bare_lot("A-1")
    register_lot_detector(Sayer(finding(lot_id=lot.pk)))
    queue_reviews(lot_ids=[lot.pk], now=NOW)
    assert review(NOW).lot_count == 0
    assert len(review(LATER).raised) == 1
    assert review(LATER).lot_count == 0


@pytest.mark.parametrize("hours", [(3, 2), (2, 3)])
def test_lot_whose_finding_must_wait_stays_in_the_queue(hours: tuple[int, int]) -> None:
    lot = bare_lot("A-1")
    instants = [LATER + timedelta(hours=count) for count in hours]
    sayer = Sayer(*(finding(f"{at}", lot_id=lot.pk, not_before=at) for at in instants))
    register_lot_detector(sayer)
    queue_reviews(lot_ids=[lot.pk], now=NOW)
    assert review(LATER).raised == ()
    assert PendingReview.objects.get().due_at == LATER + timedelta(hours=2)


def test_earliest_instant_of_several_detectors_counts() -> None:
    near, far = NOW, LATER
    both = Outcome(waiting={1: far, 2: near}) + Outcome(waiting={1: near})
    assert both.waiting == {1: near, 2: near}


def test_lots_not_under_review_keep_their_issues() -> None:
    one, other = bare_lot("A-1"), bare_lot("A-2")
    sayer = Sayer(finding("one", lot_id=one.pk), finding("other", lot_id=other.pk))
    register_lot_detector(sayer)
    queue_reviews(lot_ids=[one.pk, other.pk], now=NOW)
    review()
    sayer.findings = []
    queue_reviews(lot_ids=[one.pk], now=NOW)
    review()
    states = dict(Issue.objects.values_list("cause_key", "state"))
    assert states == {"one": IssueState.RESOLVED, "other": IssueState.OPEN}


def test_lot_is_tried_again_after_a_detector_broke(caplog: pytest.LogCaptureFixture) -> None:
    lot = bare_lot("A-1")
    register_lot_detector(Sayer(fails=True))
    queue_reviews(lot_ids=[lot.pk], now=NOW)
    with caplog.at_level(logging.CRITICAL):
        review()
    assert PendingReview.objects.get().due_at > LATER


def test_ledger_is_followed_once(rules: None) -> None:
    lot = moved(chip_lot(), "FT-HOT", 1)
    assert follow_ledger(now=NOW) == 2
    assert follow_ledger(now=NOW) == 0
    assert PendingReview.objects.get().lot == lot
    assert LedgerCursor.objects.get().seq == Event.objects.latest("seq").seq


def test_ledger_is_followed_in_bounded_batches() -> None:
    moved(chip_lot(), "FT-HOT", 1)
    assert [follow_ledger(now=NOW, limit=1) for _ in range(3)] == [1, 1, 0]


def test_reference_keeps_what_people_changed() -> None:
    rule("stale-wip", parameters={"factor": 3}, is_enabled=False)
    load_reference()
    kept = Rule.objects.get(detector="stale-wip")
    assert (kept.parameters, kept.is_enabled) == ({"factor": 3}, False)


def test_tasks_bring_results_all_the_way_to_an_issue(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    for lot in ordinary_lots():
        assert lot.purpose == LotPurpose.PRODUCTION
    chips = [Part(part_id=f"C{number}", outcome=Ending.FAIL) for number in (1, 2, 3)]
    record_run(line.tested(*chips, hours=2000).record())
    rule("yield-below-limit", parameters={"units_min": 1, "alpha": 0.005})
    monkeypatch.setattr(tasks.run_detectors, "delay", lambda: None)
    assert tasks.summarise() == 1
    assert YieldFigure.objects.filter(lot_step__lot=line.chip_lot, scope="lot").exists()
    assert tasks.run_detectors(is_settled=True) >= 1
    assert Issue.objects.filter(rule__detector="yield-below-limit", lot=line.chip_lot).exists()
    assert tasks.summarise() == 0
    assert tasks.run_detectors() == 0


def test_task_stops_after_so_many_rounds_and_leaves_the_rest(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks, "ROUNDS_MAX", 1)
    monkeypatch.setattr(tasks.run_detectors, "delay", lambda: None)
    record_run(line.tested(Part(part_id="C1")).record())
    assert tasks.summarise() == 1
    assert tasks.run_detectors(is_settled=True) == 0
    assert not PendingReview.objects.exists()


def test_timed_task_raises_what_the_clock_brings() -> None:
    register_detector(Sayer(finding(not_before=timezone.now() + timedelta(days=1))))
    assert tasks.run_timed_detectors() == 0
    assert tasks.run_timed_detectors(is_settled=True) == 1
