"""Plans over the API."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from lots.models import FutureAction, Hold
from lots.services import move_lot
from lots.tests.making import again, command, counted_lot, step, wafer_lot

pytestmark = pytest.mark.usefixtures("catalogue")

HOLD = {"hold_class": "quality", "due_on": "2025-06-01"}
PLAN = {
    "lot": "N1", "trigger": "arrives", "step": "SFT", "verb": "hold", "reason": "look at it",
    "order": HOLD,
}  # fmt: skip


@pytest.fixture
def post(admin_client: Client) -> Any:
    def send(path: str = "plans", key: str = "k", **body: object) -> Any:
        return admin_client.post(
            f"/api/v1/{path}", body, "application/json", headers={"Idempotency-Key": key}
        )

    return send


def test_planned_hold_comes_when_the_lot_arrives(post: Any, admin_client: Client) -> None:
    lot = counted_lot()
    Group.objects.create(name="Board")
    order = {**HOLD, "releasing_role": "Board"}
    told = post(**{**PLAN, "order": order, "owner": "admin"}).json()
    assert (told["state"], told["step"], told["owner"]) == ("armed", "SFT", "admin")
    move_lot(lot=lot, to_step=step("D", "SFT"), command=command(hours=2))
    hold = Hold.objects.get(lot=lot)
    assert (hold.releasing_role.name if hold.releasing_role else "") == "Board"
    listed = admin_client.get("/api/v1/plans?lot=N1&state=done").json()["results"]
    assert [(row["id"], row["event"] is not None) for row in listed] == [(told["id"], True)]


def test_key_plans_once(post: Any) -> None:
    counted_lot()
    assert post(**PLAN).json()["id"] == post(**PLAN).json()["id"]
    assert post(**{**PLAN, "reason": "another"}).status_code == 409
    assert FutureAction.objects.count() == 1


def test_hold_of_a_part_is_planned(post: Any) -> None:
    lot = wafer_lot(step="CP1")
    order = {"hold_class": "quality", "wafers": [2]}
    told = post(**{**PLAN, "lot": "W1", "step": "CP2", "order": order}).json()
    assert told["order"] == order
    move_lot(lot=lot, to_step=step("A", "CP2"), command=command(hours=2))
    assert [hold.scope for hold in Hold.objects.filter(lot=lot)] == ["wafer"]


def test_split_on_an_event_is_planned_and_cancelled(post: Any) -> None:
    lot = counted_lot()
    order = {"child": "N1.A", "quantity": 2}
    body = {**PLAN, "trigger": "event", "on_verb": "move", "verb": "split", "order": order}
    number = post(**{**body, "step": ""}).json()["id"]
    assert post(f"plans/{number}/cancel").json()["state"] == "cancelled"
    assert post(f"plans/{number}/cancel").status_code == 422
    move_lot(lot=lot, to_step=step("D", "SFT"), command=command(hours=2))
    assert again(lot).quantity == 10


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"lot": "NOPE"}, 404),
        ({"product": "NSW-1"}, 400),
        ({"step": ""}, 400),
        ({"step": "MOON"}, 422),
        ({"verb": "scrap"}, 400),
        ({"owner": "nobody"}, 404),
        ({"order": {**HOLD, "releasing_role": "Nobody"}}, 404),
        ({"order": {"colour": "red"}}, 400),
        ({"order": ["red"]}, 400),
        ({"order": {**HOLD, "serials": ["A\0"]}}, 400),
        ({"order": {**HOLD, "wafers": [1], "bin_number": 3}}, 400),
        ({"order": {**HOLD, "child": "N1.A"}}, 400),
        ({"order": {"hold_class": "angry"}}, 400),
        ({"colour": "red"}, 400),
    ],
)
def test_wrong_plans_are_refused(post: Any, body: dict[str, Any], status: int) -> None:
    counted_lot()
    answer = post(**{**PLAN, **body})
    assert (answer.status_code, FutureAction.objects.count()) == (status, 0), answer.content


def test_nothing_is_cancelled_that_is_not_there(post: Any) -> None:
    assert post("plans/7/cancel").status_code == 404
