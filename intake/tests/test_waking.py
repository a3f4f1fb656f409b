"""A parked row is tried again when what it waits for is recorded, and not before."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from intake.domain.words import WOKEN, FileState, RowState
from intake.models import FeedRow, RawFile, RowWait, WakeMark
from intake.services import drain, drop_rows, rows
from intake.services.rows import apply_next_rows
from intake.services.standing import Standing
from intake.services.waking import sweep, wake_by_events
from intake.tests.handing import again, at, loaded, start_row, table, wip, wip_row
from intake.tests.stdf_builder import sort_file
from lots.tests.making import wafer_lot

pytestmark = pytest.mark.django_db
ASSEMBLY = (
    "event_id", "occurred_at", "supplier", "lot", "product", "route", "step", "serial", "position",
    "part_serial",
)  # fmt: skip


@pytest.fixture(autouse=True)
def _material(material: Path) -> None:
    """Products and routes, storage of the test's own."""


@contextmanager
def tried(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """Ids of the rows that are tried meanwhile."""
    found: list[int] = []
    settle_row = rows.settle_row

    def noted(standing: Standing) -> FeedRow:
        found.append(standing.row.pk)
        return settle_row(standing)

    with monkeypatch.context() as patch:
        patch.setattr(rows, "settle_row", noted)
        yield found


def parked(lot: str, hours: float = 5) -> FeedRow:
    file = loaded(wip(wip_row("move", lot, hours, step="CP2")), f"{lot}.wip.csv")
    row = file.rows.get()
    assert row.state == RowState.WAITING
    return row


def keys_of(row: FeedRow) -> list[str]:
    return list(row.waits.values_list("key", flat=True))


def test_only_the_rows_of_a_lot_are_tried_when_it_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, _, _ = parked("W1"), parked("W2"), parked("W3")
    wafer_lot("W1", step="CP1")
    with tried(monkeypatch) as ids:
        drain()
    assert ids == [ours.pk]
    assert FeedRow.objects.filter(state=RowState.WAITING).count() == 2


def test_a_row_is_not_tried_again_for_what_stood_when_it_was_tried(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    held = wip_row("hold", "W1", 1, reason="x")
    with tried(monkeypatch) as ids:
        loaded(wip(start_row(), held, wip_row("move", "W1", 2, step="CP2")), "a.wip.csv")
        drain()
    assert len(ids) == 3


def test_trying_a_row_costs_the_same_however_many_wait() -> None:
    def cost(name: str) -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            loaded(wip(wip_row("hold", "W1", 2, reason=name)), f"{name}.wip.csv")
        return len(queries)

    wafer_lot("W1", step="CP1")
    parked("W0")
    few = cost("few")
    for number in range(2, 22):
        parked(f"W{number}")
    assert cost("many") == few


def test_moves_of_a_lot_wait_each_behind_the_one_before() -> None:
    first, second, third = parked("W1", 1), parked("W1", 2), parked("W1", 3)
    assert keys_of(first) == ["lot:W1"]
    assert keys_of(second) == [f"row:{first.pk}"]
    assert keys_of(third) == [f"row:{second.pk}"]
    third.refresh_from_db()
    assert third.awaits == "row 2 of W1.wip.csv"


def test_dropping_a_row_wakes_what_waited_behind_it() -> None:
    wrong = parked("W1", 1)
    parked("W1", 2)
    actor = User.objects.create_user("ada")
    drop_rows(rows=[wrong], reason="Never happened.", actor=actor)
    assert not RowWait.objects.filter(row=wrong).exists()
    assert list(FeedRow.objects.values_list("progress", flat=True).order_by("id"))[1] == WOKEN


def test_an_assembly_is_tried_when_its_parts_become_known(monkeypatch: pytest.MonkeyPatch) -> None:
    words = {
        "event_id": "E1", "occurred_at": at(9), "supplier": "ODM1", "lot": "K1",
        "product": "SLED3", "route": "C", "step": "SLED", "serial": "K-1", "position": "1",
        "part_serial": "C1",
    }  # fmt: skip
    row = loaded(table(ASSEMBLY, words), "a.assembly.csv").rows.get()
    assert keys_of(row) == ["unit:C1"]
    notice = {
        "shipment": "S1", "occurred_at": at(0), "supplier": "MRVL", "lot": "M1",
        "product": "TRN2", "route": "B", "step": "RCV", "serial": "C1",
    }  # fmt: skip
    with tried(monkeypatch) as ids:
        file = loaded(table((*notice, "declared_lot", "declared_wafer"), notice), "a.asn.csv")
    assert ids == [file.rows.get().pk, row.pk]


def test_a_row_that_waits_for_sorting_is_woken_by_the_test_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wafer_lot("W1", step="CP1")
    row = loaded(wip(wip_row("dice", "W1", 9)), "a.wip.csv").rows.get()
    assert (row.state, keys_of(row)) == (RowState.WAITING, ["lot:W1"])
    with tried(monkeypatch) as ids:
        loaded(sort_file(lot="W1", flow="CP1", wafers=("1",)))
        drain()
    assert ids == [row.pk]


def test_a_row_that_does_not_say_what_it_waits_for_is_woken_by_anything() -> None:
    row = parked("W1")
    row.waits.update(key="anything")
    wafer_lot("W2", step="CP1")
    assert wake_by_events() == 1
    assert wake_by_events() == 0


def test_rows_that_wait_for_a_wafer_are_woken_by_events_of_its_lot() -> None:
    row, other = parked("W1"), parked("W2")
    row.waits.update(key="wafer:W3-01")
    other.waits.update(key="wafer:W9-01")
    wafer_lot("W3", step="CP1")
    assert wake_by_events() == 1
    assert FeedRow.objects.get(pk=row.pk).progress == WOKEN


def test_the_ledger_is_followed_though_nothing_waits() -> None:
    drain()
    wafer_lot("W1", step="CP1")
    drain()
    assert WakeMark.objects.get().seq == 1


def test_the_sweep_tries_what_nothing_woke() -> None:
    row = parked("W1")
    assert sweep() == 0
    FeedRow.objects.update(retry_at=timezone.now() - timedelta(seconds=1))
    assert sweep() == 1
    assert FeedRow.objects.get(pk=row.pk).progress == WOKEN
    assert sweep() == 0


def test_a_file_that_a_dead_process_left_behind_is_brought_up_to_date(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(rows, "settle_file", lambda file: None)
        file = loaded(wip(start_row()), "a.wip.csv")
    assert again(file).state == FileState.WAITING
    RawFile.objects.update(due_at=timezone.now())
    drain()
    assert again(file).state == FileState.LOADED


def test_rows_of_a_later_report_wait_until_earlier_reports_are_read() -> None:
    late = loaded(wip(start_row("W2")), "b.wip.csv")
    RawFile.objects.create(sha256="0" * 64, size=1, name="a", kind="wip", storage_path="none")
    late.rows.update(state=RowState.WAITING, progress="")
    assert apply_next_rows() == 1
    FeedRow.objects.update(file=RawFile.objects.get(name="a"), state=RowState.WAITING, progress="")
    assert apply_next_rows() == 0
