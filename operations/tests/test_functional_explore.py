"""Functional tests in the explorer: shares that fail, with intervals, and no histogram."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from lots.models import Lot
from operations.domain.fail_shares import FailShare
from operations.selectors.paretos import lot_paretos
from operations.tests.line import Line, step
from quality.domain.intervals import wilson
from testing.domain.records import ParameterRecord
from testing.domain.words import Outcome, ParameterKind
from testing.models import Parameter, ReadingSummary
from testing.services import record_run
from testing.tests.builders import Part, Session

AsRole = Callable[[str], Client]
NAN = float("nan")


def scanned(sha256: str, outcomes: list[Outcome], hours: float = 1) -> None:
    """One scan test of chips at two sites by turns."""
    lot = Lot.objects.get(code="AQ17")
    parts = [
        Part(part_id=f"{sha256}-{n}", site=1 + n % 2, value=NAN, outcome=outcome)
        for n, outcome in enumerate(outcomes)
    ]
    session = Session(
        lot_id=lot.pk,
        step_id=step(lot.route_version.route.code, "FT-HOT").pk,
        product_id=lot.product_id,
        parts=parts,
        sha256=sha256 * 64,
        hours=hours,
        parameters=(ParameterRecord(900, "scan", 0, ParameterKind.FUNCTIONAL),),
    )
    record_run(session.record())


@pytest.fixture
def test_id(line: Line, db: None) -> int:
    scanned("e", [Outcome.FAIL, Outcome.PASS, Outcome.PASS, Outcome.UNSET])
    scanned("f", [Outcome.FAIL, Outcome.FAIL, Outcome.PASS], hours=2)
    return Parameter.objects.get(text="scan", number=900).pk


def shares(body: str) -> Any:
    found = re.search(r'<script id="shares" type="application/json">(.*?)</script>', body)
    assert found is not None
    return json.loads(found.group(1))


def test_a_share_has_an_interval_and_none_without_a_verdict() -> None:
    one, none = FailShare("a", 10, 1), FailShare("b", 0, 0, 3)
    bounds = wilson(1, 10)
    assert bounds is not None
    assert (one.ratio, one.low, one.high) == (0.1, bounds.low, bounds.high)
    assert one.percent() == pytest.approx([10, 100 * bounds.low, 100 * bounds.high], abs=1e-5)
    assert (none.ratio, none.low, none.high, none.percent()) == (None, None, None, None)


def test_a_functional_test_is_found_and_drawn_by_run_and_site(
    test_id: int, as_role: AsRole
) -> None:
    client = as_role("Quality")
    assert f"?test={test_id}" in client.get("/explore?q=scan").content.decode()
    body = client.get(f"/explore?test={test_id}").content.decode()
    (side,) = shares(body)
    assert [(one["fails"], one["of"]) for one in side["runs"]] == [(1, 3), (2, 3)]
    assert [(one["label"], one["fails"], one["of"]) for one in side["sites"]] == [
        ("1", 2, 4),
        ("2", 1, 2),
    ]
    bounds = wilson(1, 3)
    assert bounds is not None
    assert side["runs"][0]["share"][1:] == pytest.approx(
        [100 * bounds.low, 100 * bounds.high], abs=1e-5
    )
    assert "no histogram" in body
    assert 'data-picture="histogram"' not in body


def test_two_selections_stand_side_by_side(test_id: int, as_role: AsRole) -> None:
    query = f"/explore?test={test_id}&site=1&site_b=2"
    both = shares(as_role("Quality").get(query).content.decode())
    assert [side["name"] for side in both] == ["A", "B"]
    assert [sum(one["of"] for one in side["runs"]) for side in both] == [4, 2]


def test_a_selection_without_insertions_says_so(test_id: int, as_role: AsRole) -> None:
    body = as_role("Quality").get(f"/explore?test={test_id}&lots=none").content.decode()
    assert "was not done in the selection" in body


def test_verdicts_are_taken_away_as_readings(test_id: int, as_role: AsRole) -> None:
    answer = as_role("Quality").get(f"/explore/readings.csv?test={test_id}")
    text = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    assert text.count('"fail"') == 3


def test_functional_tests_of_lots_are_told_by_share(test_id: int, as_role: AsRole) -> None:
    (one,) = lot_paretos(["AQ17"], "FT-HOT").functional
    assert (one.share.label, one.share.fails, one.share.judged) == ("900 scan", 3, 7)
    body = as_role("Quality").get("/explore?lots=AQ17&step=FT-HOT").content.decode()
    assert "Functional tests, by fails" in body
    assert f"?test={one.parameter_id}&amp;lots=AQ17" in body
    assert "Failing functional tests" in body


def test_how_often_it_was_tested_may_be_unknown(test_id: int, as_role: AsRole) -> None:
    ReadingSummary.objects.filter(parameter=test_id, run__source_sha256="e" * 64).update(
        executed_count=None
    )
    (one,) = lot_paretos(["AQ17"]).functional
    assert (one.share.fails, one.share.judged) == (3, 0)
    assert "not kept" in as_role("Quality").get("/explore?lots=AQ17").content.decode()
