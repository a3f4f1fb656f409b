from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from testing.domain.words import Outcome
from testing.models import IdentityConflict
from testing.services import record_run
from testing.tests.builders import Part
from testing.tests.conftest import Line

RIGHTS = ["view_restatement", "view_identityconflict"]


@pytest.fixture
def reader(client: Client, db: None) -> Client:
    user = User.objects.create_user("reader")
    user.user_permissions.set(Permission.objects.filter(codename__in=RIGHTS))
    client.force_login(user)
    return client


@pytest.fixture
def late(line: Line) -> None:
    """A file whose tests were before those of the file that came first."""
    record_run(line.tested(Part(part_id="C1"), sha256="b" * 64, hours=5).record())
    record_run(line.tested(Part(part_id="C1", outcome=Outcome.FAIL), sha256="a" * 64).record())


def test_a_late_file_is_told_with_the_figures_before_and_after(late: None, reader: Client) -> None:
    second, first = reader.get("/api/v1/restatements").json()["results"]
    assert (first["cause"], first["before"]) == ("first", None)
    assert (second["cause"], second["run"], second["file"]) == ("late", "a" * 64, "a.stdf")
    assert (second["before"]["first_pass_count"], second["first_pass_count"]) == (1, 0)
    assert (second["before"]["policy"], second["policy"]) == ("last-v1", "last-v1")


@pytest.mark.parametrize(
    ("query", "count"),
    [("lot=AS-1&step=FT-HOT", 2), ("lot=N3-1", 0), ("cause=late", 1), (f"run={'b' * 64}", 1)],
)
def test_restatements_are_narrowed(late: None, reader: Client, query: str, count: int) -> None:
    assert len(reader.get(f"/api/v1/restatements?{query}").json()["results"]) == count


def test_pages_of_restatements_cost_the_same_and_follow_each_other(
    line: Line, reader: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for hour in range(3):
        record_run(line.tested(Part(part_id="C1"), sha256=str(hour), hours=hour).record())
    with django_assert_num_queries(5):
        page = reader.get("/api/v1/restatements?limit=2").json()
    rest = reader.get(page["next"]).json()
    assert [row["revision"] for row in page["results"] + rest["results"]] == [3, 2, 1]
    assert rest["next"] is None


@pytest.fixture
def conflicts(line: Line) -> None:
    """A die under two serials, and a serial on two dies."""
    parts = [
        Part(place=(0, 1, 1), part_id="E-001"), Part(place=(0, 1, 1), part_id="E-002"),
        Part(place=(1, -2, 3), part_id="E-003"), Part(place=(1, 4, 5), part_id="E-003"),
    ]  # fmt: skip
    record_run(line.sorted(*parts).record())


def test_a_conflict_names_wafers_by_their_codes(
    line: Line, conflicts: None, reader: Client
) -> None:
    first, second = line.wafers
    places, ids = reader.get("/api/v1/identity-conflicts").json()["results"]
    if places["kind"] == "two-ids":
        places, ids = ids, places
    assert (ids["part_ids"], ids["places"]) == (
        ["E-001", "E-002"],
        [{"wafer": first.code, "x": 1, "y": 1}],
    )
    assert places["part_ids"] == ["E-003"]
    assert [place["wafer"] for place in places["places"]] == [second.code] * 2
    assert (ids["verdict"], ids["decided_by"], ids["lot"]) == ("open", None, "N3-1")


@pytest.mark.parametrize(
    ("query", "count"),
    [("kind=two-ids", 1), ("verdict=open", 2), ("verdict=same", 0), ("lot=N3-1&step=CP1", 2)],
)
def test_conflicts_are_narrowed(conflicts: None, reader: Client, query: str, count: int) -> None:
    assert len(reader.get(f"/api/v1/identity-conflicts?{query}").json()["results"]) == count


def test_a_part_off_any_wafer_has_none(line: Line, reader: Client) -> None:
    IdentityConflict.objects.create(
        lot_step=record_run(line.tested(Part(part_id="C1")).record()).lot_step,
        kind="two-ids", subject="3:4", names="12, 13",
    )  # fmt: skip
    (row,) = reader.get("/api/v1/identity-conflicts").json()["results"]
    assert row["places"] == [{"wafer": None, "x": 3, "y": 4}]


@pytest.mark.parametrize("address", ["restatements", "identity-conflicts"])
def test_reading_needs_the_right(db: None, client: Client, address: str) -> None:
    client.force_login(User.objects.create_user("stranger"))
    assert client.get(f"/api/v1/{address}").status_code == 403
