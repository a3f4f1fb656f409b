"""Invoices: matched line by line, prepared, approved by another, given up; and what is open."""

from __future__ import annotations

from collections.abc import Callable
from html import unescape
from itertools import count
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from finance.domain.words import CloseCheck
from finance.models import Invoice, LedgerEntry, Period
from finance.services import post_events
from finance.tests import line
from finance.tests.line import chip_lot, command, shipped, wafer_lot
from lots.models import Event, Lot
from lots.services import correct_event
from operations.selectors.periods import checklist
from operations.tests.looking import seen_at

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]
AsRole = Callable[[str], Client]
HERE = "/finance/invoices"
OPEN = "/finance/received-not-invoiced"
ASKED = {
    "supplier": "TSMC", "number": "4711", "kind": "invoice", "invoiced_on": "2026-03-02",
    "currency": "usd", "evidence": "order 12", "lines": "W1, 2, 20000.50", "op_key": "k1",
}  # fmt: skip


@pytest.fixture
def stock(reference: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line, "numbers", count(1))
    line.kept_line("stock to invoice", bought)


def bought() -> None:
    shipped(wafer_lot("W1", 2, step="WAT"), "OSAT1", "RCV")
    chip_lot("M1", 2)
    post_events()


def text_of(answer: Any, status: int = 200) -> str:
    text = unescape(answer.content.decode())
    assert answer.status_code == status, text
    return text


def looked_at(client: Client, status: int = 200, **more: Any) -> str:
    return text_of(client.post(f"{HERE}/new", {**ASKED, **more, "go": "try"}), status)


def prepared(client: Client, **more: str) -> Invoice:
    answer = client.post(f"{HERE}/new", {**ASKED, **more, "go": "prepare"})
    assert answer.status_code == 302, answer.content
    return Invoice.objects.latest("id")


def approved(client: Client, document: Invoice) -> None:
    """By a colleague, who stays signed in."""
    user, _ = User.objects.get_or_create(username="colleague", is_staff=True)
    user.groups.add(Group.objects.get(name="Finance"))
    client.force_login(user)
    page = f"{HERE}/{document.pk}"
    assert client.post(f"{page}/approve", seen_at(client, page)).status_code == 302


def test_each_line_is_shown_before_anything_is_kept(stock: None, as_role: AsRole) -> None:
    client = as_role("Finance")
    assert "No invoice was entered" in text_of(client.get(HERE))
    assert "W1, " in text_of(client.get(f"{HERE}/new?lot=W1&supplier=TSMC"))
    shown = looked_at(client)
    for words in ("40,001.00", "39,000.00", "1,001.00", "booked in period 2026-03", "Prepare it"):
        assert words in shown
    assert not Invoice.objects.exists()


def test_lines_that_do_not_fit_are_named_and_stop_it(stock: None, as_role: AsRole) -> None:
    client = as_role("Finance")
    shown = looked_at(client, lines="W1, 2, 1\nM1, 1, 1\nW7, 1, 1")
    assert "2 of 3 lines do not fit" in shown
    assert "M1: Nothing of lot M1 was received of this supplier" in shown
    assert "Prepare it" not in shown
    both = {**ASKED, "lines": "W1, 3, 1", "go": "prepare"}
    assert "2 are left and not 3" in text_of(client.post(f"{HERE}/new", both), 422)
    assert not Invoice.objects.exists()


def test_lines_come_from_a_file_and_can_be_mended(stock: None, as_role: AsRole) -> None:
    client = as_role("Finance")
    table = "lot,item,quantity,unit_price\nW1,TRN3-DIE,2,20000.50\n"
    shown = looked_at(client, lines="", upload=SimpleUploadedFile("a.csv", table.encode()))
    assert "1,001.00" in shown
    assert "W1,TRN3-DIE,2,20000.50" in shown


def test_it_is_prepared_once_and_approved_by_another(stock: None, as_role: AsRole) -> None:
    client = as_role("Finance")
    document = prepared(client)
    assert client.post(f"{HERE}/new", {**ASKED, "go": "prepare"}).status_code == 302
    assert Invoice.objects.count() == 1
    page = f"{HERE}/{document.pk}"
    assert "a colleague has to approve it" in text_of(client.get(page))
    assert "Ask a colleague" in text_of(client.post(f"{page}/approve"), 403)
    approved(client, document)
    document.refresh_from_db()
    shown = text_of(client.get(page))
    assert f"Transaction {document.transaction}" in shown
    assert "More is invoiced" not in shown
    listed = text_of(client.get(HERE))
    assert "Posted" in listed
    assert "1,001.00" in listed
    lines = LedgerEntry.objects.filter(op_key__startswith=f"invoice:{document.pk}:")
    assert sorted(line.account for line in lines) == ["supplier", "variance"]
    assert "Invoice 4711" in text_of(client.get(f"/finance/transactions/{document.transaction}"))
    assert "was approved before" in text_of(client.post(f"{page}/approve"), 422)


