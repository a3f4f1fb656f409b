from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

pytestmark = pytest.mark.urls("supplychain.tests.samples")


def problem(answer: Any) -> dict[str, Any]:
    assert answer["Content-Type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert body["status"] == answer.status_code
    assert body["request_id"] == answer["X-Request-ID"]
    assert body["type"] == f"urn:supplychain:problem:{body['code']}"
    return body


def test_refusal_of_ours_keeps_code_and_fields(api: Client) -> None:
    body = problem(api.get("/api/v1/fail/refused"))
    assert (body["status"], body["code"]) == (422, "refused")
    assert body["detail"] == "The lot is on hold; release it first."
    assert body["fields"] == {"lot": "L1"}


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/api/v1/fail/denied", 403, "forbidden"),
        ("/api/v1/fail/away", 503, "unavailable"),
        ("/api/v1/fail/invalid", 400, "malformed"),
        ("/api/v1/fail/throttled", 429, "throttled"),
        ("/api/v1/fail/unforeseen", 500, "internal"),
        ("/api/v1/failing/away", 503, "unavailable"),
        ("/api/v1/failing/denied", 403, "forbidden"),
        ("/api/v1/nothing-here", 404, "missing"),
        ("/api/v1/users/%00", 400, "malformed"),
        ("/api/v1/users?q=%00", 400, "malformed"),
        ("/api/v1/users?format=xml", 404, "missing"),
    ],
)
def test_every_failure_is_a_problem(api: Client, path: str, status: int, code: str) -> None:
    body = problem(api.get(path))
    assert (body["status"], body["code"]) == (status, code)


def test_stranger_is_told_how_to_sign_in(client: Client, db: None) -> None:
    answer = client.get("/api/v1/users")
    assert problem(answer)["status"] == 401
    assert answer["WWW-Authenticate"] == "Bearer"


def test_wrong_method_names_the_right_ones(api: Client) -> None:
    answer = api.delete("/api/v1/users")
    assert problem(answer)["code"] == "method-not-allowed"
    assert "GET" in answer["Allow"]


def test_invalid_fields_are_named(api: Client) -> None:
    assert problem(api.get("/api/v1/fail/invalid"))["fields"] == {"name": ["too long"]}
    assert problem(api.get("/api/v1/fail/invalid-body"))["fields"] == {"body": ["not an object"]}


def test_waiting_time_is_told(api: Client) -> None:
    assert api.get("/api/v1/fail/throttled")["Retry-After"] == "8"
    assert api.get("/api/v1/fail/away")["Retry-After"] == "5"
    assert api.get("/api/v1/failing/away")["Retry-After"] == "5"


def test_unforeseen_failure_tells_nothing_of_the_inside(api: Client) -> None:
    assert b"never shown" not in api.get("/api/v1/fail/unforeseen").content


def test_broken_json_is_a_problem(api: Client, reader: User) -> None:
    reader.user_permissions.add(Permission.objects.get(codename="add_user"))
    answer = api.post("/api/v1/post", b"{", content_type="application/json")
    assert problem(answer)["code"] == "malformed"


def test_other_media_type_is_a_problem(api: Client, reader: User) -> None:
    reader.user_permissions.add(Permission.objects.get(codename="add_user"))
    answer = api.post("/api/v1/post", b"<a/>", content_type="text/xml")
    assert problem(answer)["status"] == 415


def test_unknown_host_is_a_problem(api: Client) -> None:
    answer = api.get("/api/v1/users", headers={"host": "elsewhere.example"})
    assert problem(answer)["status"] == 400


@pytest.mark.parametrize(
    ("path", "status"),
    [("/failing/unforeseen", 500), ("/failing/away", 503), ("/failing/denied", 403), ("/no", 404)],
)
def test_pages_fail_as_pages(api: Client, path: str, status: int) -> None:
    answer = api.get(path)
    assert answer.status_code == status
    assert answer["Content-Type"].startswith("text/html")


def test_page_of_an_unknown_host_fails_as_a_page(api: Client) -> None:
    answer = api.get("/failing/denied", headers={"host": "elsewhere.example"})
    assert answer.status_code == 400
    assert answer["Content-Type"].startswith("text/html")
