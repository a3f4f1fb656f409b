"""Workers beside each other, and workers that die in the middle."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection, transaction

from intake.domain.words import FileState, RowState
from intake.models import RawFile
from intake.services import drain, is_owed, load_file
from intake.services.retrying import retry_waiting_rows
from intake.services.rows import APPLIERS_LOCK, apply_next_rows, apply_rows, apply_woken_rows
from intake.tests.handing import again, hand_in, start_row, wip, wip_row
from intake.tests.stdf_builder import sort_file
from lots.models import Event, Lot
from lots.tests.making import wafer_lot
from testing.models import Run, UnitResult

pytestmark = pytest.mark.django_db(transaction=True)

SORT = sort_file(lot="W1", flow="CP1", wafers=("1", "2"), part_type="TRN3-DIE", dies=60)
WORKER = """
import sys
import time
from pathlib import Path
import django
from django.conf import settings
settings.STORAGES["default"]["OPTIONS"]["location"] = sys.argv[1]
django.setup()
from intake.services import drain
import {module} as module
real = module.{name}
def slow(*arguments, **words):
    result = real(*arguments, **words)
    Path(sys.argv[2]).touch()
    time.sleep(60)
    return result
module.{name} = slow
drain()
"""

RECEIVER = """
import io
import sys
import time
from pathlib import Path
import django
from django.conf import settings
settings.STORAGES["default"]["OPTIONS"]["location"] = sys.argv[1]
django.setup()
from intake.domain.words import Door
from intake.services import drain, receive_file
content = Path(sys.argv[2]).read_bytes()
Path(sys.argv[3], sys.argv[4]).touch()
while not Path(sys.argv[3], "go").exists():
    time.sleep(0.01)
receipt = receive_file(stream=io.BytesIO(content), name="a.wip.csv", door=Door.API)
while drain():
    pass
print(receipt.is_duplicate)
"""


def database_url() -> str:
    """The tests' own database, as a worker is told of it."""
    known = connection.settings_dict
    user, password = quote(known["USER"], safe=""), quote(known["PASSWORD"], safe="")
    host = quote(known["HOST"], safe="")
    port = f":{known['PORT']}" if known["PORT"] else ""
    return f"postgresql://{user}:{password}@{host}{port}/{known['NAME']}"


def started(code: str, *words: str) -> subprocess.Popen[str]:
    """A process of its own that works on the tests' database."""
    return subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", code, *words],
        cwd=settings.BASE_DIR,
        stdout=subprocess.PIPE,
        text=True,
        env={
            **os.environ,
            "DATABASE_URL": database_url(),
            "DJANGO_SETTINGS_MODULE": "supplychain.settings_for_tests",
        },
    )


def kill_in_the_middle(folder: Path, module: str, name: str) -> None:
    """Start a worker, wait until it has done the named step without committing, and kill it."""
    mark = folder / "reached"
    worker = started(WORKER.format(module=module, name=name), str(folder / "files"), str(mark))
    try:
        wait_for(lambda: mark.exists() or worker.poll() is not None)
        assert mark.exists(), "the worker ended before it got there"
    finally:
        worker.send_signal(signal.SIGKILL)
        worker.communicate(timeout=10)


def wait_for(is_done: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not is_done():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.05)


def test_a_killed_worker_gives_the_file_back_and_nothing_is_twice(
    material_on_disk: Path,
) -> None:
    wafer_lot("W1", step="CP1")
    file = hand_in(SORT)
    kill_in_the_middle(material_on_disk, "intake.services.loading", "record_stdf")
    assert not Run.objects.exists()
    assert again(file).state == FileState.RECEIVED
    wait_for(lambda: load_file(file_id=file.pk))
    assert again(file).state == FileState.LOADED
    assert (Run.objects.count(), UnitResult.objects.count()) == (1, 120)
    assert [attempt.outcome for attempt in file.attempts.all()] == ["lost", "done"]


def test_a_killed_worker_leaves_rows_applied_once(material_on_disk: Path) -> None:
    rows = [wip_row("hold", "W1", hour, reason=f"r{hour}") for hour in range(1, 6)]
    file = hand_in(wip(start_row(), *rows), "a.wip.csv")
    kill_in_the_middle(material_on_disk, "intake.services.rows", "settle_row")
    wait_for(lambda: not drain() and again(file).state == FileState.LOADED)
    assert Event.objects.count() == 6
    assert Lot.objects.get(code="W1").holds.count() == 5


