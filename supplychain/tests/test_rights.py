from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from knox.models import AuthToken

pytestmark = pytest.mark.urls("supplychain.tests.samples")


def test_reading_asks_for_the_view_right_of_the_model(api: Client, reader: User) -> None:
    assert api.get("/api/v1/users").status_code == 200
    reader.user_permissions.clear()
    assert api.get("/api/v1/users").status_code == 403


def test_view_without_a_right_is_closed_to_all(api: Client) -> None:
    assert api.get("/api/v1/no-right").status_code == 403


def test_each_method_has_its_right(api: Client, reader: User) -> None:
    assert api.get("/api/v1/post").status_code == 200
    assert api.head("/api/v1/post").status_code == 200
    assert api.post("/api/v1/post", {}, "application/json").status_code == 403
    reader.user_permissions.add(Permission.objects.get(codename="add_user"))
    assert api.post("/api/v1/post", {}, "application/json").status_code == 200


def test_method_nobody_named_is_closed(api: Client) -> None:
    assert api.put("/api/v1/post").status_code == 403


def test_method_the_view_lacks_is_not_allowed(api: Client) -> None:
    assert api.delete("/api/v1/post").status_code == 405


def test_one_right_may_hold_for_all_methods(api: Client, reader: User) -> None:
    assert api.get("/api/v1/one-right").status_code == 200
    reader.user_permissions.clear()
    assert api.get("/api/v1/one-right").status_code == 403


def test_signed_in_is_enough_where_no_rows_are_shown(client: Client, reader: User) -> None:
    assert client.get("/api/v1/fail/refused").status_code == 401
    client.force_login(reader)
    assert client.get("/api/v1/fail/refused").status_code == 422


def test_token_opens_and_its_end_closes(client: Client, reader: User) -> None:
    row, token = AuthToken.objects.create(reader)
    headers = {"authorization": f"Bearer {token}"}
    assert client.get("/api/v1/users", headers=headers).status_code == 200
    row.delete()
    assert client.get("/api/v1/users", headers=headers).status_code == 401


def test_token_is_kept_as_a_hash_only(reader: User) -> None:
    row, token = AuthToken.objects.create(reader)
    assert token not in {str(value) for value in vars(row).values()}


def test_token_of_a_closed_account_opens_nothing(client: Client, reader: User) -> None:
    _, token = AuthToken.objects.create(reader)
    reader.is_active = False
    reader.save()
    answer = client.get("/api/v1/users", headers={"authorization": f"Bearer {token}"})
    assert answer.status_code == 401


def test_unknown_parameter_is_refused_by_name(api: Client) -> None:
    answer = api.get("/api/v1/users?statee=open")
    assert answer.status_code == 400
    assert answer.json()["detail"] == (
        "There is no parameter 'statee' here. Known: active, cursor, format, limit, q."
    )


def test_repeated_parameter_is_refused(api: Client) -> None:
    assert api.get("/api/v1/users?q=a&q=b").status_code == 400


@pytest.mark.parametrize(("word", "count"), [("true", 1), ("false", 0)])
def test_truth_is_written_in_one_way(api: Client, word: str, count: int) -> None:
    assert len(api.get(f"/api/v1/users?active={word}").json()["results"]) == count


@pytest.mark.parametrize("word", ["null", "1", "True", "", "maybe"])
def test_other_truths_are_refused(api: Client, word: str) -> None:
    assert api.get(f"/api/v1/users?active={word}").status_code == 400


def test_options_tells_nothing(api: Client) -> None:
    assert api.options("/api/v1/users").status_code == 405


def test_empty_parameter_is_refused(api: Client) -> None:
    assert api.get("/api/v1/users?q=").status_code == 400


def test_right_is_asked_before_parameters(client: Client, db: None) -> None:
    assert client.get("/api/v1/users?statee=open").status_code == 401
