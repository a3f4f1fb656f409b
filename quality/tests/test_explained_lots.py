"""All lots of an issue with a recorded cause are no ordinary ones, as long as it has one."""

from __future__ import annotations

import pytest
from django.db import connection

from lots.models import Lot
from quality.detectors.drifts import YieldDrift
from quality.detectors.yields import YieldBelowLimit
from quality.domain.findings import Finding
from quality.models import ExplainedLot, Issue, Sighting
from quality.selectors.limit_history import history_lots
from quality.selectors.series import SeriesKey, explained_lot_steps
from quality.services import merge_issue, raise_findings, reopen_issue, resolve_issue
from quality.services.findings import clear_places
from quality.services.merging import separate_issue
from quality.sql import statement
from quality.tests.building import NOW, Figures, bare_lot, finding, ordinary_lots, person, rule
from quality.tests.test_drift_detector import falling, found_in
from quality.tests.test_limit_versions import asked

pytestmark = pytest.mark.usefixtures("rules")


def odd_lots(count: int = 3) -> list[Lot]:
    lots = [bare_lot(f"ODD-{number}") for number in range(count)]
    for number, lot in enumerate(lots):
        Figures(passed=150, days=20 + number).of(lot)
    return lots


def shows(lot: Lot, cause: str = "site 4", facts: str = "1") -> Finding:
    return finding(
        cause, lot_id=lot.pk, step_id=lot.step_id, revision=f"{lot.code} results {facts}"
    )


def found(*findings: Finding, detector: str = "site-yield") -> Issue:
    raise_findings(rule=rule(detector), findings=findings, now=NOW)
    return Issue.objects.filter(cause_key=findings[0].cause_key).latest("pk")


def explain(issue: Issue, cause: str = "worn socket") -> None:
    resolve_issue(issue=issue, actor=person(f"ann {issue.pk}"), cause=cause, note="replaced")


def left_out() -> list[str]:
    lot = Lot.objects.filter(product__code="TRN3", step__code="FT-HOT").first()
    assert lot is not None
    ids = explained_lot_steps(SeriesKey(lot.product_id, "FT-HOT"))
    return sorted(Lot.objects.filter(lot_steps__in=ids).values_list("code", flat=True))


def test_every_lot_that_an_explained_cause_was_found_in_leaves_the_baseline() -> None:
    ordinary_lots()
    lots = odd_lots()
    issue = found(*map(shows, lots))
    assert left_out() == []
    explain(issue)
    assert left_out() == ["ODD-0", "ODD-1", "ODD-2"]
    late = bare_lot("LATE")
    Figures(passed=150, days=40).of(late)
    (low,) = YieldBelowLimit().judge([late.pk], {}, NOW)
    assert low.evidence.baseline == tuple(f"OK-{number:02d}" for number in range(8))


def test_limits_are_computed_without_any_of_them_and_say_why() -> None:
    ordinary_lots()
    lots = odd_lots()
    explain(found(*map(shows, lots)))
    reasons = [lot.left_out for lot in history_lots(asked(), {})]
    assert reasons == [""] * 8 + ["Q-000001: worn socket"] * 3


def test_they_stay_out_once_they_are_judged_again_without_those_beside_them() -> None:
    lots = odd_lots()
    explain(found(*map(shows, lots)))
    clear_places(rule=rule("site-yield"), places=list(Sighting.objects.all()), now=NOW)
    assert left_out() == ["ODD-0", "ODD-1", "ODD-2"]


def test_a_lot_in_which_it_was_found_no_more_is_an_ordinary_one() -> None:
    lots = odd_lots()
    issue = found(*map(shows, lots))
    gone = Sighting.objects.filter(lot=lots[1])
    clear_places(rule=rule("site-yield"), places=list(gone), now=NOW)
    explain(issue)
    assert left_out() == ["ODD-0", "ODD-2"]


def test_lots_that_show_it_later_wait_for_a_cause_of_their_own() -> None:
    first, second, third = odd_lots()
    explain(found(shows(first)))
    later = found(shows(second), shows(third), shows(first))
    assert left_out() == ["ODD-0"]
    explain(later, cause="socket again")
    assert left_out() == ["ODD-0", "ODD-1", "ODD-2"]
    kept = ExplainedLot.objects.filter(issue=later).values_list("lot__code", flat=True)
    assert set(kept) == {"ODD-1", "ODD-2"}


def test_they_come_back_when_the_issue_is_opened_again() -> None:
    lots = odd_lots()
    issue = found(*map(shows, lots))
    explain(issue)
    reopen_issue(issue=issue, actor=person(), reason="not the socket")
    assert left_out() == []
    resolve_issue(issue=issue, actor=person("ben"), note="nothing to see")
    assert left_out() == []


def test_without_a_cause_all_of_them_stay() -> None:
    issue = found(*map(shows, odd_lots()))
    resolve_issue(issue=issue, actor=person(), note="gone")
    assert (left_out(), ExplainedLot.objects.count()) == ([], 0)


def test_lots_of_what_was_merged_into_it_go_and_come_with_it() -> None:
    first, second, third = odd_lots()
    gone = found(shows(second, "site 5"), shows(third, "site 5"))
    kept = found(shows(first))
    merge_issue(issue=gone, into=kept, actor=person("one"), reason="one board")
    explain(kept)
    assert left_out() == ["ODD-0", "ODD-1", "ODD-2"]
    gone.refresh_from_db()
    separate_issue(issue=gone, actor=person("two"), reason="two boards")
    assert left_out() == ["ODD-0"]


def test_every_lot_that_showed_an_explained_drift_leaves_the_series() -> None:
    ordinary_lots(30)
    lots = falling(20)
    drift = found_in(lots)
    codes = {lot.pk: lot.code for lot in lots}
    showed = sorted(codes[one.lot_id] for one in drift if one.lot_id is not None)
    assert len(showed) > 1
    explain(found(*drift, detector="yield-drift"))
    assert left_out() == showed
    assert YieldDrift().judge([lot.pk for lot in lots], {}, NOW) == []


def test_what_was_resolved_before_is_filled_in() -> None:
    first, second, third = odd_lots()
    gone, kept = found(shows(third, "site 5")), found(shows(first), shows(second))
    merge_issue(issue=gone, into=kept, actor=person("one"), reason="one board")
    explain(kept)
    found(finding("nowhere"), detector="yield-below-limit")
    resolve_issue(issue=Issue.objects.latest("pk"), actor=person(), cause="a cause", note="done")
    before = set(ExplainedLot.objects.values_list("issue", "lot", "step"))
    ExplainedLot.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute(statement("fill_explained_v1"))
    assert len(before) == 3
    assert set(ExplainedLot.objects.values_list("issue", "lot", "step")) == before


def test_it_says_which_lot_of_which_issue() -> None:
    assert str(ExplainedLot(issue=Issue(number="Q-000001"), lot=Lot(code="A"))) == "Q-000001 on A"
