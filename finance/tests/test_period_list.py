"""The calendar over HTTP."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from finance.models import Period
from finance.services import close_period, post_events, soft_close_period
from finance.tests.line import wafer_lot
from finance.tests.readers import client_of

PERIODS = "/api/v1/finance/periods"

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books")]


@pytest.fixture
def reader(books: None) -> Client:
    return client_of(User.objects.create_superuser("reader"))


def listed(client: Client) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = client.get(PERIODS, {"limit": 1000}).json()["results"]
    return rows


def test_every_period_is_listed_with_its_days_in_order(reader: Client) -> None:
    rows = listed(reader)
    assert [row["code"] for row in rows] == sorted(Period.objects.values_list("code", flat=True))
    march = next(row for row in rows if row["code"] == "2026-03")
    assert (march["starts_on"], march["ends_on"]) == ("2026-03-01", "2026-03-31")
    assert (march["state"], march["version"], march["seq"]) == ("open", None, None)


def test_a_closed_one_tells_its_version_and_the_line_it_was_closed_at(reader: Client) -> None:
    Period.objects.filter(starts_on__lt=date(2026, 3, 1)).delete()
    wafer_lot("W1")
    post_events()
    ann, bob = User.objects.create_user("ann"), User.objects.create_user("bob")
    period = soft_close_period(period=Period.objects.get(code="2026-03"), preparer=ann)
    period = close_period(period=period, approver=bob)
    row = listed(reader)[0]
    assert (row["code"], row["state"], row["version"]) == ("2026-03", "closed", 1)
    assert (row["seq"], row["sha256"]) == (period.closed_seq, period.closed_sha256)


def test_each_leads_to_its_checklist_and_its_versions(reader: Client) -> None:
    row = listed(reader)[0]
    assert reader.get(row["url"]).json()["code"] == row["code"]
    assert reader.get(row["closes_url"]).json() == {"closes": []}


def test_pages_name_the_next_one(reader: Client) -> None:
    first = reader.get(PERIODS, {"limit": 2})
    following = first.json()["next"]
    assert first["Link"] == f'<{following}>; rel="next"'
    assert reader.get(following).json()["results"][0]["code"] == "2024-03"
