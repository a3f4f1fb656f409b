"""Reviews beside what counts and what people decide at the same time; nobody loses."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Event as Flag
from typing import Any

import pytest
from django.db import OperationalError, connection
from psycopg.errors import DeadlockDetected

from lots.models import Lot
from lots.tests.making import wafer_lot
from quality.detectors import frame, running
from quality.detectors.frame import register_lot_detector
from quality.detectors.running import review_changed_lots
from quality.domain.discovery import Weighed
from quality.domain.findings import Finding
from quality.models import Flag as Flagged
from quality.models import Issue, PendingReview, Weighing, YieldFigure
from quality.services import (
    budget,
    dispositions,
    findings,
    merge_issue,
    queue_reviews,
    raise_findings,
    restate_step_yields,
    yields,
)
from quality.services.history import locked
from quality.services.reviews import CLAIM, SETTLE, claim_reviews, finish_reviews
from quality.services.yields import summarise_lot_step
from quality.tests.building import NOW, Figures, bare_lot, finding, person, rule
from quality.tests.deciding import hold_for, order, signer, told
from testing.models import LotStep

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("rules")]
LATER = NOW + timedelta(hours=1)
SECONDS_MAX = 10


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No detectors but those that the test registers."""
    monkeypatch.setattr(frame, "_registry", frame.Registry(whole={}, by_lot={}))
    yield


class Finds:
    """A lot detector that does something before it finds what it is told to."""

    description = "Finds what it is told."

    def __init__(
        self, code: str, *findings: Finding, before: Callable[[], object] = lambda: None
    ) -> None:
        self.code, self.findings, self.before = code, findings, before

    def judge(self, lot_ids: Sequence[int], parameters: Any, now: Any) -> list[Finding]:
        self.before()
        return list(self.findings)


def asked(*lots: Lot) -> None:
    PendingReview.objects.all().delete()
    queue_reviews(lot_ids=[lot.pk for lot in lots], now=NOW)


def both(*works: Callable[[], object]) -> None:
    """At once, each on a connection of its own; what either raises is raised."""

    def run(work: Callable[[], object]) -> None:
        try:
            work()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        for done in [pool.submit(run, work) for work in works]:
            done.result(timeout=60)


def behind(flag: Flag, work: Callable[[], object]) -> Callable[[], object]:
    """The work, once the other says so."""

    def run() -> None:
        assert flag.wait(SECONDS_MAX)
        work()

    return run


def test_a_lot_is_counted_and_reviewed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    lot = bare_lot("A-1")
    step = Figures(passed=190).of(lot)
    YieldFigure.objects.update(entered=999)  # the ledger moved on since
    LotStep.objects.filter(pk=step.pk).update(revision=2)  # a new file came
    asked(lot)
    claimed, counted = Flag(), Flag()
    restate, queue = restate_step_yields, queue_reviews

    def slow_restate(**given: Any) -> int:
        claimed.set()
        counted.wait(SECONDS_MAX)
        return restate(**given)

    def telling_queue(**given: Any) -> None:
        counted.set()
        queue(**given)

    monkeypatch.setattr(running, "restate_step_yields", slow_restate)
    monkeypatch.setattr(yields, "queue_reviews", telling_queue)
    count = behind(claimed, lambda: summarise_lot_step(lot_step_id=step.pk, now=LATER))
    both(lambda: review_changed_lots(now=LATER), count)
    assert not YieldFigure.objects.filter(is_current=True).exists()
    assert PendingReview.objects.get().lot == lot


def held(detector: str, seen: Finding, lot: Lot) -> Issue:
    raise_findings(rule=rule(detector), findings=[seen], now=NOW)
    issue = Issue.objects.get()
    hold_for(issue, lot)
    return issue


def proposing(issue: Issue, has_lot: Flag, monkeypatch: pytest.MonkeyPatch) -> Callable[[], object]:
    """Propose a disposition of the lot W1, saying so once the lot is locked."""
    ann, lock = signer("ann", "Quality"), locked

    def telling_lock(row: Issue) -> Issue:
        has_lot.set()
        return lock(row)

    monkeypatch.setattr(dispositions, "locked", telling_lock)
    return lambda: dispositions.propose_disposition(issue=issue, order=order(), command=told(ann))


