"""Retest policies side by side, and the rules behind them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from lots.models import Product
from operations.selectors.retest import rule_lines
from operations.tests.line import Line
from testing.models import LotStep, RetestRule

pytestmark = pytest.mark.django_db


def text_of(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def make_rule(preparer: User, days_ago: float, approver: User | None = None) -> RetestRule:
    now = timezone.now()
    return RetestRule.objects.create(
        product=Product.objects.get(code="TRN3-DIE"), step_code="CP1", policy="best-v1",
        valid_from=now - timedelta(days=days_ago), reason="probe marks", prepared_by=preparer,
        approved_by=approver, approved_at=now if approver else None,
    )  # fmt: skip


def test_each_policy_is_shown_before_anyone_changes_it(
    line: Line, as_role: Callable[[str], Client]
) -> None:
    client = as_role("Auditor")
    text = text_of(client, f"/lots/{line.wafer_lot.code}/retest?step=CP1")
    for words in ("last-v1", "best-v1", "flagged-v1", "No rule names", "Nothing was changed"):
        assert words in text
    assert "Change and restate" not in text
    assert f"/lots/{line.wafer_lot.code}/retest?step=CP1" in text_of(
        client, f"/lots/{line.wafer_lot.code}"
    )


def test_a_step_without_tests_is_said(line: Line, as_role: Callable[[str], Client]) -> None:
    answer = as_role("Auditor").get(f"/lots/{line.wafer_lot.code}/retest?step=FT-HOT")
    assert answer.status_code == 404


def test_changing_the_policy_leads_to_the_changed_figures(
    line: Line, as_role: Callable[[str], Client]
) -> None:
    client, address = as_role("Test engineer"), f"/lots/{line.wafer_lot.code}/retest?step=CP1"
    answer = client.post(address, {"policy": "best-v1", "reason": "probe marks"}, follow=True)
    text = answer.content.decode()
    assert "Restated under best-v1" in text
    assert "probe marks" in text
    assert LotStep.objects.get(lot=line.wafer_lot, step__code="CP1").policy == "best-v1"
    assert client.post(address, {"policy": "best-v1", "reason": "again"}).status_code == 422
    assert "This field is required" in client.post(address, {}).content.decode()


def test_the_rule_in_force_is_named_beside_the_policies(
    line: Line, as_role: Callable[[str], Client]
) -> None:
    make_rule(User.objects.create_user("ann"), 1, User.objects.create_user("bob"))
    text = text_of(as_role("Auditor"), f"/lots/{line.wafer_lot.code}/retest?step=CP1")
    assert "approved by bob" in text


def test_rules_are_prepared_by_one_and_approved_by_another(
    line: Line, as_role: Callable[[str], Client]
) -> None:
    client = as_role("Test engineer")
    said = {
        "product": Product.objects.get(code="TRN3").pk, "step_code": "FT-HOT",
        "policy": "best-v1", "reason": "contact fails",
    }  # fmt: skip
    answer = client.post("/retest-rules", said, follow=True)
    assert "Nothing follows it until another person approves it" in answer.content.decode()
    rule = RetestRule.objects.get()
    assert client.post(f"/retest-rules/{rule.pk}/approve").status_code == 403
    text = as_role("Quality").post(f"/retest-rules/{rule.pk}/approve", follow=True).content.decode()
    assert "In force" in text


def test_a_draft_is_withdrawn(line: Line, as_role: Callable[[str], Client]) -> None:
    rule = make_rule(User.objects.create_user("ann"), 1)
    client = as_role("Test engineer")
    assert client.post(f"/retest-rules/{rule.pk}/forget").status_code == 404
    client.post(f"/retest-rules/{rule.pk}/withdraw")
    assert not RetestRule.objects.exists()


def test_what_is_wrong_with_a_rule_is_said(line: Line, as_role: Callable[[str], Client]) -> None:
    client = as_role("Test engineer")
    said = {
        "product": Product.objects.get(code="TRN3").pk, "step_code": "NONE",
        "policy": "best-v1", "reason": "contact fails",
    }  # fmt: skip
    assert client.post("/retest-rules", said).status_code == 404
    assert "This field is required" in client.post("/retest-rules", {}).content.decode()


def test_an_auditor_looks_and_changes_nothing(line: Line, as_role: Callable[[str], Client]) -> None:
    client = as_role("Auditor")
    assert "No rule yet" in text_of(client, "/retest-rules")
    assert client.post("/retest-rules", {}).status_code == 403
    assert client.post(f"/lots/{line.wafer_lot.code}/retest?step=CP1", {}).status_code == 403


def test_each_rule_says_whether_it_counts(line: Line) -> None:
    ann, bob = User.objects.create_user("ann"), User.objects.create_user("bob")
    for days_ago in (9, 5, -3):
        make_rule(ann, days_ago, bob)
    make_rule(ann, 2)
    states = [one.state for one in rule_lines(timezone.now())]
    assert states == ["coming", "draft", "in-force", "superseded"]
