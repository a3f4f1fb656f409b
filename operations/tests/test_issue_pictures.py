"""What was frozen with an issue is drawn first on its page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from django.test import Client

from operations.tests.line import Line
from quality.detectors.frame import Json
from quality.detectors.yields import YieldBelowLimit
from quality.domain.findings import Evidence, Finding
from quality.models import Issue, YieldFigure
from quality.services import raise_findings
from quality.tests.building import NOW, Figures, bare_lot, ordinary_lots, rule

pytestmark = pytest.mark.django_db


def low_yield() -> Finding:
    ordinary_lots()
    lot = bare_lot("LOW")
    Figures(passed=150, days=30).of(lot)
    (found,) = YieldBelowLimit().judge([lot.pk], {}, NOW)
    return found


def raised(found: Finding) -> Issue:
    (issue,) = raise_findings(rule=rule(), findings=[found], now=NOW)
    return issue


def page_of(issue: Issue, client: Client) -> str:
    return client.get(f"/issues/{issue.number}").content.decode()


def test_a_low_lot_stands_beside_its_baseline(line: Line, as_role: Callable[[str], Client]) -> None:
    text = page_of(raised(low_yield()), as_role("Quality"))
    assert text.index("Final yield of each lot") < text.index('id="evidence"')
    assert 'aria-label="LOW: 75.0 %, below what 8 earlier lots predict' in text
    assert 'href="/lots/OK-00" aria-label="OK-00: 94.0 %"' in text
    assert 'id="picture-1-rows"' in text
    assert "Pictures" not in text


def test_the_picture_stays_when_the_figures_change(
    line: Line, as_role: Callable[[str], Client]
) -> None:
    issue = raised(low_yield())
    YieldFigure.objects.filter(lot_step__lot__code="OK-00").update(
        final_passed=1, final_ratio=0.005
    )
    assert "OK-00: 94.0 %" in page_of(issue, as_role("Quality"))


def test_an_issue_without_pictures_shows_the_rest(
    line: Line, as_role: Callable[[str], Client]
) -> None:
    found = low_yield()
    text = page_of(
        raised(replace(found, evidence=replace(found.evidence, pictures=()))), as_role("Quality")
    )
    assert 'id="picture-1"' not in text
    assert "Lots behind the limit" in text


def test_likely_causes_stand_before_the_figures(
    line: Line, as_role: Callable[[str], Client]
) -> None:
    facts: dict[str, Json] = {"likely_causes": [{"lots": 3, "cause": "tester T2"}]}
    found = Finding("low", "Low", Evidence("yield", value=1, facts=facts))
    text = page_of(raised(found), as_role("Quality"))
    assert text.count("Likely causes") == 2  # its heading, and the name of its region
    assert text.index("tester T2") < text.index('id="evidence"')
