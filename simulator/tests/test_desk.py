from __future__ import annotations

import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from simulator.desk import Desk
from simulator.outbox import Outbox

END = datetime(2026, 11, 23, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(1, Outbox(tmp_path, END))


def told(desk: Desk) -> list[tuple[str, str]]:
    """Name of the file and lot of every row, in order of arrival."""
    desk.outbox.send_reports()
    return [
        (path.name, row["lot"])
        for path in sorted(desk.outbox.folder.rglob("*.csv"), key=lambda path: path.name)
        for row in csv.DictReader(path.read_text().splitlines())
    ]


def test_what_happens_after_the_end_is_not_told(desk: Desk) -> None:
    desk.move("osat1", "L1", END + DAY, "CP1", 5)
    assert told(desk) == []


def test_news_of_the_last_minute_come_with_the_last_report(desk: Desk) -> None:
    desk.move("osat1", "L1", END - timedelta(minutes=1), "CP1", 5)
    assert told(desk) == [("20261123T000000Z-osat1.wip.csv", "L1")]


def test_another_vendor_tells_later_than_the_one_before(desk: Desk) -> None:
    at = END - 9 * DAY
    desk.ship("tsmc", "L1", at, "OSAT1", 5)
    desk.arrive("osat1", "L1", at + timedelta(minutes=1), "RCV", 5)
    first, second = told(desk)[:2]
    assert "tsmc" in first[0]
    assert "osat1" in second[0]


def test_news_that_would_have_to_come_after_the_last_report_never_come(desk: Desk) -> None:
    at = END - timedelta(minutes=2)
    desk.ship("tsmc", "L1", at, "OSAT1", 5)
    desk.arrive("osat1", "L1", at, "RCV", 5)
    assert [name for name, _ in told(desk)] == ["20261123T000000Z-tsmc.wip.csv"]
    assert desk.row_count == 1


def test_a_file_follows_the_news_it_rests_on(desk: Desk) -> None:
    at = END - 9 * DAY
    slot = desk.tell("osat1", "dice", "L1", at)
    assert desk.follows("osat1", "L2", ["L1"], at) > slot


def test_a_file_after_the_end_is_not_sent(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path, END)
    assert not outbox.send("osat1", END + DAY, "x.stdf", b"")
    assert outbox.file_count == 0
