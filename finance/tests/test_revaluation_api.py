from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from finance.models import LedgerEntry, Revaluation
from finance.tests.readers import client_of, seen_at
from finance.tests.revaluing import stock

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("lots")]

ADDRESS = "/api/v1/finance/revaluations"
ORDER = {
    "version": "STD-NEW",
    "effective_on": "2026-03-02",
    "reason": "new-standard",
    "evidence": "Price agreement of March",
}


@pytest.fixture
def lots(first_day: None, books: None) -> None:
    stock()


def person(name: str, *rights: str) -> Client:
    user = User.objects.create_user(name)
    user.user_permissions.set(Permission.objects.filter(codename__in=rights))
    return client_of(user)


@pytest.fixture
def ann(books: None) -> Client:
    return person("ann", "add_revaluation", "view_revaluation", "approve_revaluation")


@pytest.fixture
def bob(books: None) -> Client:
    return person("bob", "view_revaluation", "approve_revaluation")


def sent(client: Client, order: object, where: str = "", key: str = "one") -> Any:
    return client.post(
        f"{ADDRESS}{where}",
        order,
        content_type="application/json",
        headers={"Idempotency-Key": key},
    )


def test_one_prepares_and_another_approves(ann: Client, bob: Client) -> None:
    made = sent(ann, ORDER)
    assert made.status_code == 201, made.content
    here = f"{ADDRESS}/{made.json()['id']}"
    assert (made.json()["lot_count"], made.json()["amount"]) == (3, "-7245.000000")
    posts = bob.get(f"{here}/preview").json()["posts"]
    assert [(row["account"], row["item"], row["lot_count"], row["amount"]) for row in posts] == [
        ("in-transit", "TRN3-DIE", 1, "-2030.000000"),
        ("inventory", "TRN3-DIE", 1, "-4060.000000"),
        ("inventory", "TRN2", 1, "-1155.000000"),
        ("variance", "TRN3-DIE", 0, "2030.000000"),
        ("variance", "TRN3-DIE", 0, "4060.000000"),
        ("variance", "TRN2", 0, "1155.000000"),
    ]
    assert ann.post(f"{here}/approve").status_code == 403
    assert bob.post(f"{here}/approve").status_code == 400
    done = bob.post(f"{here}/approve", headers=seen_at(bob, f"{here}/preview")).json()
    assert (done["approved_by"], done["left_out"]) == ("bob", [])
    assert bob.post(f"{here}/approve").status_code == 422
    assert ann.delete(here).status_code == 422
    assert LedgerEntry.objects.filter(kind="revaluation").count() == 6


def test_it_is_looked_at_before_anything_is_kept(ann: Client) -> None:
    tried = sent(ann, {**ORDER, "item": "TRN2"}, "/preview").json()
    assert tried["totals"] == [
        {
            "item": "TRN2",
            "stage": "received",
            "unit_of_measure": "package",
            "lot_count": 1,
            "quantity": "3",
            "carried_amount": "11550.000000",
            "standard_amount": "10395.000000",
            "difference": "-1155.000000",
        }
    ]
    assert (tried["period"], tried["is_prior_period"], tried["left_out"]) == ("2026-03", False, [])
    assert not Revaluation.objects.exists()


def test_lines_are_read_in_pages(ann: Client) -> None:
    here = f"{ADDRESS}/{sent(ann, ORDER).json()['id']}/lines"
    first = ann.get(f"{here}?limit=2").json()
    assert [row["lot"] for row in first["results"]] == ["M1", "W1"]
    [last] = ann.get(first["next"]).json()["results"]
    assert (last["account"], last["difference"], last["left_out"]) == (
        "in-transit", "-2030.000000", "",
    )  # fmt: skip
    assert ann.get(f"{ADDRESS}/0/lines").status_code == 404
    assert ann.get(f"{here}?lot=W1").status_code == 400


def test_the_same_key_twice_makes_one(ann: Client) -> None:
    assert sent(ann, ORDER).json() == sent(ann, ORDER).json()
    assert sent(ann, {**ORDER, "reason": "other"}).status_code == 409
    assert Revaluation.objects.count() == 1


@pytest.mark.parametrize("where", ["", "/preview"])
@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"version": ""}, 400),
        ({"version": "NOPE"}, 404),
        ({"more": 1}, 400),
        ({"reason": ""}, 400),
        ({"reason": "x" * 65}, 400),
        ({"evidence": ""}, 400),
        ({"effective_on": "soon"}, 400),
        ({"effective_on": "2199-01-01"}, 422),
        ({"effective_on": "2026-03-01"}, 422),
        ({"item": "NOPE"}, 404),
        ({"item": ["TRN2"]}, 400),
        ({"stage": "a\0b"}, 400),
        ({"custodian": "NOPE"}, 404),
    ],
)
def test_a_body_that_cannot_be_is_refused(
    ann: Client, change: dict[str, Any], status: int, where: str
) -> None:
    answer = sent(ann, {**ORDER, **change}, where)
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    assert not Revaluation.objects.exists()


@pytest.mark.parametrize("order", [[], "x", [ORDER]])
def test_a_body_of_another_shape_is_refused(ann: Client, order: object) -> None:
    assert sent(ann, order).status_code == 400


def test_without_a_key_nothing_is_prepared(ann: Client) -> None:
    assert ann.post(ADDRESS, ORDER, content_type="application/json").status_code == 400


def test_one_that_waits_is_given_up(ann: Client) -> None:
    here = f"{ADDRESS}/{sent(ann, ORDER).json()['id']}"
    assert ann.delete(here).status_code == 204
    assert ann.get(here).status_code == 404


def test_who_only_looks_changes_nothing(ann: Client) -> None:
    here = f"{ADDRESS}/{sent(ann, ORDER).json()['id']}"
    auditor = person("eve", "view_revaluation")
    assert auditor.get(ADDRESS).json()["results"][0]["amount"] == "-7245.000000"
    assert auditor.get(here).json()["totals"][0]["item"] == "TRN3-DIE"
    answers = [
        sent(auditor, ORDER, key="two"),
        sent(auditor, ORDER, "/preview"),
        auditor.post(f"{here}/approve"),
        auditor.delete(here),
    ]
    assert [answer.status_code for answer in answers] == [403, 403, 403, 403]
    assert person("nobody").get(here).status_code == 403


def test_the_list_is_read_with_as_many_queries_for_more(
    ann: Client, django_assert_max_num_queries: Any
) -> None:
    for item in ("TRN2", "TRN3-DIE"):
        sent(ann, {**ORDER, "item": item}, key=item)
    with django_assert_max_num_queries(8):
        assert len(ann.get(ADDRESS).json()["results"]) == 2