def test_a_file_that_another_worker_has_is_left_alone(material_on_disk: Path) -> None:
    file = hand_in(SORT)

    def try_it() -> tuple[bool, bool]:
        try:
            return load_file(file_id=file.pk), drain()
        finally:
            connection.close()

    with transaction.atomic(), ThreadPoolExecutor(1) as pool:
        RawFile.objects.select_for_update().get(pk=file.pk)
        assert pool.submit(try_it).result(30) == (False, False)
    assert not file.attempts.exists()
    assert is_owed([file.pk])


def test_workers_beside_each_other_load_everything_once(material_on_disk: Path) -> None:
    wafers = "1-2"
    files = [
        hand_in(wip(start_row(f"W{number}", wafers=wafers)), f"{number}.wip.csv")
        for number in range(4)
    ]
    files += [
        hand_in(sort_file(lot=f"W{number}", flow="CP1", wafers=("1",), job=f"J{number}"))
        for number in range(4)
    ]

    def work(_: int) -> None:
        try:
            drain()
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(work, range(3)))
    drain()
    assert {again(file).state for file in files} == {FileState.LOADED}
    assert Run.objects.count() == Lot.objects.count() == 4


def test_two_new_files_of_one_unknown_lot_make_one_lot(material_on_disk: Path) -> None:
    files = [
        hand_in(sort_file(lot="X9", wafers=(wafer,)), creates_lots=True) for wafer in ("1", "2")
    ]

    def load(file: RawFile) -> None:
        try:
            load_file(file_id=file.pk)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(load, files))
    drain()
    assert {again(file).state for file in files} == {FileState.LOADED}
    assert Lot.objects.get().quantity == 2


def test_only_one_worker_applies_rows_at_a_time(material_on_disk: Path) -> None:
    file = hand_in(wip(start_row(), wip_row("move", "W9", 1, step="CP2")), "a.wip.csv")
    load_file(file_id=file.pk)

    def work() -> tuple[int, int]:
        try:
            return apply_next_rows(), retry_waiting_rows()
        finally:
            connection.close()

    def refused() -> tuple[int, int]:
        """What another worker manages while this one holds the lock."""
        with transaction.atomic(), ThreadPoolExecutor(1) as pool, connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [APPLIERS_LOCK])
            return pool.submit(work).result(30)

    assert refused() == (0, 0)
    drain()
    wafer_lot("W9", step="CP1")
    assert refused() == (0, 0)
    drain()
    assert again(file).state == FileState.LOADED


def test_rows_read_while_another_worker_looked_in_vain_are_applied_by_it(
    material_on_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    received: list[RawFile] = []

    def hand_in_and_leave() -> None:
        try:
            received.append(hand_in(wip(start_row()), "a.wip.csv"))
            drain()
        finally:
            connection.close()

    def looked_in_vain() -> int:
        tried = apply_woken_rows()
        if not received:
            with ThreadPoolExecutor(1) as pool:
                pool.submit(hand_in_and_leave).result(60)
            assert again(received[0]).state == FileState.WAITING
        return tried

    monkeypatch.setattr("intake.services.retrying.apply_woken_rows", looked_in_vain)
    drain()
    assert again(received[0]).state == FileState.LOADED


def test_a_row_settled_meanwhile_is_left_alone(material_on_disk: Path) -> None:
    file = hand_in(wip(wip_row("move", "W9", 1, step="CP2")), "a.wip.csv")
    drain()
    wafer_lot("W9", step="CP1")
    row = file.rows.get()
    apply_rows([row.pk])
    apply_rows([row.pk])
    row.refresh_from_db()
    assert (row.state, Event.objects.count()) == (RowState.APPLIED, 2)


def test_the_same_bytes_from_ten_processes_at_once_are_one_ingest(material_on_disk: Path) -> None:
    rows = [wip_row("hold", "W1", hour, reason=f"r{hour}") for hour in range(1, 6)]
    report = material_on_disk / "report"
    report.write_bytes(wip(start_row(), *rows))
    ready = material_on_disk / "ready"
    ready.mkdir()
    senders = [
        started(RECEIVER, str(material_on_disk / "files"), str(report), str(ready), str(number))
        for number in range(10)
    ]
    try:
        wait_for(lambda: len(list(ready.iterdir())) == len(senders), seconds=300)
        (ready / "go").touch()
        told = [sender.communicate(timeout=300)[0].strip() for sender in senders]
    finally:
        for sender in senders:
            sender.kill()
    assert sorted(told) == ["False", *["True"] * 9]
    file = RawFile.objects.get()
    assert (file.state, file.arrivals.count(), file.rows.count()) == (FileState.LOADED, 10, 6)
    assert Event.objects.count() == 6
