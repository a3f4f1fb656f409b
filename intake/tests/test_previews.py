"""What a report would do, tried and taken back."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError

from intake.domain.errors import FileRefusedError
from intake.models import FeedRow, RawFile
from intake.services import FilePreview, preview_file, previewing
from intake.services.previewing import BusyError
from intake.tests.handing import loaded, start_row, wip, wip_row
from lots.models import Event, Lot

pytestmark = pytest.mark.django_db


def previewed(*rows: dict[str, str], **words: float) -> FilePreview:
    return preview_file(stream=BytesIO(wip(*rows)), name="osat1.wip.csv", **words)


def test_a_preview_says_what_each_row_would_do_and_keeps_nothing(material: Path) -> None:
    start = start_row()
    loaded(wip(start), "first.wip.csv")
    seen = Event.objects.count()
    preview = previewed(
        start,
        wip_row("move", "W1", 1, step="CP2"),
        wip_row("explode", "W1", 2),
        wip_row("move", "W9", 3, step="CP2"),
    )
    assert [(row.number, row.state, row.awaits) for row in preview.rows] == [
        (2, "repeated", ""),
        (3, "applied", ""),
        (4, "quarantined", ""),
        (5, "waiting", "lot W9"),
    ]
    assert preview.read == sum(preview.totals.values()) == 4
    (lot,) = preview.lots
    assert (lot.before, lot.after) == ("2 wafer at CP1, active", "2 wafer at CP2, active")
    assert (Event.objects.count(), RawFile.objects.count(), FeedRow.objects.count()) == (seen, 1, 1)
    assert Lot.objects.get().step.code == "CP1"


def test_a_new_lot_was_nothing_before(material: Path) -> None:
    (lot,) = previewed(start_row()).lots
    assert (lot.lot, lot.before) == ("W1", "")


def test_rows_beyond_the_time_are_read_and_not_tried(material: Path) -> None:
    preview = previewed(start_row(), seconds=-1)
    assert (preview.read, preview.untried, preview.rows[0].state) == (1, 1, None)


def test_bytes_that_came_before_are_told(material: Path) -> None:
    start = start_row()
    file = loaded(wip(start), "first.wip.csv")
    assert previewed(start).earlier == file


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"\x02\x00\x00\x0a\x02\x04", "a.stdf"),
        (b"x", "a.txt"),
        (b"\x1f\x8b", "a.gz"),
        (b"a,b\n", "a.wip.csv"),
    ],
)
def test_what_is_no_report_is_refused(material: Path, content: bytes, name: str) -> None:
    with pytest.raises(FileRefusedError):
        preview_file(stream=BytesIO(content), name=name)
    assert not RawFile.objects.exists()


def test_a_preview_gives_way_to_others(material: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def locked(_: object) -> None:
        raise OperationalError("lock timeout")

    monkeypatch.setattr("intake.services.previewing.settle_row", locked)
    with pytest.raises(BusyError, match="Try again"):
        previewed(start_row())


def test_the_ledger_is_free_when_rows_are_read_out(
    material: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    events: list[int] = []
    original = previewing._read_out

    def seen(*args: Any) -> Any:
        events.append(Event.objects.count())
        return original(*args)

    monkeypatch.setattr(previewing, "_read_out", seen)
    assert previewed(start_row()).rows[0].state == "applied"
    assert events == [0]


def test_a_preview_counts_all_rows_and_shows_as_many_as_it_may(
    material: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(previewing, "ROWS_TRIED_MAX", 1)
    monkeypatch.setattr(previewing, "ROWS_SHOWN_MAX", 2)
    moves = [wip_row("move", "W1", hour, step="CP2") for hour in (3, 2, 1)]
    preview = previewed(start_row(), *moves)
    assert (preview.row_count, preview.read) == (4, 4)
    assert [(row.number, row.state) for row in preview.rows] == [(2, "applied"), (5, "applied")]
    assert (preview.untried, sum(preview.totals.values())) == (2, 2)
