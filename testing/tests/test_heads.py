"""Figures by site are by head, too: site 1 of head 1 is not site 1 of head 2."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from testing.domain.words import ALL_HEADS
from testing.models import ReadingSummary, Run
from testing.selectors import heads_of, readings_of_test, with_heads
from testing.services import record_run
from testing.tests.builders import Part
from testing.tests.conftest import Line

pytestmark = pytest.mark.django_db
FILL = Path(__file__).resolve().parent.parent / "sql" / "summary_heads_v1.sql"


@pytest.fixture
def reader(client: Client) -> Client:
    user = User.objects.create_user("reader")
    rights = ["view_readingsummary", "view_readingfile"]
    user.user_permissions.set(Permission.objects.filter(codename__in=rights))
    client.force_login(user)
    return client


def two_headed(line: Line, sha256: str = "a") -> Run:
    """Four chips at site 1, by turns on head 1 and head 2; on head 2 they read 10."""
    parts = [
        Part(part_id=f"{sha256}{n}", head=1 + n % 2, value=10.0 if n % 2 else float(n))
        for n in range(4)
    ]
    return record_run(line.tested(*parts, sha256=sha256).record())


def one_headed(line: Line, sha256: str = "b") -> Run:
    return record_run(line.tested(Part(part_id=f"{sha256}1", head=7), sha256=sha256).record())


def heads(*runs: Run) -> list[int]:
    found = list(with_heads(Run.objects.filter(pk__in=[run.pk for run in runs])).order_by("pk"))
    ids = list(ReadingSummary.objects.values_list("parameter", flat=True).distinct())
    table = readings_of_test([run.pk for run in found], ids)
    return [int(head) for head in heads_of(found, table)]


def test_summaries_of_two_heads_are_two_rows(line: Line) -> None:
    run = two_headed(line)
    rows = run.summaries.order_by("head").values_list("head", "site", "count", "mean")
    assert list(rows) == [(1, 1, 2, 1.0), (2, 1, 2, 10.0)]


def test_each_reading_has_the_head_of_its_insertion(line: Line) -> None:
    assert heads(two_headed(line), one_headed(line)) == [1, 2, 1, 2, 7]


def test_heads_cost_a_query_only_where_a_run_has_several(
    line: Line, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    one, two = one_headed(line), two_headed(line)
    ids = list(ReadingSummary.objects.values_list("parameter", flat=True).distinct())
    for run, count in ((one, 0), (two, 1)):
        (found,) = with_heads(Run.objects.filter(pk=run.pk), ids)
        table = readings_of_test([run.pk], ids)
        with django_assert_num_queries(count):
            heads_of([found], table)


def test_a_run_from_before_heads_were_told_apart_has_its_readings_by_head(line: Line) -> None:
    run = one_headed(line)
    run.summaries.update(head=ALL_HEADS)
    assert heads(run) == [7]


def test_earlier_summaries_get_the_head_of_a_run_that_has_one(line: Line) -> None:
    one, two = one_headed(line), two_headed(line)
    two.summaries.filter(head=2).delete()
    ReadingSummary.objects.update(head=ALL_HEADS)
    with connection.cursor() as cursor:
        cursor.execute(FILL.read_text())
        cursor.execute(FILL.read_text())
    assert one.summaries.get().head == 7
    assert two.summaries.get().head == ALL_HEADS


def test_no_readings_have_no_heads(line: Line) -> None:
    run = record_run(line.tested(Part(part_id="C1"), parameters=()).record())
    assert heads(run) == []


def test_the_api_tells_summaries_and_readings_by_head(line: Line, reader: Client) -> None:
    two_headed(line)
    for kind in ("summaries", "readings"):
        rows = reader.get(f"/api/v1/{kind}?number=100").json()["results"]
        assert [(row["head"], row["site"]) for row in rows] == [(row["head"], 1) for row in rows]
        assert {row["head"] for row in rows} == {1, 2}
        body = reader.get(f"/api/v1/{kind}?number=100&format=csv")
        text = b"".join(body.streaming_content).decode()  # type: ignore[attr-defined]
        assert {row["head"] for row in csv.DictReader(io.StringIO(text))} == {"1", "2"}


def test_the_api_tells_outer_quantiles(line: Line, reader: Client) -> None:
    parts = [Part(part_id=f"C{n}", value=float(n)) for n in range(101)]
    record_run(line.tested(*parts).record())
    (row,) = reader.get("/api/v1/summaries").json()["results"]
    names = ("quantile_01", "quantile_05", "quartile_low", "median", "quantile_95", "quantile_99")
    assert [row[name] for name in names] == pytest.approx([1, 5, 25, 50, 95, 99])


def test_pages_of_summaries_go_on_from_head_to_head(line: Line, reader: Client) -> None:
    two_headed(line)
    page = reader.get("/api/v1/summaries?limit=1").json()
    rest = reader.get(page["next"]).json()
    assert [one["head"] for one in (*page["results"], *rest["results"])] == [1, 2]
