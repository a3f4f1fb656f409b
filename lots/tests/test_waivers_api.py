"""Waivers over the API."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from lots.models import Waiver
from lots.tests.making import counted_lot

pytestmark = pytest.mark.usefixtures("catalogue")


def asked(**rest: object) -> dict[str, Any]:
    now = timezone.now()
    return {
        "gate": "results", "route": "D", "version": 1, "step": "SFT", "lot": "N1",
        "reason": "tester down", "quantity": 5, "valid_from": now.isoformat(),
        "valid_to": (now + timedelta(days=2)).isoformat(), **rest,
    }  # fmt: skip


@pytest.fixture
def send(client: Client) -> Callable[..., Any]:
    client.force_login(User.objects.create_superuser("ann"))

    def post(path: str, body: dict[str, Any], key: str = "k") -> Any:
        headers = {"Idempotency-Key": key} if key else {}
        return client.post(f"/api/v1/{path}", body, "application/json", headers=headers)

    return post


def test_waiver_is_approved_by_another_and_revoked(
    send: Callable[..., Any], admin_client: Client
) -> None:
    counted_lot()
    made = send("waivers", asked())
    assert (made.status_code, made.json()["state"]) == (201, "requested")
    path = f"waivers/{made.json()['id']}/actions"
    assert send(path, {"act": "approve"}).status_code == 403
    approved = admin_client.post(f"/api/v1/{path}", {"act": "approve"}, "application/json").json()
    assert (approved["state"], approved["approved_by"]) == ("approved", "admin")
    assert send(path, {"act": "revoke"}).json()["state"] == "revoked"
    listed = admin_client.get("/api/v1/waivers?lot=N1&gate=results&step=SFT").json()["results"]
    assert [row["state"] for row in listed] == ["revoked"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"lot": "NOPE"}, 404),
        ({"product": "NSW-1"}, 400),
        ({"lot": ""}, 400),
        ({"step": "MOON"}, 404),
        ({"route": "A", "step": "CP1"}, 422),
        ({"quantity": 0}, 400),
        ({"valid_to": "2020-01-01T00:00:00Z"}, 400),
        ({"gate": "moon"}, 400),
        ({"colour": "red"}, 400),
    ],
)
def test_wrong_requests_are_refused(
    send: Callable[..., Any], body: dict[str, Any], status: int
) -> None:
    counted_lot()
    answer = send("waivers", asked(**body))
    assert (answer.status_code, Waiver.objects.count()) == (status, 0), answer.content


def test_key_asks_once(send: Callable[..., Any]) -> None:
    counted_lot()
    body = asked()
    first = send("waivers", body)
    assert send("waivers", body).json() == first.json()
    assert send("waivers", {**body, "quantity": 6}).status_code == 409
    assert send("waivers", body, key="").status_code == 400
    assert Waiver.objects.count() == 1
    assert send("waivers", body, key="another").json()["id"] != first.json()["id"]


def test_nothing_is_approved_that_is_not_there(send: Callable[..., Any]) -> None:
    assert send("waivers/7/actions", {"act": "approve"}).status_code == 404
