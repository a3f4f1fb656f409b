from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

pytestmark = pytest.mark.urls("supplychain.tests.samples")


def pages(api: Client, path: str) -> list[list[Any]]:
    found = []
    while path:
        body = api.get(path).json()
        found.append([next(iter(row.values())) for row in body["results"]])
        path = body["next"]
    return found


def rows(api: Client, path: str) -> list[Any]:
    return [row for page in pages(api, path) for row in page]


def cursor(values: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


@pytest.fixture
def people(reader: User) -> list[str]:
    for number in range(7):
        User.objects.create(
            username=f"u{number}", last_name="ab"[number % 2], first_name=f"f{number // 3}"
        )
    return list(User.objects.order_by("-id").values_list("username", flat=True))


def test_pages_hold_every_row_once(api: Client, people: list[str]) -> None:
    found = pages(api, "/api/v1/users?limit=3")
    assert [len(page) for page in found] == [3, 3, 2]
    assert rows(api, "/api/v1/users?limit=3") == people


def test_last_full_page_has_no_next(api: Client, people: list[str]) -> None:
    assert api.get("/api/v1/users?limit=8").json()["next"] is None


def test_mixed_directions_keep_their_order(api: Client, people: list[str]) -> None:
    wanted = User.objects.order_by("last_name", "-first_name", "id")
    found = rows(api, "/api/v1/named-users?limit=2")
    assert found == list(wanted.values_list("username", flat=True))


def test_order_may_follow_a_relation(api: Client, reader: User) -> None:
    reader.user_permissions.add(Permission.objects.get(codename="view_permission"))
    found = rows(api, "/api/v1/permissions?limit=50")
    assert len(found) == Permission.objects.count()


def test_row_added_meanwhile_moves_nothing(api: Client, people: list[str]) -> None:
    first = api.get("/api/v1/users?limit=3").json()
    User.objects.create(username="late")
    second = api.get(first["next"]).json()
    assert [row["username"] for row in second["results"]] == people[3:6]


def test_next_page_stands_in_the_link_header(api: Client, people: list[str]) -> None:
    answer = api.get("/api/v1/users?limit=3&q=x")
    assert answer["Link"] == f'<{answer.json()["next"]}>; rel="next"'
    assert "q=x" in answer["Link"]


def test_page_costs_one_query_however_far(
    api: Client, people: list[str], django_assert_num_queries: Any
) -> None:
    address = api.get("/api/v1/users?limit=3").json()["next"]
    with django_assert_num_queries(5):  # session, user, two for rights, rows
        api.get(address)


@pytest.mark.parametrize("limit", ["0", "1001", "-1", "x", "", "1.5", "٣", "9" * 40])
def test_limit_that_is_none_is_refused(api: Client, limit: str) -> None:
    answer = api.get("/api/v1/users", {"limit": limit})
    assert answer.status_code == 400
    assert answer.json()["fields"] == {"parameter": "limit"}


@pytest.mark.parametrize(
    "word",
    [
        "x",
        "%%%",
        cursor([]),
        cursor([1, 2]),
        cursor(["x"]),
        cursor([None]),
        cursor([[1]]),
        cursor([""]),
        cursor({"id": 1}),
        cursor(["\0"]),
        cursor([1.5]),
        base64.urlsafe_b64encode(b"[" * 1400).decode(),
        "A" * 5000,
    ],
)
def test_cursor_of_somebody_else_is_refused(api: Client, word: str) -> None:
    answer = api.get("/api/v1/users", {"cursor": word})
    assert answer.status_code == 400
    assert answer.json()["fields"] == {"parameter": "cursor"}


def test_number_beyond_the_column_is_an_empty_page(api: Client) -> None:
    assert api.get("/api/v1/users", {"cursor": cursor([-(10**30)])}).json()["results"] == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(word=st.text(max_size=60))
def test_no_cursor_breaks_the_page(api: Client, word: str) -> None:
    assert api.get("/api/v1/users", {"cursor": word}).status_code in {200, 400}
