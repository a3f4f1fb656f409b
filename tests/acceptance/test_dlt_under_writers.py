"""The documented dlt pipeline pulls the ledger while eight writers record and post.

Some hundred lines unless told. At full size, `LEDGER_ROWS=1000000 ./run test
tests/acceptance/test_dlt_under_writers.py`, the ledger has that many lines before they begin, and
every other example of the page then reads all of it, but Excel's, for a sheet has no room. Run that
alone: it takes the foreign keys of the ledger away, in the test's own database, because the lines
name lots that are not there.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from django.db import connections
from django.db.models import Sum
from pytest_django.live_server_helper import LiveServer

import finance.services
from finance.models import Follower, LedgerEntry
from finance.tests.line import moved, wafer_lot
from lots.models import Event
from tests.acceptance.examples import begin_books, examples, run_example
from tests.acceptance.filled import fill

ROWS = int(os.environ.get("LEDGER_ROWS", "0"))
WRITERS = 8
LOTS_EACH = 4
PULLS_MEANWHILE = 2
PAUSE_SECONDS = 0.5
SECONDS_MAX = 120 + ROWS // 1000


@pytest.fixture
def token(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> str:
    """Of who may read the ledger, filled as far as was asked."""
    known = begin_books(monkeypatch)
    if ROWS:
        fill(ROWS)
    return known


class Writers:
    """Eight at once: each records a lot, posts, and goes on until it has done its share
    and the reader has seen enough."""

    def __init__(self) -> None:
        self.errors: list[BaseException] = []
        self.has_seen_enough = threading.Event()
        self.threads = [
            threading.Thread(target=self._run, args=(number,)) for number in range(WRITERS)
        ]

    def start(self) -> None:
        for thread in self.threads:
            thread.start()

    def stop(self) -> None:
        """When each has done its share."""
        self.has_seen_enough.set()
        for thread in self.threads:
            thread.join()

    def _run(self, writer: int) -> None:
        try:
            done = 0
            while done < LOTS_EACH or not self.has_seen_enough.is_set():
                moved(wafer_lot(f"W{writer}-{done}", step="WAT"), "RCV", "BUMP", "CP1")
                finance.services.post_events(limit=5)
                done += 1
                self.has_seen_enough.wait(PAUSE_SECONDS)
        except BaseException as error:
            self.errors.append(error)
        finally:
            connections.close_all()


def last_seq(copy: Path) -> int:
    with duckdb.connect(str(copy), read_only=True) as there:
        found = there.execute("SELECT max(seq) FROM finance.ledger").fetchone()
    assert found is not None
    return int(found[0])


def pull_under(writers: Writers, pull: Callable[[], int]) -> list[int]:
    """The last seq after each pull: some while all write, then until nothing is new."""
    writers.start()
    try:
        ends = [pull() for _ in range(PULLS_MEANWHILE)]
    finally:
        writers.stop()
    while finance.services.post_events().events:
        pass
    ends.append(pull())
    while ends[-1] != ends[-2] or len(ends) < PULLS_MEANWHILE + 2:
        ends.append(pull())
    return ends


def test_nothing_is_lost_or_repeated(live_server: LiveServer, token: str, tmp_path: Path) -> None:
    there = {"SERVICE": live_server.url, "TOKEN": token}
    (dlt,) = [block for block in examples() if "dlt" in block.heading]
    copy = tmp_path / "ledger.duckdb"

    def pull() -> int:
        run_example(dlt, tmp_path, there, SECONDS_MAX)
        return last_seq(copy)

    moved(wafer_lot("W", step="WAT"), "RCV")
    finance.services.post_events()
    writers = Writers()
    ends = pull_under(writers, pull)
    assert writers.errors == []
    assert len(set(ends)) == PULLS_MEANWHILE + 1, "nothing was posted between two pulls"
    assert Follower.objects.get().seq == Event.objects.count()
    assert_same(copy)
    if ROWS:
        run_all_others(there, tmp_path)


def assert_same(copy: Path) -> None:
    """Row for row, and to the last decimal by account."""
    with duckdb.connect(str(copy), read_only=True) as there:
        rows = there.execute("SELECT seq, amount, sha256 FROM finance.ledger ORDER BY seq")
        found = rows.fetchall()
        sums = there.execute("SELECT account, sum(amount) FROM finance.ledger GROUP BY account")
        found_sums = dict(sums.fetchall())
    wanted = LedgerEntry.objects.order_by("seq").values_list("seq", "amount", "sha256")
    assert len(found) >= ROWS + WRITERS * LOTS_EACH * 8
    assert found == list(wanted)
    by_account = LedgerEntry.objects.order_by("account").values_list("account")
    assert found_sums == dict(by_account.annotate(total=Sum("amount")))


def run_all_others(there: dict[str, str], folder: Path) -> None:
    for block in examples():
        if not block.heading.endswith(("dlt", "Excel")):
            run_example(block, folder, there, SECONDS_MAX)
            while finance.services.work_exports():
                pass
