from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from testing.domain.words import Outcome
from testing.services import record_run
from testing.tests.builders import Part
from testing.tests.conftest import Line

RIGHTS = ["view_run", "view_unitresult"]


@pytest.fixture
def reader(client: Client, db: None) -> Client:
    """A client signed in with the right to read test data."""
    user = User.objects.create_user("reader")
    user.user_permissions.set(Permission.objects.filter(codename__in=RIGHTS))
    client.force_login(user)
    return client


def test_runs_are_listed_newest_first(line: Line, reader: Client) -> None:
    record_run(line.tested(Part(part_id="C1"), sha256="a" * 64).record())
    record_run(line.tested(Part(part_id="C1"), sha256="b" * 64, hours=1).record())
    runs = reader.get("/api/v1/runs").json()["results"]
    assert [run["sha256"][0] for run in runs] == ["b", "a"]
    assert (runs[0]["lot"], runs[0]["step"], runs[0]["probe_card"]) == ("AS-1", "FT-HOT", None)


def test_runs_are_found_by_lot_step_and_tester(line: Line, reader: Client) -> None:
    record_run(line.tested(Part(part_id="C1"), sha256="a").record())
    record_run(line.sorted(Part(place=(0, 1, 1)), sha256="b").record())
    for query in ["lot=N3-1", "step=CP1", "lot=N3-1&tester=T1"]:
        runs = reader.get(f"/api/v1/runs?{query}").json()["results"]
        assert [run["sha256"] for run in runs] == ["b"]


def test_a_run_shows_its_final_hard_bins(line: Line, reader: Client) -> None:
    record_run(line.tested(Part(part_id="C1"), Part(part_id="C2", outcome=Outcome.FAIL)).record())
    assert reader.get(f"/api/v1/runs/{'a' * 64}").json()["final_hard_bins"] == {"1": 1, "2": 1}


def test_a_unit_shows_every_insertion(line: Line, reader: Client) -> None:
    parts = [Part(part_id="C1", outcome=Outcome.FAIL), Part(part_id="C1")]
    record_run(line.tested(*parts).record())
    results = reader.get("/api/v1/units/C1/results").json()["results"]
    assert [(row["attempt"], row["outcome"]) for row in results] == [(1, "fail"), (2, "pass")]


@pytest.mark.parametrize("address", ["/api/v1/runs/none", "/api/v1/units/none/results"])
def test_what_is_not_known_is_not_found(reader: Client, address: str) -> None:
    assert reader.get(address).status_code == 404


def test_an_unknown_parameter_is_refused(reader: Client) -> None:
    assert reader.get("/api/v1/runs?lots=AS-1").status_code == 400


@pytest.mark.parametrize("address", ["runs", f"runs/{'a' * 64}", "units/C1/results"])
def test_reading_needs_the_right(line: Line, client: Client, address: str) -> None:
    client.force_login(User.objects.create_user("stranger"))
    assert client.get(f"/api/v1/{address}").status_code == 403


def test_a_page_of_runs_costs_the_same_however_many(
    line: Line, reader: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(5):
        session = line.tested(Part(part_id="C1"), sha256=str(number), hours=number)
        record_run(session.record())
    with django_assert_num_queries(5):
        reader.get("/api/v1/runs?limit=3")
