"""Limits are prepared on a page, looked at on history, and approved by another person."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from lots.models import Lot
from operations.tests.line import Line
from quality.models import LimitVersion
from quality.tests.building import Figures, bare_lot, ordinary_lots, raised

pytestmark = pytest.mark.django_db

ASKED = {
    "product": "TRN3", "step_code": "FT-HOT", "kind": "syl", "subject": "", "lots_max": 12,
    "units_min": 20, "share_min": 0.75, "count_min": 1,
}  # fmt: skip


@pytest.fixture
def history(line: Line) -> None:
    ordinary_lots()
    Figures(passed=150, days=10, bins={"5": 50}).of(bare_lot("LOW"))


def sent(client: Client, address: str, **more: Any) -> str:
    return client.post(address, {**ASKED, **more}, follow=True).content.decode()


@pytest.mark.usefixtures("history")
def test_history_is_shown_before_anything_is_kept(as_role: Callable[[str], Client]) -> None:
    client = as_role("Test engineer")
    text = sent(client, "/limits/new", go="show")
    assert "What history proposes" in text
    assert "prediction-3s-v1" in text
    assert "Would have held" in text
    assert "/lots/LOW" in text
    assert not LimitVersion.objects.exists()


@pytest.mark.usefixtures("history")
def test_a_lot_with_an_open_issue_is_marked_until_it_is_left_out(
    as_role: Callable[[str], Client],
) -> None:
    low = Lot.objects.get(code="LOW")
    issue = raised("cause of LOW", lot_id=low.pk, step_id=low.step_id)
    client = as_role("Test engineer")
    text = sent(client, "/limits/new", go="show")
    assert "1 of the lots that count has an open issue at this step" in text
    assert f'href="/issues/{issue.number}"' in text
    text = sent(client, "/limits/new", go="show", **{"out-LOW": "oven fault"})
    assert "has an open issue" not in text


@pytest.mark.usefixtures("history")
def test_a_limit_is_prepared_by_one_and_approved_by_another(
    as_role: Callable[[str], Client],
) -> None:
    client = as_role("Test engineer")
    said = {"reason": "first year", "out-LOW": "oven fault"}
    text = sent(client, "/limits/new", **said)
    assert "Nothing follows it until another person approves it" in text
    assert "oven fault" in text
    assert "Would have held 1 of the last" in text
    version = LimitVersion.objects.get()
    here = f"/limits/{version.pk}"
    assert client.post(f"{here}/approve").status_code == 403
    client = as_role("Quality")
    assert "In force" in client.post(f"{here}/approve", follow=True).content.decode()
    assert client.post(f"{here}/approve").status_code == 422
    text = client.post(f"{here}/withdraw", {"reason": "new card"}, follow=True).content.decode()
    assert "new card" in text
    assert "Withdrawn" in client.get("/limits").content.decode()


@pytest.mark.usefixtures("history")
@pytest.mark.parametrize(
    ("wrong", "status", "words"),
    [
        ({"step_code": "NONE"}, 404, "No route has a step NONE"),
        ({"kind": "sbl", "subject": "x"}, 400, "by its number"),
        ({"kind": "spec"}, 400, "names its lowest ratio"),
        ({"subject": "yield"}, 400, "A yield is one of"),
        ({"kind": "static-pat", "subject": "99"}, 404, "No test 99"),
        ({"out-NONE": "lost"}, 422, "not among the lots"),
        ({"units_min": 5000}, 422, "give no limit"),
    ],
)
def test_what_is_wrong_is_said(
    as_role: Callable[[str], Client], wrong: dict[str, Any], status: int, words: str
) -> None:
    answer = as_role("Test engineer").post("/limits/new", {**ASKED, "reason": "why", **wrong})
    assert answer.status_code == status
    assert words in answer.content.decode()


@pytest.mark.usefixtures("history")
def test_a_missing_answer_is_asked_for(as_role: Callable[[str], Client]) -> None:
    client = as_role("Test engineer")
    assert "This field is required" in sent(client, "/limits/new")
    assert "These lots give no limit" in sent(client, "/limits/new", go="show", units_min=5000)


def test_limits_on_units_show_their_outliers(line: Line, as_role: Callable[[str], Client]) -> None:
    client = as_role("Test engineer")
    asked = {"product": "TRN3-DIE", "step_code": "CP1", "units_min": 1, "reason": "ink"}
    text = sent(client, "/limits/new", **asked, kind="gdbn", share_min=0.1)
    assert "Outliers" in text
    assert line.wafer_lot.code in text
    text = sent(client, "/limits/new", go="show", **asked, kind="dynamic-pat", subject="no number")
    assert "names a test by its number" in text


def test_an_auditor_looks_and_changes_nothing(line: Line, as_role: Callable[[str], Client]) -> None:
    client = as_role("Auditor")
    assert "No limit was prepared yet" in client.get("/limits").content.decode()
    assert client.get("/limits/new").status_code == 403
    assert client.get("/limits/1").status_code == 404
    assert client.post("/limits/1/approve").status_code == 403
