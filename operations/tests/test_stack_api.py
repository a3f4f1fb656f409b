from __future__ import annotations

import csv
from collections.abc import Callable
from io import BytesIO, StringIO
from typing import Any

import pytest
from django.test import Client
from pyarrow import ipc, parquet  # type: ignore[import-untyped]

from operations.tests.line import PLACES, Line

AsRole = Callable[[str], Client]
STACK = "/api/v1/stacked-maps/W7Q2"

pytestmark = pytest.mark.django_db


def test_places_are_counted_over_the_wafers(line: Line, as_role: AsRole) -> None:
    body = as_role("Quality").get(f"{STACK}?step=CP1").json()
    assert (body["lot"], body["step"], len(body["places"])) == ("W7Q2", "CP1", len(PLACES))
    assert {one["tested"] for one in body["places"]} == {3}
    assert all(one["failed_first"] == one["failed_last"] for one in body["places"])


def test_a_stack_comes_in_every_form(line: Line, as_role: AsRole) -> None:
    client = as_role("Quality")
    places = client.get(f"{STACK}?step=CP1").json()["places"]

    def body_of(kind: str) -> bytes:
        answer: Any = client.get(f"{STACK}?step=CP1&format={kind}")
        return b"".join(answer.streaming_content)

    assert parquet.read_table(BytesIO(body_of("parquet"))).to_pylist() == places
    assert ipc.open_stream(BytesIO(body_of("arrow"))).read_all().to_pylist() == places
    rows = csv.DictReader(StringIO(body_of("csv").decode()))
    assert [{name: int(value) for name, value in row.items()} for row in rows] == places


@pytest.mark.parametrize("asked", ["W7Q2?step=CP9", "W7Q2", "NONE?step=CP1"])
def test_what_has_no_stack_is_not_found(asked: str, line: Line, as_role: AsRole) -> None:
    assert as_role("Quality").get(f"/api/v1/stacked-maps/{asked}").status_code == 404


def test_a_stack_needs_the_right(line: Line, as_role: AsRole) -> None:
    assert as_role("Finance").get(f"{STACK}?step=CP1").status_code == 403
