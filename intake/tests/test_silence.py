"""Feeds that used to come and have stopped."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from intake.detectors.silence import FeedSilent
from intake.domain.silence import rhythm
from intake.domain.words import Door, FileState
from intake.models import Arrival, ExpectedFile, RawFile
from lots.models import Supplier
from quality.detectors.frame import Finding
from tests.kept_rows import load_kept

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
DAILY = tuple(range(5, 25))
"""Days ago: every day until five days ago."""


@pytest.fixture(autouse=True)
def reference(db: None) -> None:
    load_kept("lots")


def arrived(days_ago: Sequence[float] = DAILY, **given: Any) -> None:
    """A file of its own on each of these days."""
    said = {"kind": "wip", "summary": {"suppliers": ["OSAT1"]}, "state": FileState.LOADED, **given}
    for days in days_ago:
        number = RawFile.objects.count()
        file = RawFile.objects.create(
            sha256=f"{number:064x}", size=1, name=f"{number}.csv", storage_path="x", **said
        )
        Arrival.objects.create(
            file=file, door=Door.INBOX, name=file.name, arrived_at=NOW - days * DAY
        )


def silent() -> list[Finding]:
    return FeedSilent().find(NOW)


def test_a_daily_feed_that_stopped_is_found() -> None:
    arrived()
    (found,) = silent()
    assert found.title == "No wip from OSAT1 for 5.0 days"
    assert (found.evidence.value, found.evidence.limit, found.evidence.n) == (5.0, 2.0, 20)
    assert found.revision == silent()[0].revision


def test_a_feed_that_goes_on_is_not_found() -> None:
    arrived(range(1, 20))
    assert silent() == []


def test_a_feed_that_pauses_over_weekends_may_pause_as_long_again() -> None:
    arrived([days for days in range(5, 40) if days % 7 > 2])
    assert silent() == []


def test_a_feed_of_few_days_has_no_rhythm() -> None:
    arrived(range(5, 14))
    assert silent() == []


def test_files_of_one_day_are_one_day() -> None:
    arrived([5 + hour / 48 for hour in range(20)])
    assert silent() == []


def test_senders_are_told_apart_by_folder_where_nothing_names_them() -> None:
    arrived(kind="stdf", summary={}, folder="osat1")
    arrived(range(1, 20), kind="stdf", summary={}, folder="osat2")
    (found,) = silent()
    assert found.title == "No stdf from osat1 for 5.0 days"


def test_files_that_were_rejected_or_unknown_are_no_feed() -> None:
    arrived(state=FileState.REJECTED)
    arrived(kind="unknown")
    assert silent() == []


@pytest.mark.parametrize(("kind", "count"), [("wip", 0), ("asn", 1)])
def test_a_file_that_was_agreed_on_is_told_as_missing_instead(kind: str, count: int) -> None:
    arrived()
    ExpectedFile.objects.create(
        name="Daily", supplier=Supplier.objects.get(code="OSAT1"), kind=kind, every_hours=24,
        starts_at=NOW, time_zone="UTC",
    )  # fmt: skip
    assert len(silent()) == count


def test_many_feeds_take_three_queries(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for sender in ("A", "B", "C"):
        arrived(summary={"suppliers": [sender]})
    with django_assert_num_queries(3):
        assert len(silent()) == 3


def test_a_single_day_has_no_gap() -> None:
    assert rhythm([NOW]).gap_longest == timedelta(0)
