"""Rows that a person repairs, tries again or drops."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from intake.models import FeedRow, RawFile
from intake.services import drop_rows, repair_row, replay_rows
from intake.services.draining import drain
from intake.services.matching_by_hand import NotOwedError
from intake.tests.handing import again, loaded, start_row, wip, wip_row
from intake.tests.maps_writer import e142
from lots.models import Event
from supplychain.base.errors import MalformedError

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann(db: None) -> User:
    return User.objects.create_user("ann")


def bad_file() -> RawFile:
    return loaded(wip(start_row(), wip_row("move", "W1", 1, step="NOWHERE")), "a.wip.csv")


def bad_row(file: RawFile) -> FeedRow:
    return file.rows.get(state="quarantined")


def test_a_row_tried_again_after_long_waits_anew(material: Path, ann: User) -> None:
    file = loaded(wip(wip_row("move", "W1", 2, step="CP2")), "a.wip.csv")
    past = timezone.now() - timedelta(days=15)
    RawFile.objects.update(received_at=past)
    file.rows.update(retry_at=past)
    drain()
    row = file.rows.get()
    assert row.reason.startswith("Waited for 14 days in vain.")
    replay_rows(rows=[row], actor=ann)
    drain()
    row.refresh_from_db()
    assert (row.state, row.awaits) == ("waiting", "lot W1")
    loaded(wip(start_row()), "b.wip.csv")
    row.refresh_from_db()
    assert row.state == "applied"


def test_a_row_tried_again_waits_no_longer_than_any_other(material: Path, ann: User) -> None:
    row = loaded(wip(wip_row("move", "W1", 2, step="CP2")), "a.wip.csv").rows.get()
    replay_rows(rows=[row], actor=ann)
    past = timezone.now() - timedelta(days=15)
    FeedRow.objects.update(decided_at=past)
    drain()
    row.refresh_from_db()
    assert row.state == "quarantined"


def test_a_repaired_row_keeps_what_it_said_first(material: Path, ann: User) -> None:
    file = bad_file()
    row = bad_row(file)
    repair_row(row=row, content={**row.content, "step": "CP2"}, actor=ann)
    drain()
    row.refresh_from_db()
    assert row.original
    assert (row.state, row.original["step"], row.content["step"]) == ("applied", "NOWHERE", "CP2")
    assert (row.decided_by, again(file).state) == (ann, "loaded")


def test_a_repaired_time_is_the_one_that_counts(material: Path) -> None:
    row = bad_row(bad_file())
    when = "2026-03-05T08:00:00+00:00"
    repair_row(row=row, content={**row.content, "step": "CP2", "occurred_at": when})
    drain()
    assert Event.objects.get(verb="move").occurred_at.isoformat() == when
    with pytest.raises(MalformedError, match="occurred_at"):
        other = bad_row(loaded(wip(wip_row("explode", "W1")), "b.wip.csv"))
        repair_row(row=other, content={**other.content, "occurred_at": "noon"})


def test_a_line_that_could_not_be_read_is_read_once_it_is_mended(material: Path) -> None:
    good = wip_row("move", "W1", 1, step="CP2")
    file = loaded(wip(start_row(), {**good, "occurred_at": "noon"}), "a.wip.csv")
    row = bad_row(file)
    with pytest.raises(MalformedError, match="still not be read"):
        repair_row(row=row, content={"text": row.content["text"]})
    with pytest.raises(MalformedError, match="It says nothing"):
        repair_row(row=row, content={"text": " "})
    with pytest.raises(MalformedError, match="Send the file again"):
        repair_row(row=row, content={"text": "a\nb"})
    repair_row(row=row, content={"text": row.content["text"].replace("noon", good["occurred_at"])})
    drain()
    row.refresh_from_db()
    assert (row.state, row.content["step"]) == ("applied", "CP2")
    assert again(file).state == "loaded"


def test_a_dropped_row_says_who_and_why_and_settles_its_file(material: Path, ann: User) -> None:
    file = bad_file()
    assert drop_rows(rows=[bad_row(file)], reason="Sent in error.", actor=ann) == 1
    row = file.rows.get(number=3)
    assert (row.state, row.reason) == ("dropped", "Dropped by ann: Sent in error.")
    assert (again(file).state, again(file).message) == ("loaded", "2 rows: 1 applied, 1 dropped.")


def test_rows_are_dropped_all_or_none(material: Path, ann: User) -> None:
    file = bad_file()
    with pytest.raises(NotOwedError, match="Row 2"):
        drop_rows(rows=list(file.rows.all()), reason="x", actor=ann)
    with pytest.raises(MalformedError, match="why"):
        drop_rows(rows=[bad_row(file)], reason=" ", actor=ann)
    assert bad_row(file).state == "quarantined"


def test_a_dropped_row_may_be_tried_again(material: Path, ann: User) -> None:
    file = loaded(wip(wip_row("move", "W1", 1, step="CP2")), "a.wip.csv")
    drop_rows(rows=list(file.rows.all()), reason="x", actor=ann)
    assert replay_rows(rows=list(file.rows.all()), actor=ann) == 1
    drain()
    assert file.rows.get().awaits == "lot W1"


def test_a_settled_row_is_not_repaired(material: Path) -> None:
    row = bad_file().rows.get(state="applied")
    with pytest.raises(NotOwedError):
        repair_row(row=row, content={})


def test_a_row_of_a_map_is_repaired_as_it_was_read(material: Path) -> None:
    row = loaded(e142("01"), "w1.xml").rows.get()
    repair_row(row=row, content={**row.content, "wafer": "W1-09"})
    drain()
    row.refresh_from_db()
    assert row.awaits == "wafer W1-09"