def test_one_that_waits_is_given_up(stock: None, as_role: AsRole) -> None:
    client = as_role("Finance")
    document = prepared(client)
    assert client.post(f"{HERE}/{document.pk}/give-up", follow=True).status_code == 200
    assert not Invoice.objects.exists()
    assert client.post(f"{HERE}/{document.pk}/give-up").status_code == 404


def test_one_that_waits_is_named_on_the_checklist(stock: None, as_role: AsRole) -> None:
    document = prepared(as_role("Finance"))
    lines = {line.checked.check: line for line in checklist(Period.objects.get(code="2026-03"))}
    [point] = lines[CloseCheck.UNAPPROVED_DOCUMENTS].points
    assert point.address == f"{HERE}/{document.pk}"
    assert "Invoice 4711" in point.text


def test_units_that_never_came_are_told_on_the_pages(stock: None, as_role: AsRole) -> None:
    client = as_role("Finance")
    document = prepared(client)
    approved(client, document)
    arrival = Event.objects.filter(lot__code="W1").latest("seq")
    correct_event(event=arrival, command=command(reason="not arrived"))
    post_events()
    assert "More is invoiced than came" in text_of(client.get(f"{HERE}/{document.pk}"))
    assert "Over-invoiced" in text_of(client.get(OPEN))
    shown = text_of(client.get("/finance/periods/2026-03"))
    assert "Lots of which more is invoiced than was received: 1" in shown
    assert f"{OPEN}?lot=W1" in shown


def test_what_is_open_is_shown_with_its_proof(stock: None, as_role: AsRole) -> None:
    client = as_role("Finance")
    shown = text_of(client.get(f"{OPEN}?supplier=TSMC&as_of_date=2026-04-01"))
    for words in ("39,000.00", "check 0.00", "W1", f"{HERE}/new?supplier=TSMC&lot=W1"):
        assert words in shown
    assert "lot=M1" not in text_of(client.get(f"{OPEN}?supplier=TSMC"))
    answer = client.get(f"{OPEN}.csv?item=TRN3-DIE&as_of_date=2026-04-01")
    assert answer.content.decode().splitlines()[1].startswith("TSMC,W1,TRN3-DIE,wafer,wafer,2026-0")
    assert "Everything that came and fits" in text_of(client.get(f"{OPEN}?lot=NONE"))


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"lines": "W1"}, "Row 1: It has 1 cells"),
        ({"lines": "W1,1,1\nW1,x,1"}, "Row 2: quantity"),
        ({"lines": " "}, "Write a line at least"),
        ({"lines": 'W1,"1'}, "no CSV"),
        ({"supplier": "NOBODY"}, "Select a valid choice"),
        ({"kind": "gift"}, "Select a valid choice"),
        ({"invoiced_on": "soon"}, "Enter a valid date"),
        ({"number": ""}, "required"),
    ],
)
def test_what_is_no_order_is_said_beside_its_field(
    as_role: AsRole, asked: dict[str, str], words: str
) -> None:
    answer = as_role("Finance").post(f"{HERE}/new", {**ASKED, **asked, "go": "prepare"})
    assert words in text_of(answer, 400)
    assert not Invoice.objects.exists()


def test_a_file_that_is_no_text_is_said(as_role: AsRole) -> None:
    upload = SimpleUploadedFile("a.csv", b"\xff\xfe\x00")
    assert "no UTF-8 text" in looked_at(as_role("Finance"), 400, lines="", upload=upload)


def test_what_the_books_refuse_is_said(stock: None, as_role: AsRole) -> None:
    client = as_role("Finance")
    assert "The books are in USD" in looked_at(client, 422, currency="EUR")
    prepared(client)
    assert "used the number before" in looked_at(client, 409)


def test_others_do_not_see_them(stock: None, as_role: AsRole) -> None:
    client = as_role("Operator")
    assert client.get(HERE).status_code == 403
    assert client.get(OPEN).status_code == 403


def test_work_is_invoiced_beside_goods(stock: None, as_role: AsRole) -> None:
    client = as_role("Finance")
    line.moved(Lot.objects.get(code="W1"), "BUMP", "CP1")
    post_events()
    page = text_of(client.get(f"{OPEN}?of=work"))
    for words in ("Worked, not invoiced", "check 0.00", "1,600.00", "lot=W1&work=bumped-wafer"):
        assert words in page
    assert "Goods received" in page
    sent: dict[str, Any] = {"supplier": "OSAT1", "lines": "W1, 2, 850,, bumped-wafer"}
    shown = looked_at(client, **sent)
    assert "100.00" in shown
    assert ">Work<" in shown
    approved(client, prepared(client, **sent))
    assert "Everything that came and fits" in text_of(client.get(f"{OPEN}?of=work"))
    assert client.get(f"{OPEN}.csv?of=work")["Content-Disposition"].count("worked-not-invoiced")
    new = text_of(client.get(f"{HERE}/new?lot=W1&supplier=OSAT1&work=bumped-wafer"))
    assert "W1, , , , bumped-wafer" in new
    assert client.get(f"{OPEN}?of=presents").status_code == 400
