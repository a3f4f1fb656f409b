"""Write-downs: looked at, prepared, approved by another, given up."""

from __future__ import annotations

from collections.abc import Callable
from html import unescape
from itertools import count
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from finance.models import LedgerEntry, Period, WriteDown
from finance.services import post_events, soft_close_period
from finance.tests import line
from finance.tests.line import moved, shipped, wafer_lot
from operations.forms.write_downs import WriteDownForm
from operations.tests.looking import seen_at, seen_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]
AsRole = Callable[[str], Client]
HERE = "/finance/write-downs"
ASKED = {
    "effective_on": "2026-03-02", "reason": "obsolete", "evidence": "Offer of March",
    "how": "to", "lots": "W1 12,345.67\n", "op_key": "k1",
}  # fmt: skip


@pytest.fixture
def stock(reference: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line, "numbers", count(1))
    line.kept_line("stock to write down", bumped)


def bumped() -> None:
    moved(shipped(wafer_lot("W1", 2, step="WAT"), "OSAT1", "RCV"), "BUMP", "CP1")
    post_events()


def text_of(answer: Any, status: int = 200) -> str:
    assert answer.status_code == status
    return unescape(answer.content.decode())


def prepared(client: Client) -> WriteDown:
    answer = client.post(f"{HERE}/new", {**ASKED, "go": "prepare"})
    assert answer.status_code == 302
    return WriteDown.objects.get()


def colleague(client: Client) -> None:
    user = User.objects.create_user("colleague", is_staff=True)
    user.groups.add(Group.objects.get(name="Finance"))
    client.force_login(user)


def test_it_is_shown_before_anything_is_kept(stock: None, as_role: AsRole) -> None:
    client = as_role("Finance")
    assert "No stock was written down" in text_of(client.get(HERE))
    assert "W1 " in text_of(client.get(f"{HERE}/new?lot=W1"))
    shown = text_of(client.post(f"{HERE}/new", {**ASKED, "go": "try"}))
    for words in ("40,600.00", "28,254.33", "12,345.67", "booked in period 2026-03"):
        assert words in shown
    assert not WriteDown.objects.exists()


def test_it_is_prepared_once_and_approved_by_another(stock: None, as_role: AsRole) -> None:
    client = as_role("Finance")
    document = prepared(client)
    assert client.post(f"{HERE}/new", {**ASKED, "go": "prepare"}).status_code == 302
    assert WriteDown.objects.count() == 1
    page = f"{HERE}/{document.pk}"
    assert "a colleague has to approve it" in text_of(client.get(page))
    assert "Ask a colleague" in text_of(client.post(f"{page}/approve"), 403)
    colleague(client)
    assert "Approve and post" in text_of(client.get(page))
    assert client.post(f"{page}/approve", seen_at(client, page)).status_code == 302
    document.refresh_from_db()
    assert document.transaction is not None
    assert f"Transaction {document.transaction}" in text_of(client.get(page))
    assert "Posted" in text_of(client.get(HERE))
    lines = LedgerEntry.objects.filter(transaction=document.transaction)
    assert sorted(line.account for line in lines) == ["inventory", "write-down"]
    assert "Obsolete" in text_of(client.get(f"/finance/transactions/{document.transaction}"))
    assert "was approved before" in text_of(client.post(f"{page}/approve"), 422)


def test_what_would_be_posted_otherwise_by_now_is_shown_again(stock: None, as_role: AsRole) -> None:
    client = as_role("Finance")
    page = f"{HERE}/{prepared(client).pk}"
    colleague(client)
    seen = seen_at(client, page)
    soft_close_period(period=Period.objects.get(code="2026-03"), preparer=User.objects.all()[0])
    shown = text_of(client.post(f"{page}/approve", seen), 412)
    assert "It changed since you looked at it" in shown
    assert "booked in period 2026-04" in shown
    assert client.post(f"{page}/approve", seen_in(shown)).status_code == 302


def test_one_that_waits_is_given_up(stock: None, as_role: AsRole) -> None:
    client = as_role("Finance")
    document = prepared(client)
    assert client.post(f"{HERE}/{document.pk}/give-up", follow=True).status_code == 200
    assert not WriteDown.objects.exists()
    assert client.post(f"{HERE}/{document.pk}/give-up").status_code == 404


def test_a_lot_that_moved_since_is_told_on_its_page(stock: None, as_role: AsRole) -> None:
    client = as_role("Finance")
    document = prepared(client)
    wafer_lot("W2", 1, step="WAT")
    page = f"{HERE}/{document.pk}"
    assert "What its approval would post" in text_of(client.get(page))
    moved(document.lines.get().lot, "CP2")
    shown = text_of(client.get(page))
    assert "cannot be approved as things stand" in shown
    assert "Approve and post" not in shown
    assert client.post(f"{page}/wonder").status_code == 404


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"lots": "W1"}, "Line 1 is “W1”"),
        ({"lots": "W1 12\nW1 x"}, "Line 2: x is no amount"),
        ({"lots": "W1 -5"}, "no amount"),
        ({"lots": "W1 1e99"}, "no amount"),
        ({"lots": "W1 0.0000001"}, "no amount"),
        ({"lots": "\n".join(f"L{n} 1" for n in range(501))}, "Take 500 at most"),
        ({"effective_on": "soon"}, "Counts on"),
    ],
)
def test_what_is_no_order_is_said_beside_its_field(
    as_role: AsRole, asked: dict[str, str], words: str
) -> None:
    answer = as_role("Finance").post(f"{HERE}/new", {**ASKED, **asked, "go": "prepare"})
    assert words in text_of(answer, 400)
    assert not WriteDown.objects.exists()


def test_what_the_books_refuse_is_said(stock: None, as_role: AsRole) -> None:
    client = as_role("Finance")
    for asked, status in (({"lots": "NOPE 1"}, 404), ({"lots": "W1 40600"}, 422)):
        answer = client.post(f"{HERE}/new", {**ASKED, **asked, "go": "try"})
        assert "Nothing was changed" in text_of(answer, status)


def test_numbers_with_commas_are_read() -> None:
    form = WriteDownForm({**ASKED, "how": "by", "lots": " W1   1,000.50 \n\n W2 7"})
    assert form.is_valid()
    assert [(one.lot, str(one.by), one.to) for one in form.order().lots] == [
        ("W1", "1000.50", None), ("W2", "7", None),
    ]  # fmt: skip


def test_others_do_not_see_them(stock: None, as_role: AsRole) -> None:
    assert as_role("Operator").get(HERE).status_code == 403
