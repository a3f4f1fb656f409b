"""Posting rules on the pages: what is in force, what a draft changes, approval by another."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from html import unescape

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from finance.models import LedgerRead, PostingRules, ScrapReason
from finance.services import post_events
from finance.tests.line import command, wafer_lot
from finance.tests.staging import drafted_rules, drafted_stage
from lots.domain.commands import Selection
from lots.models import Lot
from lots.services import scrap_units
from lots.tests.routing import released_route
from operations.tests.looking import seen_at
from operations.views import posting_rules

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]
AsRole = Callable[[str], Client]
HERE = "/finance/posting-rules"
DRAFT = f"{HERE}/versions/RULES-2"


def shown(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, answer.content.decode()[:2000]
    return unescape(answer.content.decode())


def draft() -> PostingRules:
    return drafted_rules(date(2030, 1, 1), handling=(True, False))


def test_the_list_says_what_is_in_force_and_what_waits(as_role: AsRole) -> None:
    client = as_role("Auditor")
    text = shown(client, HERE)
    assert "In force" in text
    assert "Somebody's approval is waited for" not in text
    draft()
    drafted_stage(released_route("A", {"code": "NEW"}).steps.get(), "wafer")
    text = shown(client, HERE)
    assert "1 stage of steps" in text
    assert f'href="{DRAFT}"' in text


def test_only_who_may_prepare_rules_is_offered_to(as_role: AsRole) -> None:
    assert "Prepare reasons" in shown(as_role("Finance"), HERE)
    assert "Prepare reasons" not in shown(as_role("Auditor"), HERE)


def test_a_draft_says_what_it_changes(as_role: AsRole) -> None:
    draft()
    client = as_role("Finance")
    text = shown(client, DRAFT)
    assert "What changes against RULES-1" in text
    assert "<td>Abnormal scrap</td><td><strong>Normal scrap</strong></td>" in text
    assert "Nothing came before them" in shown(client, f"{HERE}/versions/RULES-1")


def test_rules_that_there_are_not_are_not_found(as_role: AsRole) -> None:
    assert as_role("Finance").get(DRAFT).status_code == 404


def test_an_auditor_looks_and_does_not_approve(as_role: AsRole) -> None:
    draft()
    client = as_role("Auditor")
    assert f"{DRAFT}/approve" not in shown(client, DRAFT)
    assert client.post(f"{DRAFT}/approve").status_code == 403


def test_another_approves_what_they_saw(as_role: AsRole) -> None:
    rules = draft()
    client = as_role("Finance")
    seen = seen_at(client, DRAFT)
    ScrapReason.objects.filter(rules=rules, reason="monitor").update(is_normal=False)
    stale = client.post(f"{DRAFT}/approve", seen)
    assert (stale.status_code, b"It changed since you looked" in stale.content) == (412, True)
    assert client.post(f"{DRAFT}/approve", seen_at(client, DRAFT)).status_code == 302
    text = shown(client, DRAFT)
    assert "and are frozen" in text
    assert f"{DRAFT}/approve" not in text


def test_who_prepared_it_asks_a_colleague(as_role: AsRole) -> None:
    draft()
    ann = User.objects.get(username="ann")
    ann.groups.add(Group.objects.get(name="Finance"))
    client = Client()
    client.force_login(ann)
    text = shown(client, DRAFT)
    assert "a colleague has to approve them" in text
    assert "/admin/finance/postingrules/" in text
    refused = client.post(f"{DRAFT}/approve", {"seen": "x"})
    assert (refused.status_code, b"Ask a colleague" in refused.content) == (403, True)


def posted_scrap() -> Lot:
    at = datetime(2026, 3, 5, 12, tzinfo=UTC)
    lot = wafer_lot("W9", 3, at=at, step="BUMP")
    told = command(reason="handling", at=at)
    scrap_units(lot=lot, selection=Selection(wafers=(1,)), command=told)
    post_events()
    return lot


def test_a_draft_is_tried_on_a_period(as_role: AsRole) -> None:
    lot, client = posted_scrap(), as_role("Auditor")
    draft()
    assert "would be posted otherwise" not in shown(client, DRAFT)
    text = shown(client, f"{DRAFT}?period=2026-03")
    assert "1 event of 2026-03 has a reason that would mean something else; 1 would" in text
    assert "-19,500.00" in text.replace("\u2212", "-")
    assert f'href="/lots/{lot.code}"' in text
    assert "Nothing in it would be posted otherwise" in shown(client, f"{DRAFT}?period=2026-04")
    assert client.get(f"{DRAFT}?period=March").status_code == 400
    assert client.get(f"{DRAFT}?period=1999-01").status_code == 404


def test_events_beyond_the_list_are_counted(
    as_role: AsRole, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(posting_rules, "EVENTS_SHOWN", 0)
    posted_scrap()
    draft()
    assert "1 more are in the API" in shown(as_role("Finance"), f"{DRAFT}?period=2026-03")


def test_the_api_tells_rules_and_trials(as_role: AsRole) -> None:
    lot, client = posted_scrap(), as_role("Finance")
    draft()
    results = client.get("/api/v1/finance/posting-rules").json()["results"]
    assert [row["code"] for row in results] == ["RULES-2", "RULES-1"]
    handling = {"reason": "handling", "is_normal": True, "is_missing": False}
    assert handling in results[0]["reasons"]
    assert (results[0]["approved_by"], results[1]["approved_by"]) == (None, "finance-controller")
    address = "/api/v1/finance/posting-rules/RULES-2/trial"
    answer = client.get(f"{address}?period=2026-03")
    body = answer.json()
    assert [(row["account"], row["difference"]["amount"]) for row in body["buckets"]] == [
        ("abnormal-scrap", "-19500.000000"),
        ("normal-scrap", "19500.000000"),
    ]
    assert [(row["lot"], row["effective_on"]) for row in body["events"]] == [
        (lot.code, "2026-03-05")
    ]
    assert LedgerRead.objects.latest("id").query == "posting-rules/RULES-2/trial?period=2026-03"
    assert client.get(address).status_code == 400
    assert client.get(f"{address}?period=1999-01").status_code == 404


def test_the_api_tells_the_table(as_role: AsRole) -> None:
    rows = as_role("Auditor").get("/api/v1/finance/posting-table").json()["results"]
    ship = next(row for row in rows if row["events"] == ["ship"])
    assert (ship["debits"], ship["kind"]) == (["in-transit"], "transfer")


def test_the_table_names_accounts_by_event(as_role: AsRole) -> None:
    text = shown(as_role("Auditor"), "/finance/posting-table")
    assert "Rejects beyond the standard yield, or fewer" in text
    assert text.count("<tr") > 30


def test_a_draft_is_given_up_by_whoever_may_prepare(as_role: AsRole) -> None:
    draft()
    client = as_role("Finance")
    assert "If nobody will approve it" in shown(client, DRAFT)
    assert client.post(f"{DRAFT}/give-up").headers["Location"] == HERE
    assert not PostingRules.objects.filter(code="RULES-2").exists()
    assert client.post(f"{HERE}/versions/RULES-1/give-up").status_code == 422
