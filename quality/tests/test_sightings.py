"""Where a cause is found: its issue stands on all lots that show it, whatever it opened on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from lots.models import Lot
from quality.detectors import frame
from quality.detectors.frame import register_lot_detector
from quality.detectors.running import review_changed_lots
from quality.domain.findings import Finding
from quality.domain.words import IssueState
from quality.models import Issue, PendingReview, Sighting
from quality.selectors.issues import issue_with_history, open_issues
from quality.selectors.sightings import found_lots
from quality.services import acknowledge_issue, queue_reviews, raise_findings, resolve_issue
from quality.sql import statement
from quality.tests.building import NOW, bare_lot, finding, person, rule

pytestmark = pytest.mark.usefixtures("rules")

LATER = NOW + timedelta(hours=1)


class Site:
    """Finds one cause in every lot that it is told of, on facts named by the lot."""

    code = "site-yield"
    description = "A bad site."

    def __init__(self) -> None:
        self.facts: dict[int, str] = {}

    def judge(
        self, lot_ids: Sequence[int], parameters: Mapping[str, Any], now: datetime
    ) -> list[Finding]:
        return [
            finding("site 4", lot_id=lot_id, revision=f"{lot_id} results {self.facts[lot_id]}")
            for lot_id in lot_ids
            if lot_id in self.facts
        ]


@pytest.fixture(autouse=True)
def site(monkeypatch: pytest.MonkeyPatch) -> Site:
    monkeypatch.setattr(frame, "_registry", frame.Registry(whole={}, by_lot={}))
    detector = Site()
    register_lot_detector(detector)
    return detector


def reviewed(*lots: Lot) -> None:
    queue_reviews(lot_ids=[lot.pk for lot in lots], now=NOW)
    review_changed_lots(now=LATER)


def shown(site: Site, *lots: Lot, facts: str = "1") -> None:
    """The lots show the cause, each in a review of its own."""
    for lot in lots:
        site.facts[lot.pk] = facts
        reviewed(lot)


@pytest.mark.parametrize("first", [0, 1])
def test_a_cause_stands_while_any_lot_shows_it(site: Site, first: int) -> None:
    lots = [bare_lot("A"), bare_lot("B")]
    shown(site, lots[first], lots[1 - first])
    del site.facts[lots[0].pk]
    reviewed(lots[0])
    assert Issue.objects.get().state == IssueState.OPEN
    del site.facts[lots[1].pk]
    reviewed(lots[1])
    assert Issue.objects.get().state == IssueState.RESOLVED
    assert not Sighting.objects.exists()


def test_lots_judged_together_are_all_lots_of_the_issue(site: Site) -> None:
    lots = [bare_lot(f"L-{number:02d}") for number in range(12)]
    site.facts = {lot.pk: "1" for lot in lots}
    reviewed(*lots)
    found = found_lots(issue_with_history("Q-000001"))
    assert (found.codes, found.more) == ([f"L-{number:02d}" for number in range(10)], 2)


def test_an_issue_is_about_every_lot_that_shows_it(site: Site) -> None:
    lots = [bare_lot("A"), bare_lot("B")]
    shown(site, *lots)
    assert [list(open_issues(lot)) for lot in lots] == [[Issue.objects.get()]] * 2


def test_facts_that_a_person_closed_do_not_hold_up_a_later_issue(site: Site) -> None:
    old, new = bare_lot("OLD"), bare_lot("NEW")
    shown(site, old)
    resolve_issue(issue=Issue.objects.get(), actor=person(), note="socket cleaned", cause="socket")
    shown(site, new)
    reviewed(old)
    later = Issue.objects.latest("pk")
    assert found_lots(issue_with_history(later.number)).codes == ["NEW"]
    assert [list(open_issues(lot)) for lot in (old, new)] == [[], [later]]
    del site.facts[new.pk]
    reviewed(new)
    assert Issue.objects.get(pk=later.pk).state == IssueState.RESOLVED


def test_facts_that_a_person_closed_do_not_bring_a_later_issue_back(site: Site) -> None:
    old, new = bare_lot("OLD"), bare_lot("NEW")
    shown(site, old)
    resolve_issue(issue=Issue.objects.get(), actor=person(), note="socket cleaned")
    shown(site, new)
    acknowledge_issue(issue=Issue.objects.latest("pk"), actor=person("ann"))
    del site.facts[new.pk]
    reviewed(new)
    reviewed(old)
    assert Issue.objects.latest("pk").cleared_at == LATER


def test_new_facts_of_a_lot_take_the_place_of_the_old_ones(site: Site) -> None:
    lot = bare_lot("A")
    shown(site, lot)
    shown(site, lot, facts="2")
    assert Sighting.objects.get().revision == f"{lot.pk} results 2"


def test_what_was_found_before_is_filled_in_from_the_history(site: Site) -> None:
    first, second = bare_lot("A"), bare_lot("B")
    for lot, facts in ((first, "A results 1"), (second, "B results 1"), (second, "B results 2")):
        seen = finding("site 4", lot_id=lot.pk, revision=facts)
        raise_findings(rule=rule("site-yield"), findings=[seen], now=NOW)
    before = set(Sighting.objects.values_list("cause_key", "lot", "step", "revision"))
    Sighting.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute(statement("fill_sightings_v1"))
    assert set(Sighting.objects.values_list("cause_key", "lot", "step", "revision")) == before
    assert set(PendingReview.objects.values_list("lot", flat=True)) == {first.pk, second.pk}


def test_a_sighting_says_what_was_found_where() -> None:
    seen = Sighting(cause_key="site 4", lot=Lot(code="A"))
    assert str(seen) == "site 4 on A"
