"""How much of the standard costs is read: the versions that are asked for, page by page."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from finance.models import CostVersion, LedgerEntry, StandardCost
from finance.selectors.facts import books
from finance.selectors.reconciling import misposted_lots
from finance.services import approve_cost_version, post_events
from finance.tests.line import wafer_lot
from finance.tests.readers import client_of
from finance.tests.staging import people

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books")]

HERE = "/api/v1/finance/standard-costs"
COSTS, VERSIONS = '"finance_standardcost"', '"finance_costversion"'
MARCH, APRIL = date(2026, 3, 15), date(2026, 4, 15)


@pytest.fixture
def dearer(books: None) -> CostVersion:
    """From April on everything costs twice as much."""
    before = CostVersion.objects.latest("effective_on")
    ann, bob = people()
    version = CostVersion.objects.create(
        code="DEAR", effective_on=date(2026, 4, 1), prepared_by=ann
    )
    for cost in before.costs.all():
        cost.pk, cost.version, cost.unit_cost = None, version, cost.unit_cost * 2
        cost.save(force_insert=True)
    return approve_cost_version(version=version, approver=bob)


@pytest.fixture
def reader(books: None) -> Client:
    return client_of(User.objects.create_superuser("reader"))


def reads(asked: CaptureQueriesContext, table: str = COSTS) -> list[str]:
    return [one["sql"] for one in asked.captured_queries if f"FROM {table}" in one["sql"]]


@pytest.mark.usefixtures("dearer")
def test_each_day_has_its_costs_and_reads_them_once() -> None:
    known = books()
    with CaptureQueriesContext(connection) as asked:
        found = [known.on(day) for day in (MARCH, APRIL, MARCH, APRIL)]
    assert len(reads(asked)) == 2
    assert [version for version, _ in found] == ["STD-2024", "DEAR"] * 2
    march, april = (
        {key: standard.unit_cost for key, standard in book.standards.items()}
        for _, book in found[:2]
    )
    assert april == {key: 2 * cost for key, cost in march.items()}


@pytest.mark.usefixtures("dearer")
def test_events_of_one_batch_are_posted_at_the_costs_of_their_days() -> None:
    for code, month in (("W3", 3), ("W4", 4)):
        wafer_lot(code, 1, at=datetime(2026, month, 5, 12, tzinfo=UTC), step="BUMP")
    with CaptureQueriesContext(connection) as asked:
        post_events()
    rows = LedgerEntry.objects.filter(account="inventory").order_by("seq")
    assert {row.cost_version_id: row.amount for row in rows} == {"STD-2024": 19500, "DEAR": 39000}
    assert len(reads(asked)) == 2


@pytest.mark.usefixtures("dearer")
def test_costs_of_other_days_are_not_read_to_post_an_event() -> None:
    wafer_lot("W3", 1, at=datetime(2026, 3, 5, 12, tzinfo=UTC), step="BUMP")
    with CaptureQueriesContext(connection) as asked:
        post_events()
    (read,) = reads(asked)
    assert "2026-04-01" not in read


def test_a_version_without_costs_is_in_force_on_no_day() -> None:
    ann, bob = people()
    empty = CostVersion.objects.create(code="EMPTY", effective_on=MARCH, prepared_by=ann)
    approve_cost_version(version=empty, approver=bob)
    assert books().on(APRIL)[0] == "STD-2024"
    assert books().on(date(1899, 1, 1))[0] is None


def test_where_lots_stand_is_told_without_costs() -> None:
    wafer_lot("W1", 1)
    post_events()
    with CaptureQueriesContext(connection) as asked:
        assert misposted_lots() == []
    assert reads(asked) == reads(asked, VERSIONS) == []


def pages(client: Client, address: str) -> list[list[dict[str, Any]]]:
    found = []
    while address:
        answer = client.get(address)
        following = answer.json()["next"]
        assert answer.get("Link") == (following and f'<{following}>; rel="next"')
        found.append(answer.json()["results"])
        address = following
    return found


@pytest.mark.usefixtures("dearer")
def test_standard_costs_come_in_pages_the_newest_version_first(reader: Client) -> None:
    (whole,) = pages(reader, HERE)
    assert len(whole) == StandardCost.objects.count()
    assert [row["version"] for row in whole] == ["DEAR"] * (len(whole) // 2) + ["STD-2024"] * (
        len(whole) // 2
    )
    parted = pages(reader, f"{HERE}?limit=7")
    assert {len(page) for page in parted[:-1]} == {7}
    assert [row for page in parted for row in page] == whole
    of_one = pages(reader, f"{HERE}?version=DEAR&limit=5")
    assert [row for page in of_one for row in page] == whole[: len(whole) // 2]


def test_each_page_is_held_by_a_tag_of_its_own(reader: Client) -> None:
    first = reader.get(f"{HERE}?limit=1")
    second = reader.get(first.json()["next"])
    assert first["ETag"] != second["ETag"]
    for address, tag in (
        (f"{HERE}?limit=1", first["ETag"]),
        (first.json()["next"], second["ETag"]),
    ):
        assert reader.get(address, headers={"If-None-Match": tag}).status_code == 304
    assert reader.get(f"{HERE}?limit=10001").status_code == 400
