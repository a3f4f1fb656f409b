from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from finance.models import Invoice, LedgerEntry
from finance.services import post_events
from finance.tests.line import chip_lot, kept_line, shipped, wafer_lot
from finance.tests.readers import client_of, seen_at

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stock")]

ADDRESS = "/api/v1/finance/invoices"
ORDER = {
    "supplier": "TSMC",
    "number": "4711",
    "invoiced_on": "2026-03-02",
    "currency": "USD",
    "evidence": "order 12",
    "lines": [{"lot": "W1", "quantity": 2, "unit_price": "20000"}],
}


@pytest.fixture
def stock(first_day: None, books: None) -> None:
    kept_line("stock to invoice", bought)


def bought() -> None:
    shipped(wafer_lot("W1", 2, step="WAT"), "OSAT1", "RCV")
    chip_lot("M1", 2)
    post_events()


def person(name: str, *rights: str) -> Client:
    user = User.objects.create_user(name)
    user.user_permissions.set(Permission.objects.filter(codename__in=rights))
    return client_of(user)


@pytest.fixture
def ann(books: None) -> Client:
    return person("ann", "add_invoice", "view_invoice", "approve_invoice")


@pytest.fixture
def bob(books: None) -> Client:
    return person("bob", "view_invoice", "approve_invoice")


def prepare(client: Client, order: dict[str, Any] = ORDER, key: str = "one") -> Any:
    return client.post(
        ADDRESS, order, content_type="application/json", headers={"Idempotency-Key": key}
    )


def test_one_prepares_and_another_approves(ann: Client, bob: Client) -> None:
    made = prepare(ann)
    assert made.status_code == 201, made.content
    [line] = made.json()["lines"]
    assert (line["received_quantity"], line["before_quantity"], line["quantity"]) == ("2", "0", "2")
    assert (line["standard_amount"], line["difference"]) == ("39000.000000", "1000.000000")
    here = f"{ADDRESS}/{made.json()['id']}"
    legs = bob.get(f"{here}/preview").json()["legs"]
    assert [leg["amount"] for leg in legs] == ["1000.000000", "-1000.000000"]
    assert ann.post(f"{here}/approve").status_code == 403
    assert bob.post(f"{here}/approve").status_code == 400
    seen = seen_at(bob, f"{here}/preview")
    assert bob.post(f"{here}/approve", headers=seen).json()["approved_by"] == "bob"
    assert bob.post(f"{here}/approve").status_code == 422
    assert LedgerEntry.objects.filter(kind="purchase-price-variance").count() == 2


def test_a_credit_note_takes_back(ann: Client, bob: Client) -> None:
    here = f"{ADDRESS}/{prepare(ann).json()['id']}"
    bob.post(f"{here}/approve", headers=seen_at(bob, f"{here}/preview"))
    credit = {**ORDER, "kind": "credit", "number": "C1"}
    [line] = prepare(ann, credit, "two").json()["lines"]
    assert (line["quantity"], line["amount"]) == ("-2", "-40000.000000")


def test_the_same_key_twice_makes_one(ann: Client) -> None:
    assert prepare(ann).json() == prepare(ann).json()
    assert prepare(ann, {**ORDER, "number": "4712"}).status_code == 409
    assert prepare(ann, key="two").status_code == 409
    assert Invoice.objects.count() == 1


@pytest.mark.parametrize(
    "change",
    [
        {"lines": []},
        {"lines": [{"lot": "W1", "quantity": 2}]},
        {"lines": [{"lot": "W1", "quantity": 0, "unit_price": "1"}]},
        {"lines": [{"lot": "W1", "quantity": 10**12, "unit_price": "1"}]},
        {"lines": [{"lot": "W1", "quantity": 2, "unit_price": "-1"}]},
        {"lines": [{"lot": "W1", "quantity": 2, "unit_price": "0.0000001"}]},
        {"lines": [{"lot": "W1", "quantity": 2, "unit_price": "1", "price": 1}]},
        {"kind": "gift"},
        {"number": ""},
        {"number": "x" * 51},
        {"evidence": ""},
        {"currency": "DOLLAR"},
        {"invoiced_on": "soon"},
        {"more": 1},
    ],
)
def test_a_body_that_says_something_else_is_refused(ann: Client, change: dict[str, Any]) -> None:
    assert prepare(ann, {**ORDER, **change}).status_code == 400
    assert not Invoice.objects.exists()


@pytest.mark.parametrize(
    ("change", "status"),
    [({"currency": "EUR"}, 422), ({"supplier": "MRVL"}, 422), ({"supplier": "NOBODY"}, 404)],
)
def test_what_the_books_refuse_is_a_problem(
    ann: Client, change: dict[str, Any], status: int
) -> None:
    answer = prepare(ann, {**ORDER, **change})
    assert answer.status_code == status
    assert answer["Content-Type"].startswith("application/problem+json")
    assert answer.json()["detail"]


def test_they_are_listed_by_supplier(ann: Client) -> None:
    prepare(ann)
    [listed] = ann.get(ADDRESS).json()["results"]
    assert (listed["number"], listed["lot_count"]) == ("4711", 1)
    assert (listed["amount"], listed["difference"]) == ("40000.000000", "1000.000000")
    assert ann.get(f"{ADDRESS}?supplier=MRVL").json()["results"] == []
    assert ann.get(f"{ADDRESS}?vendor=MRVL").status_code == 400


def test_one_that_waits_is_given_up(ann: Client) -> None:
    here = f"{ADDRESS}/{prepare(ann).json()['id']}"
    assert ann.delete(here).status_code == 204
    assert ann.get(here).status_code == 404


def test_who_only_looks_changes_nothing(ann: Client) -> None:
    here = f"{ADDRESS}/{prepare(ann).json()['id']}"
    auditor = person("eve", "view_invoice")
    assert auditor.get(here).status_code == 200
    answers = [prepare(auditor, key="two"), auditor.post(f"{here}/approve"), auditor.delete(here)]
    assert [answer.status_code for answer in answers] == [403, 403, 403]
