"""Recalls by the API."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from operations.models import RecallCase
from operations.tests.line import Line

pytestmark = pytest.mark.django_db

ASKED = {"origin": "lot", "names": ["AQ17"]}


@pytest.fixture
def api(line: Line, as_role: Callable[[str], Client]) -> Client:
    return as_role("Administrator")


def post(api: Client, address: str, body: Any, key: str = "k") -> Any:
    headers = {"Idempotency-Key": key} if key else {}
    return api.post(f"/api/v1/{address}", body, "application/json", headers=headers)


def test_a_preview_tells_totals_and_keeps_nothing(api: Client) -> None:
    body = post(api, "recalls/preview", ASKED).json()
    assert (body["quantity"], body["deployed_chip_count"], body["rack_count"]) == (16, 8, 1)
    assert body["by_rack"] == [
        {"name": "RK-0007", "kind": "package", "quantity": 8, "note": "PDX1"}
    ]
    assert not RecallCase.objects.exists()


def test_a_case_is_opened_and_followed(api: Client) -> None:
    answer = post(api, "recalls", {**ASKED, "title": "Underfill", "reason": "Voids"})
    assert answer.status_code == 201
    body = answer.json()
    assert (body["number"], body["open_count"], body["state"]) == (1, 16, "open")
    assert {(row["place"], row["left"]) for row in body["by_place"]} == {
        ("wip", 8),
        ("deployed", 8),
    }
    assert api.get("/api/v1/recalls/1").json() == body
    assert [row["number"] for row in api.get("/api/v1/recalls").json()["results"]] == [1]


def test_key_opens_one_case(api: Client) -> None:
    asked = {**ASKED, "title": "Underfill", "reason": "Voids"}
    first = post(api, "recalls", asked)
    assert post(api, "recalls", asked).json() == first.json()
    assert post(api, "recalls", {**asked, "reason": "Dust"}).status_code == 409
    assert post(api, "recalls", asked, key="").status_code == 400
    assert [case.number for case in RecallCase.objects.all()] == [1]
    assert post(api, "recalls", asked, key="another").json()["number"] == 2


def test_items_are_read_page_by_page(api: Client) -> None:
    post(api, "recalls", {**ASKED, "title": "Underfill", "reason": "Voids"})
    address, seen = "/api/v1/recalls/1/items?limit=7", []
    while address:
        page = api.get(address).json()
        seen += [row["serial"] for row in page["results"]]
        address = page["next"]
    assert len(seen) == len(set(seen)) == 16


def act(api: Client, **body: object) -> Any:
    return post(api, "recalls/1/actions", body)


def test_a_case_is_settled_to_zero_and_closed(api: Client) -> None:
    post(api, "recalls", {**ASKED, "title": "Underfill", "reason": "Voids"})
    first = api.get("/api/v1/recalls/1/items?limit=1").json()["results"][0]["serial"]
    steps: list[dict[str, Any]] = [
        {"act": "refresh"},
        {"act": "settle", "note": "retested", "serials": [first]},
        {"act": "settle", "note": "in no rack", "place": "wip"},
        {"act": "settle", "note": "watched in the field", "is_all": True},
        {"act": "close", "note": "The nozzle was worn."},
    ]
    told = [act(api, **step).json() for step in steps]
    assert [(one["settled_now"], one["open_count"]) for one in told] == [
        (0, 16), (1, 15), (told[2]["settled_now"], 15 - told[2]["settled_now"]),
        (15 - told[2]["settled_now"], 0), (0, 0),
    ]  # fmt: skip
    assert (told[2]["settled_now"] in {7, 8}, told[-1]["state"]) == (True, "closed")


def test_items_are_narrowed(api: Client) -> None:
    post(api, "recalls", {**ASKED, "title": "Underfill", "reason": "Voids"})
    act(api, act="settle", note="retested", place="wip")
    counts = [
        len(api.get(f"/api/v1/recalls/1/items?{query}").json()["results"])
        for query in ("settled=true", "settled=false", "place=deployed", "rack=RK-0007", "q=ZZ")
    ]
    assert counts == [8, 8, 8, 8, 0]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"act": "settle", "note": "x"}, 400),
        ({"act": "settle", "note": "x", "is_all": True, "place": "wip"}, 400),
        ({"act": "settle", "is_all": True}, 400),
        ({"act": "close", "note": "done"}, 422),
        ({"act": "melt"}, 400),
        ({"act": "refresh", "deep": True}, 400),
    ],
)
def test_wrong_acts_change_nothing(api: Client, body: dict[str, Any], status: int) -> None:
    post(api, "recalls", {**ASKED, "title": "Underfill", "reason": "Voids"})
    assert act(api, **body).status_code == status
    assert api.get("/api/v1/recalls/1").json()["open_count"] == 16


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"origin": "lot", "names": ["NONE"]}, 404, "missing"),
        ({"origin": "lot"}, 400, "malformed"),
        ({"origin": "moon", "names": ["AQ17"]}, 400, "malformed"),
        ({**ASKED, "deep": True}, 400, "malformed"),
        (["lot"], 400, "malformed"),
        ({"origin": "oven", "load": 0}, 400, "malformed"),
    ],
)
def test_bad_questions_are_problems(api: Client, body: Any, status: int, code: str) -> None:
    answer = post(api, "recalls/preview", body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_a_case_needs_a_title_and_a_reason(api: Client) -> None:
    answer = post(api, "recalls", ASKED)
    assert answer.status_code == 400
    assert set(answer.json()["fields"]) == {"title", "reason"}


def test_unknown_cases_are_missing(api: Client) -> None:
    assert api.get("/api/v1/recalls/9").status_code == 404
    assert api.get("/api/v1/recalls/9/items").status_code == 404


def test_who_may_only_look_opens_nothing(line: Line, as_role: Callable[[str], Client]) -> None:
    auditor = as_role("Auditor")
    body = {**ASKED, "title": "a", "reason": "b"}
    assert post(auditor, "recalls", body).status_code == 403
    assert post(auditor, "recalls/preview", ASKED).status_code == 200
