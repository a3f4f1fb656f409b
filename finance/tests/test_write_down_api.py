from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from finance.models import LedgerEntry, Period, WriteDown, WriteDownLine
from finance.services import post_events, soft_close_period
from finance.tests.line import moved, shipped, wafer_lot
from finance.tests.readers import client_of, seen_at

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stock")]

ADDRESS = "/api/v1/finance/write-downs"
ORDER = {
    "effective_on": "2026-03-02",
    "reason": "obsolete",
    "evidence": "Price list of March",
    "lots": [{"lot": "W1", "to": "40000"}],
}


@pytest.fixture
def stock(first_day: None, books: None) -> None:
    moved(shipped(wafer_lot("W1", 2, step="WAT"), "OSAT1", "RCV"), "BUMP", "CP1")
    post_events()


def person(name: str, *rights: str) -> Client:
    user = User.objects.create_user(name)
    user.user_permissions.set(Permission.objects.filter(codename__in=rights))
    return client_of(user)


@pytest.fixture
def ann(books: None) -> Client:
    return person("ann", "add_writedown", "view_writedown", "approve_writedown")


@pytest.fixture
def bob(books: None) -> Client:
    return person("bob", "view_writedown", "approve_writedown")


def prepare(client: Client, order: dict[str, Any] = ORDER, key: str = "one") -> Any:
    return client.post(
        ADDRESS, order, content_type="application/json", headers={"Idempotency-Key": key}
    )


def test_one_prepares_and_another_approves(ann: Client, bob: Client) -> None:
    made = prepare(ann)
    assert made.status_code == 201, made.content
    here = f"{ADDRESS}/{made.json()['id']}"
    legs = bob.get(f"{here}/preview").json()["legs"]
    assert [leg["amount"] for leg in legs] == ["-600.000000", "600.000000"]
    assert ann.post(f"{here}/approve").status_code == 403
    assert bob.post(f"{here}/approve").status_code == 400
    seen = seen_at(bob, f"{here}/preview")
    assert bob.post(f"{here}/approve", headers=seen).json()["approved_by"] == "bob"
    assert bob.post(f"{here}/approve").status_code == 422
    assert LedgerEntry.objects.filter(account="write-down").count() == 1


def test_what_would_be_posted_otherwise_by_now_is_not_approved(ann: Client, bob: Client) -> None:
    here = f"{ADDRESS}/{prepare(ann).json()['id']}"
    seen = seen_at(bob, f"{here}/preview")
    period = bob.get(f"{here}/preview").json()["period"]
    soft_close_period(period=Period.objects.get(code=period), preparer=User.objects.all()[0])
    assert bob.post(f"{here}/approve", headers=seen).status_code == 412
    seen = seen_at(bob, f"{here}/preview")
    WriteDownLine.objects.update(amount=1)
    assert bob.post(f"{here}/approve", headers=seen).status_code == 412
    assert not LedgerEntry.objects.filter(account="write-down").exists()


def test_the_same_key_twice_makes_one(ann: Client) -> None:
    assert prepare(ann).json() == prepare(ann).json()
    assert prepare(ann, {**ORDER, "reason": "damaged"}).status_code == 409
    assert WriteDown.objects.count() == 1


@pytest.mark.parametrize(
    "change",
    [
        {"lots": []},
        {"lots": [{"lot": "W1", "to": "1", "from": "2"}]},
        {"more": 1},
        {"reason": ""},
        {"evidence": ""},
        {"effective_on": "soon"},
    ],
)
def test_a_body_that_says_something_else_is_refused(ann: Client, change: dict[str, Any]) -> None:
    assert prepare(ann, {**ORDER, **change}).status_code == 400
    assert not WriteDown.objects.exists()


def test_one_that_waits_is_given_up(ann: Client) -> None:
    here = f"{ADDRESS}/{prepare(ann).json()['id']}"
    assert ann.delete(here).status_code == 204
    assert ann.get(here).status_code == 404


def test_who_only_looks_changes_nothing(ann: Client) -> None:
    here = f"{ADDRESS}/{prepare(ann).json()['id']}"
    auditor = person("eve", "view_writedown")
    [listed] = auditor.get(ADDRESS).json()["results"]
    assert (listed["lot_count"], listed["amount"]) == (1, "600.000000")
    assert "lines" not in listed
    assert auditor.get(here).json()["lines"][0]["amount"] == "600.000000"
    answers = [prepare(auditor, key="two"), auditor.post(f"{here}/approve"), auditor.delete(here)]
    assert [answer.status_code for answer in answers] == [403, 403, 403]