def test_a_disposition_is_proposed_while_its_lot_is_reviewed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One detector has an open issue on the lot; another, which holds, comes behind it."""
    lot = wafer_lot("W1", step="CP1")
    seen = finding("bin 5", lot_id=lot.pk)
    issue = held("bin-above-limit", seen, lot)
    asked(lot)
    reviewing, has_lot = Flag(), Flag()

    def between() -> None:
        reviewing.set()
        has_lot.wait(SECONDS_MAX)

    register_lot_detector(Finds("bin-above-limit", seen))
    pda = finding("pda", lot_id=lot.pk)
    register_lot_detector(Finds("burn-in-fallout", pda, before=between))
    propose = behind(reviewing, proposing(issue, has_lot, monkeypatch))
    both(lambda: review_changed_lots(now=LATER), propose)
    assert set(Issue.objects.values_list("cause_key", flat=True)) == {"bin 5", "pda"}
    assert issue.dispositions.count() == 1


def test_a_disposition_is_proposed_while_its_issue_escalates(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lot = wafer_lot("W1", step="CP1")
    step = Figures(passed=190).of(lot)
    seen = finding("low", lot_id=lot.pk, revision="1", is_weighed=True)
    rule("yield-below-limit", holds_lot=True)
    issue = held("yield-below-limit", seen, lot)
    has_issue, has_lot = Flag(), Flag()
    escalate = budget._escalate

    def slow_escalate(*given: Any) -> None:
        has_issue.set()
        has_lot.wait(1)
        escalate(*given)

    monkeypatch.setattr(budget, "_escalate", slow_escalate)
    weighed = Weighed(step.pk, NOW, 1e-9, (seen,))
    judged = {"yield-below-limit": [lot.pk]}
    both(
        lambda: budget.weigh_up(judged=judged, weighed={"yield-below-limit": [weighed]}, now=LATER),
        behind(has_issue, proposing(issue, has_lot, monkeypatch)),
    )
    assert Issue.objects.get().is_escalated
    assert issue.dispositions.count() == 1


def test_a_disposition_is_proposed_while_a_fact_of_another_rule_escalates_its_issue(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What was merged into it is found by a rule that holds nothing; its own does."""
    lot = wafer_lot("W1", step="CP1")
    seen = finding("low", lot_id=lot.pk, revision="1", is_weighed=True)
    issue = held("yield-below-limit", seen, lot)
    rule("yield-below-limit", holds_lot=True)
    step = Figures(passed=190).of(lot)
    weighing = Weighing.objects.create(
        lot_step=step, detector="yield-below-limit", week_on=NOW.date(), p_value=0.5
    )
    Flagged.objects.create(weighing=weighing, cause_key="low", revision="1")
    fact, other = finding("bin 5", lot_id=bare_lot("A-1").pk), rule("bin-above-limit")
    raise_findings(rule=other, findings=[fact], now=NOW)
    bin_5 = Issue.objects.get(cause_key="bin 5")
    Issue.objects.filter(pk=bin_5.pk).update(is_escalated=False)  # as a chance it would be
    merge_issue(issue=bin_5, into=issue, actor=person(), reason="one")
    has_issue, has_lot = Flag(), Flag()
    escalate = findings._escalate_by_fact

    def slow_escalate(*given: Any) -> None:
        has_issue.set()
        has_lot.wait(1)
        escalate(*given)

    monkeypatch.setattr(findings, "_escalate_by_fact", slow_escalate)
    again = replace(fact, revision="2")
    both(
        lambda: raise_findings(rule=other, findings=[again], now=LATER),
        behind(has_issue, proposing(issue, has_lot, monkeypatch)),
    )
    assert Issue.objects.get(pk=issue.pk).is_escalated
    assert issue.dispositions.count() == 1


class Loses:
    """Loses so many deadlocks before anything else."""

    def __init__(self, times: int) -> None:
        self.times = times

    def __call__(self) -> None:
        if self.times:
            self.times -= 1
            raise OperationalError("deadlock detected") from DeadlockDetected()


def test_a_detector_that_loses_a_deadlock_is_run_again() -> None:
    lot = bare_lot("A-1")
    asked(lot)
    low = finding("low", lot_id=lot.pk)
    register_lot_detector(Finds("yield-below-limit", low, before=Loses(2)))
    assert [issue.cause_key for issue in review_changed_lots(now=LATER).raised] == ["low"]
    assert not PendingReview.objects.exists()


def test_a_detector_that_loses_every_deadlock_is_tried_later_and_has_not_failed() -> None:
    asked(bare_lot("A-1"))
    register_lot_detector(Finds("yield-below-limit", before=Loses(9)))
    assert review_changed_lots(now=LATER).raised == ()
    assert PendingReview.objects.get().due_at == LATER + running.RETRY


def test_reviews_of_a_worker_that_died_are_taken_up_by_another() -> None:
    asked(bare_lot("A-1"))

    def killed() -> None:
        raise KeyboardInterrupt

    register_lot_detector(Finds("yield-below-limit", before=killed))
    with pytest.raises(KeyboardInterrupt):
        review_changed_lots(now=LATER)
    assert claim_reviews(now=LATER, limit=5) == []
    assert len(claim_reviews(now=LATER + CLAIM, limit=5)) == 1


def test_reviews_that_came_to_nothing_are_given_back_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked(bare_lot("A-1"))

    def broken(**given: Any) -> int:
        raise ValueError("no figures")

    monkeypatch.setattr(running, "restate_step_yields", broken)
    with pytest.raises(ValueError, match="no figures"):
        review_changed_lots(now=LATER)
    assert len(claim_reviews(now=LATER, limit=5)) == 1


def test_a_lot_asked_for_while_it_is_reviewed_is_reviewed_again() -> None:
    lot, other = bare_lot("A-1"), bare_lot("A-2")
    asked(lot, other)
    reviews = claim_reviews(now=LATER, limit=5)
    queue_reviews(lot_ids=[lot.pk], now=LATER)
    assert claim_reviews(now=LATER + SETTLE, limit=5) == []
    finish_reviews(reviews=reviews, again_at={lot.pk: LATER + timedelta(days=1)})
    (again,) = claim_reviews(now=LATER + SETTLE, limit=5)
    assert again.lot == lot
