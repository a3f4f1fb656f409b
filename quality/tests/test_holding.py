"""Rules that hold: what they find in a lot stops it, also when they find it again."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from lots.models import Hold, Lot
from lots.services import release_hold
from lots.tests.making import command
from quality.models import Issue
from quality.services import acknowledge_issue, clear_causes, holding, raise_findings
from quality.tests.building import NOW, bare_lot, finding, person, rule
from quality.tests.deciding import hold_for
from supplychain.base.errors import RefusedError

pytestmark = pytest.mark.usefixtures("rules")

LATER = NOW + timedelta(days=1)


def found(lot: Lot, revision: str = "results 1", now: datetime = NOW) -> Issue:
    """A rule that holds finds the one cause, in this lot."""
    seen = finding("site 4", lot_id=lot.pk, revision=f"{lot.code} {revision}")
    raise_findings(rule=rule(holds_lot=True), findings=[seen], now=now)
    return Issue.objects.get()


def cleared(issue: Issue) -> None:
    clear_causes(rule=issue.rule, issues=[issue], now=NOW)


def release(lot: Lot) -> None:
    hold = Hold.objects.get(lot=lot, released_at=None)
    release_hold(hold=hold, disposition="decided", command=command())


def held() -> list[str]:
    return list(Hold.objects.filter(released_at=None).values_list("lot__code", flat=True))


def kinds(issue: Issue) -> list[str]:
    return list(issue.events.values_list("kind", flat=True))


def test_rule_that_holds_stops_the_lot_once() -> None:
    lot = bare_lot("A-1")
    issue = found(lot)
    found(lot, "results 2")
    assert Hold.objects.get(lot=lot).reason.startswith(issue.number)
    assert kinds(issue) == ["opened", "held", "found-again"]


def test_rule_that_does_not_hold_leaves_the_lot_alone() -> None:
    seen = finding(lot_id=bare_lot("A-1").pk)
    raise_findings(rule=rule(), findings=[seen], now=NOW)
    assert held() == []


def test_rule_that_holds_has_nothing_to_hold_without_a_lot() -> None:
    raise_findings(rule=rule(holds_lot=True), findings=[finding()], now=NOW)
    assert held() == []


def test_refused_hold_does_not_lose_the_issue(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**asked: object) -> None:
        raise RefusedError("The lot is gone.")

    monkeypatch.setattr(holding, "hold_lot", refuse)
    issue = found(bare_lot("A-1"))
    assert kinds(issue) == ["opened", "hold-refused"]
    assert issue.events.get(kind="hold-refused").note == "The lot is gone."


def test_every_lot_of_one_cause_is_held() -> None:
    first, second = bare_lot("A-1"), bare_lot("A-2")
    found(first)
    issue = found(second)
    assert sorted(held()) == ["A-1", "A-2"]
    assert kinds(issue) == ["opened", "held", "found-again", "held"]


def test_lot_released_because_it_was_cleared_is_held_when_it_comes_back() -> None:
    lot = bare_lot("A-1")
    cleared(found(lot))
    release(lot)
    found(lot, now=LATER)
    assert held() == ["A-1"]


def test_lot_still_on_hold_for_the_issue_is_not_held_twice_when_it_comes_back() -> None:
    lot = bare_lot("A-1")
    cleared(found(lot))
    found(lot, now=LATER)
    assert held() == ["A-1"]


def test_lot_that_a_person_let_go_is_not_held_again_on_the_same_facts() -> None:
    lot = bare_lot("A-1")
    issue = found(lot)
    acknowledge_issue(issue=issue, actor=person())
    release(lot)
    found(lot, now=LATER)
    cleared(issue)
    found(lot, now=LATER)
    assert (held(), kinds(issue)[-1]) == ([], "found-again")


def test_lot_that_a_person_let_go_is_held_again_on_new_facts() -> None:
    lot = bare_lot("A-1")
    found(lot)
    release(lot)
    found(lot, "results 2", LATER)
    assert held() == ["A-1"]


def test_letting_one_lot_go_does_not_free_another() -> None:
    first, second = bare_lot("A-1"), bare_lot("A-2")
    found(first)
    release(first)
    found(second)
    assert held() == ["A-2"]


def test_hold_for_another_issue_does_not_stand_in() -> None:
    lot = bare_lot("A-1")
    raise_findings(rule=rule(), findings=[finding("other")], now=NOW)
    hold_for(Issue.objects.get(), lot)
    seen = finding("site 4", lot_id=lot.pk)
    raise_findings(rule=rule(holds_lot=True), findings=[seen], now=NOW)
    assert held() == ["A-1", "A-1"]
