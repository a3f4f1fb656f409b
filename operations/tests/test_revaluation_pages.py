"""Revaluations: looked at, prepared, approved by another, given up."""

from __future__ import annotations

import csv
from collections.abc import Callable
from html import unescape
from io import StringIO
from itertools import count
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from finance.models import LedgerEntry, LedgerRead, Revaluation
from finance.tests import line, revaluing
from finance.tests.line import moved
from lots.models import Lot
from operations.tests.looking import seen_at
from operations.views import revaluations

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]
AsRole = Callable[[str], Client]
HERE = "/finance/revaluations"
ASKED = {
    "version": "STD-NEW", "effective_on": "2026-03-02", "reason": "new-standard",
    "evidence": "Agreement of March", "op_key": "k1",
}  # fmt: skip


@pytest.fixture
def stock(reference: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line, "numbers", count(1))
    revaluing.stock()


def text_of(answer: Any, status: int = 200) -> str:
    assert answer.status_code == status
    return unescape(answer.content.decode())


def prepared(client: Client) -> Revaluation:
    answer = client.post(f"{HERE}/new", {**ASKED, "go": "prepare"})
    assert answer.status_code == 302
    return Revaluation.objects.get()


def colleague(client: Client) -> None:
    user = User.objects.create_user("colleague", is_staff=True)
    user.groups.add(Group.objects.get(name="Finance"))
    client.force_login(user)


def test_it_is_shown_before_anything_is_kept(stock: None, as_role: AsRole) -> None:
    client = as_role("Finance")
    assert "No stock was revalued" in text_of(client.get(HERE))
    version = text_of(client.get("/finance/costs/versions/STD-NEW"))
    assert 'href="/finance/revaluations/new?version=STD-NEW"' in version
    assert "STD-NEW, from 2026-03-02" in text_of(client.get(f"{HERE}/new?version=STD-NEW"))
    shown = text_of(client.post(f"{HERE}/new", {**ASKED, "go": "try"}))
    for words in ("60,900.00", "54,810.00", "-6,090.00", "-10.00", "booked in period 2026-03"):
        assert words in shown
    assert "None. Whatever of this stock is not carried at standard is revalued" in shown
    assert not Revaluation.objects.exists()


def test_it_is_prepared_once_and_approved_by_another(stock: None, as_role: AsRole) -> None:
    client = as_role("Finance")
    document = prepared(client)
    assert client.post(f"{HERE}/new", {**ASKED, "go": "prepare"}).status_code == 302
    assert Revaluation.objects.count() == 1
    page = f"{HERE}/{document.pk}"
    assert "a colleague has to approve it" in text_of(client.get(page))
    assert "Ask a colleague" in text_of(client.post(f"{page}/approve"), 403)
    colleague(client)
    assert "Approve and post" in text_of(client.get(page))
    assert client.post(f"{page}/approve", seen_at(client, page)).status_code == 302
    document.refresh_from_db()
    shown = text_of(client.get(page))
    assert f"Transaction {document.transaction}" in shown
    assert "Approve and post" not in shown
    assert "-7,245.00" in text_of(client.get(HERE))
    assert document.transaction is not None
    lines = LedgerEntry.objects.filter(transaction=document.transaction)
    assert lines.count() == 6
    assert "Revaluation" in text_of(client.get(f"/finance/transactions/{document.transaction}"))
    assert "was approved before" in text_of(client.post(f"{page}/approve"), 422)
    assert "-4,060.00" in text_of(client.get("/finance/lines?lot=W1&kind=revaluation"))
    assert "revaluation" in text_of(client.get("/finance/variances"))


def test_one_that_waits_is_named_at_the_close(stock: None, as_role: AsRole) -> None:
    client = as_role("Finance")
    document = prepared(client)
    shown = text_of(client.get("/finance/periods/2026-03"))
    assert f'href="{HERE}/{document.pk}">{document}, of 2026-03-02<' in shown


def test_one_that_waits_is_given_up(stock: None, as_role: AsRole) -> None:
    client = as_role("Finance")
    document = prepared(client)
    assert client.post(f"{HERE}/{document.pk}/give-up", follow=True).status_code == 200
    assert not Revaluation.objects.exists()
    assert client.post(f"{HERE}/{document.pk}/give-up").status_code == 404


def test_a_lot_that_moved_since_is_told_on_its_page(stock: None, as_role: AsRole) -> None:
    client = as_role("Finance")
    page = f"{HERE}/{prepared(client).pk}"
    moved(Lot.objects.get(code="W1"), "CP2")
    shown = text_of(client.get(page))
    assert "cannot be approved as things stand" in shown
    assert "Approve and post" not in shown
    assert client.post(f"{page}/wonder").status_code == 404


def test_lots_left_out_say_why(stock: None, as_role: AsRole) -> None:
    moved(Lot.objects.get(code="W1"), "CP2")
    client = as_role("Finance")
    shown = text_of(client.post(f"{HERE}/new", {**ASKED, "go": "try"}))
    assert "Not posted: 1. They stay as they are carried" in shown
    document = prepared(client)
    rows = list(
        csv.DictReader(
            StringIO(client.get(f"{HERE}/{document.pk}.csv").content.decode("utf-8-sig"))
        )
    )
    assert [(row["lot"], row["difference"], row["left_out"]) for row in rows] == [
        ("M1", "-1155.000000", ""),
        ("W1", "-4060.000000", "not-posted"),
        ("W2", "-2030.000000", ""),
    ]
    assert LedgerRead.objects.filter(query__contains=f"revaluation-{document.pk}").exists()


def test_only_the_first_lots_are_shown(
    stock: None, as_role: AsRole, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(revaluations, "LOTS_SHOWN", 1)
    shown = text_of(as_role("Finance").post(f"{HERE}/new", {**ASKED, "go": "try"}))
    assert "And 2 more; the CSV" in shown
    assert "/lots/W1" not in shown


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"version": "STD-NOPE"}, "Standard costs"),
        ({"version": ""}, "Standard costs"),
        ({"effective_on": "soon"}, "Counts on"),
        ({"item": "NOPE"}, "Only item"),
        ({"stage": "nope"}, "Only stage"),
        ({"custodian": "nope"}, "Only with custodian"),
        ({"reason": ""}, "Reason"),
        ({"reason": "x" * 65}, "Reason"),
        ({"evidence": ""}, "What it rests on"),
    ],
)
def test_what_is_no_order_is_said_beside_its_field(
    stock: None, as_role: AsRole, asked: dict[str, str], words: str
) -> None:
    answer = as_role("Finance").post(f"{HERE}/new", {**ASKED, **asked, "go": "prepare"})
    assert f">{words}</a>: " in text_of(answer, 400)
    assert not Revaluation.objects.exists()


def test_what_the_books_refuse_is_said(stock: None, as_role: AsRole) -> None:
    client = as_role("Finance")
    for asked in ({"version": "STD-2024"}, {"stage": "rack"}, {"effective_on": "2199-01-01"}):
        for go in ("try", "prepare"):
            answer = client.post(f"{HERE}/new", {**ASKED, **asked, "go": go})
            assert "Nothing was changed" in text_of(answer, 422)


def test_others_do_not_see_them(stock: None, as_role: AsRole) -> None:
    assert as_role("Operator").get(HERE).status_code == 403
    auditor = as_role("Auditor")
    assert auditor.get(HERE).status_code == 200
    assert auditor.get(f"{HERE}/new").status_code == 403
