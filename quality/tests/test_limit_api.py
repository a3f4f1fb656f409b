"""Limit versions over HTTP."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from quality.tests.building import ordinary_lots
from quality.tests.deciding import signer

pytestmark = pytest.mark.usefixtures("rules")

RIGHTS = ["view_limitversion", "add_limitversion", "approve_limitversion"]
BODY = {"product": "TRN3", "step_code": "FT-HOT", "kind": "syl", "reason": "first year"}


def client_of(name: str, *rights: str) -> APIClient:
    client = APIClient()
    client.force_login(signer(name, "", *rights))
    return client


def post(client: APIClient, path: str, body: dict[str, Any]) -> Any:
    return client.post(f"/api/v1/limits{path}", body, format="json")


def test_a_limit_goes_through_its_life() -> None:
    ordinary_lots()
    ann, ben = client_of("ann", *RIGHTS), client_of("ben", *RIGHTS)
    answer = post(ann, "", {**BODY, "left_out": {"OK-03": "mixed up"}})
    assert answer.status_code == 201, answer.json()
    version = answer.json()
    assert [lot["left_out"] for lot in version["lots"]].count("mixed up") == 1
    assert version["subject"] == "final-yield"
    here = f"/{version['id']}/actions"
    assert post(ann, here, {"act": "approve"}).status_code == 403
    assert post(ben, here, {"act": "approve"}).json()["approved_by"] == "ben"
    rows = ann.get("/api/v1/limits", {"is_approved": "true", "kind": "syl"}).json()["results"]
    assert [row["id"] for row in rows] == [version["id"]]
    assert ann.get("/api/v1/limits", {"is_approved": "false"}).json()["results"] == []
    gone = post(ben, here, {"act": "withdraw", "note": "new card"}).json()
    assert gone["withdrawn_reason"] == "new card"
    assert ann.get(f"/api/v1/limits/{version['id']}").json()["withdrawn_by"] == "ben"


def test_who_may_only_look_prepares_nothing() -> None:
    reader = client_of("reader", "view_limitversion")
    assert reader.get("/api/v1/limits").status_code == 200
    assert post(reader, "", BODY).status_code == 403


@pytest.mark.parametrize(
    ("wrong", "status"),
    [({"product": "NONE"}, 404), ({"kind": "loud"}, 400), ({}, 422), ({"reason": ""}, 400)],
)
def test_what_cannot_be_prepared_is_refused(wrong: dict[str, Any], status: int) -> None:
    assert post(client_of("ann", *RIGHTS), "", {**BODY, **wrong}).status_code == status
