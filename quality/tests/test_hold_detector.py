"""Holds past their day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from lots.domain.commands import HoldOrder
from lots.domain.words import HoldClass
from lots.models import Hold
from lots.services import date_hold, hold_lot, release_hold
from lots.tests.making import T0, command, counted_lot
from lots.tests.permitting import person
from quality.detectors.running import find_everywhere
from quality.domain.words import IssueEventKind, IssueState
from quality.models import Issue, Rule
from quality.services.history import Act, write_act

pytestmark = pytest.mark.usefixtures("rules")

DAY = timedelta(days=1)
DUE = date(2025, 3, 4)


@pytest.fixture(autouse=True)
def alone(rules: None) -> None:
    Rule.objects.exclude(detector="hold-overdue").update(is_enabled=False)


@pytest.fixture
def hold(rules: None) -> Hold:
    """Due on the third day after T0, Ann's to decide."""
    order = HoldOrder(HoldClass.QUALITY, "scratch", owner_id=person("ann").pk, due_on=DUE)
    return Hold.objects.get(placed_by=hold_lot(lot=counted_lot(), order=order, command=command()))


def look(days: float) -> None:
    find_everywhere(now=T0 + days * DAY, is_timed=True)


def test_a_hold_on_its_day_is_not_overdue(hold: Hold) -> None:
    look(3)
    assert Issue.objects.count() == 0


def test_a_hold_past_its_day_is_an_issue_of_its_owner_once(hold: Hold) -> None:
    look(4)
    look(6)
    issue = Issue.objects.get()
    assert issue.title == "The hold on N1 (scratch) is overdue by 1 day"
    assert (issue.owner, issue.lot, issue.state) == (hold.owner, hold.lot, IssueState.OPEN)


def test_the_issue_closes_when_the_hold_is_released(hold: Hold) -> None:
    look(4)
    release_hold(hold=hold, disposition="use as is", command=command(hours=100))
    look(5)
    assert Issue.objects.get().state == IssueState.RESOLVED


def test_the_issue_closes_when_the_day_is_moved_and_comes_back(hold: Hold) -> None:
    look(4)
    date_hold(hold=hold, due_on=DUE + 5 * DAY)
    look(5)
    assert Issue.objects.get().state == IssueState.RESOLVED
    look(12)
    assert Issue.objects.get().is_open


def test_an_issue_that_its_owner_took_up_stays(hold: Hold) -> None:
    look(4)
    issue = Issue.objects.get()
    write_act(issue, Act(IssueEventKind.COMMENTED, T0, actor_id=person("ann").pk, note="asked"))
    release_hold(hold=hold, disposition="use as is", command=command(hours=100))
    look(5)
    issue.refresh_from_db()
    assert (issue.state, issue.cleared_at) == (IssueState.OPEN, T0 + 5 * DAY)


def test_a_hold_without_owner_or_day(hold: Hold) -> None:
    Hold.objects.update(owner=None)
    look(4)
    assert Issue.objects.get().owner is None
    date_hold(hold=hold, due_on=None)
    look(400)
    assert Issue.objects.get().state == IssueState.RESOLVED
