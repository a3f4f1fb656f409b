"""`kill -9` on the worker in the middle of a file, as often as one likes: it is loaded once."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection, transaction
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from intake.domain.words import Door
from intake.models import LoadAttempt, RawFile
from intake.services import receive_file
from intake.tests.test_claims import database_url
from lots.models import Event
from quality.models import YieldFigure
from simulator.stdf import Limits, StdfWriter
from testing.models import ReadingSummary, Run, UnitResult
from tests.brokers.conftest import kill_group

PARTS = 30_000
TESTS = 3
SECONDS_MAX = 120.0
WAITING = """
    SELECT count(*) FROM pg_locks
    WHERE NOT granted AND relation = 'testing_readingsummary'::regclass
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
BUSY = """
    SELECT pid, state, wait_event_type, wait_event, now() - query_start, left(query, 200)
    FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""

pytestmark = pytest.mark.django_db(transaction=True)


@dataclass
class Service:
    """Worker and beat as `./run` starts them, on the tests' database and a folder of their own."""

    folder: Path
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        environment = {
            **os.environ,
            "DATABASE_URL": database_url(),
            "SUPPLYCHAIN_VAR": str(self.folder),
            "DJANGO_SETTINGS_MODULE": "supplychain.settings",
            "CELERY_BROKER_URL": "",
        }
        command = [sys.executable, "-m", "celery", "-A", "supplychain", *words]
        with (self.folder / "log").open("a") as log:
            process = subprocess.Popen(
                command,
                env=environment,
                cwd=settings.BASE_DIR,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.processes.append(process)
        return process

    def start_worker(self) -> subprocess.Popen[bytes]:
        return self.start("worker", "--concurrency", "1", "--without-gossip", "--without-mingle")

    def wait_for(self, claim: Callable[[], bool], pause: float = 0.02) -> None:
        end = time.monotonic() + SECONDS_MAX
        while not claim():
            assert time.monotonic() < end, self.told()
            time.sleep(pause)

    def told(self) -> str:
        """What stands recorded, what waits for a worker, what the database does, and the log."""
        with connection.cursor() as cursor:
            cursor.execute(BUSY)
            busy = "\n".join(map(str, cursor.fetchall()))
        waiting = len(list((self.folder / "broker" / "messages").glob("*.msg")))
        log = (self.folder / "log").read_text()[-2000:]
        return f"{attempts()}, {waiting} messages wait\n{busy}\n{log}"

    def kill_worker_when(self, claim: Callable[[], bool]) -> None:
        worker = self.start_worker()
        self.wait_for(claim, pause=0.002)
        kill_group(worker)


def run_every_second(*tasks: str) -> None:
    """Only these: with all of them each second, one worker falls behind until messages expire."""
    second, _ = IntervalSchedule.objects.get_or_create(every=1, period=IntervalSchedule.SECONDS)
    PeriodicTask.objects.update(enabled=False)
    PeriodicTask.objects.filter(task__in=tasks).update(enabled=True, interval=second)


@pytest.fixture
def service(reference: None, transactional_db: None, files_folder: Path) -> Iterator[Service]:
    run_every_second("intake.load_files", "quality.summarise")
    for name in ["messages", "control"]:
        (files_folder / "broker" / name).mkdir(parents=True)
    one = Service(files_folder)
    yield one
    for process in one.processes:
        kill_group(process)


def big_file() -> bytes:
    """Packages by number, a few readings each: seconds of work."""
    writer = StdfWriter()
    writer.master_information(1_760_000_000, 1_760_000_060, "P", ["BIG-1", "CHIP", "T1", "93K"])
    tail = writer.parametric_tail("idd", Limits(0.0, 2.0, "A"))
    for number in range(PARTS):
        writer.part_start(1)
        for test in range(TESTS):
            writer.parametric(100 + test, 1, 0, 1.0, tail)
        writer.part_end([1, 0, TESTS, 1, 1, -32768, -32768, 20], f"U{number:06}")
    writer.master_results(1_760_003_600)
    return writer.data()


def attempts() -> list[str]:
    return list(LoadAttempt.objects.order_by("id").values_list("outcome", flat=True))


def is_copying() -> bool:
    """Whether a worker wrote its results and waits to write the summaries of their readings."""
    with connection.cursor() as cursor:
        cursor.execute(WAITING)
        (count,) = cursor.fetchone()
    return bool(count)


def assert_nothing_of(file: RawFile) -> None:
    assert RawFile.objects.get(pk=file.pk).state == "received"
    assert not Run.objects.exists()


def test_file_of_a_killed_worker_finishes_by_itself_and_nothing_is_twice(service: Service) -> None:
    file = receive_file(
        stream=BytesIO(big_file()), name="big.stdf", door=Door.INBOX, creates_lots=True
    ).file
    service.start("beat", "--max-interval", "1", "--pidfile", "")
    service.kill_worker_when(lambda: bool(attempts()))
    assert attempts() == ["running"]
    assert_nothing_of(file)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE testing_readingsummary IN SHARE MODE")
        service.kill_worker_when(is_copying)
    assert_nothing_of(file)
    service.start_worker()
    service.wait_for(lambda: RawFile.objects.get(pk=file.pk).state == "loaded")
    assert attempts() == ["lost", "lost", "done"]
    service.wait_for(lambda: YieldFigure.objects.filter(is_current=True, scope="lot").exists())
    assert YieldFigure.objects.get(is_current=True, scope="lot").tested == PARTS
    assert (Run.objects.count(), Event.objects.count()) == (1, 1)
    assert UnitResult.objects.count() == PARTS
    assert ReadingSummary.objects.count() == TESTS
    assert attempts() == ["lost", "lost", "done"]
