"""Yields over HTTP."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from rest_framework.test import APIClient

from quality.services import summarise_owed
from quality.tests.building import NOW
from testing.services import record_run
from testing.tests.builders import Part
from testing.tests.conftest import Line


@pytest.fixture
def api(db: None) -> APIClient:
    user = User.objects.create_user("reader")
    user.user_permissions.set(Permission.objects.filter(codename__startswith="view_yield"))
    client = APIClient()
    client.force_authenticate(user)
    return client


def rows(api: APIClient, where: str) -> list[dict[str, Any]]:
    answer = api.get(f"/api/v1/{where}")
    assert answer.status_code == 200, answer.content
    found: list[dict[str, Any]] = answer.json()["results"]
    return found


@pytest.fixture
def two_files(line: Line) -> None:
    for sha, wafer in (("a", 0), ("b", 1)):
        session = line.sorted(Part(place=(wafer, 1, 1)), sha256=sha * 64, hours=wafer)
        record_run(session.record())
        summarise_owed(now=NOW)


def test_totals_are_narrowed_to_a_slice(two_files: None, api: APIClient) -> None:
    (row,) = rows(api, "yields?slice=tester&step=CP1")
    assert (row["slice_key"], row["tested"], row["lot_count"], row["week"]) == (
        "T1", 2, 1, "2026-02-23",
    )  # fmt: skip


def test_lot_yield_tells_what_it_rests_on(two_files: None, api: APIClient) -> None:
    (row,) = rows(api, "lot-yields?lot=N3-1")
    assert (row["insertion_count"], row["expected"], row["policy"]) == (2, 2, "last-v1")


def test_restatement_has_old_and_new(two_files: None, api: APIClient) -> None:
    (row,) = rows(api, "yield-restatements?cause=results")
    assert (row["before"]["tested"], row["after"]["tested"]) == (1, 2)


def test_typing_errors_do_not_widen_an_answer(two_files: None, api: APIClient) -> None:
    assert api.get("/api/v1/yields?slise=tester").status_code == 400
