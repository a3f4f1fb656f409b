"""`./run test`: pytest on a server of its own, thrown away afterwards."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from supplychain.launch.foreground import run_foreground
from supplychain.launch.places import Places, write_private
from supplychain.launch.postgres import Postgres
from supplychain.launch.processes import Recorded, command_line, record
from supplychain.launch.requirements import TESTS, install_requirements
from supplychain.launch.server import Server, throwaway_server
from supplychain.launch.tests_template import MIGRATED, start_migrated

OUTSIDE = [
    "CELERY_BROKER_URL",
    "SUPPLYCHAIN_S3_BUCKET",
    "SUPPLYCHAIN_HTTPS",
    "SUPPLYCHAIN_DEBUG",
    "SUPPLYCHAIN_TEST_TEMPLATE",
]


def run_tests(places: Places, arguments: list[str]) -> int:
    """pytest's exit status. Nothing in the data folder's database is touched."""
    places.prepare()
    discard_left_behind(places)
    install_requirements(places, TESTS)
    with (
        database(places, start_migrated) as url,
        tempfile.TemporaryDirectory(prefix="supplychain-var-") as var,
    ):
        environment = {key: value for key, value in os.environ.items() if key not in OUTSIDE}
        environment |= {
            "DATABASE_URL": url,
            "SUPPLYCHAIN_TEST_TEMPLATE": "" if outside_server() else MIGRATED,
            "SUPPLYCHAIN_VAR": var,
            "SUPPLYCHAIN_SECRET_KEY": secrets.token_urlsafe(48),
            "NUMBA_CACHE_DIR": str(places.var / "compiled"),
        }
        command = [str(places.python), "-m", "pytest", *arguments]
        return run_foreground(command, environment, places.root)


def discard_left_behind(places: Places) -> int:
    """Remove the servers of test runs that were killed; how many there were."""
    found = 0
    for note in places.run.glob("test-*.json"):
        content = json.loads(note.read_text())
        if not Recorded(**content["run"]).is_alive():
            discard(Path(content["home"]), Path(content["socket"]))
            note.unlink()
            found += 1
    return found


def outside_server() -> str:
    """Address of a server that somebody else keeps; empty when we bring our own."""
    return os.environ.get("SUPPLYCHAIN_TEST_DATABASE_URL", "").strip()


def start_empty(_: Places, server: Server) -> Postgres:
    postgres = Postgres(server, secrets.token_urlsafe(24), secrets.token_urlsafe(24), durable=False)
    postgres.start()
    return postgres


@contextmanager
def database(
    places: Places, start: Callable[[Places, Server], Postgres] = start_empty
) -> Iterator[str]:
    if outside := outside_server():
        yield outside
        return
    server = throwaway_server(places)
    note = places.run / f"test-{os.getpid()}.json"
    content = {
        "run": asdict(record("test", os.getpid())),
        "home": str(server.home),
        "socket": str(server.socket),
    }
    write_private(note, json.dumps(content))
    try:
        yield start(places, server).url
    finally:
        discard(server.home, server.socket)
        note.unlink(missing_ok=True)


def discard(home: Path, socket: Path) -> None:
    """Nothing in it is worth an orderly end."""
    try:
        pid = int((home / "cluster" / "postmaster.pid").read_text().split()[0])
    except (OSError, ValueError, IndexError):
        pid = 0
    if pid and str(home) in command_line(pid):
        os.kill(pid, signal.SIGQUIT)
        end = time.monotonic() + 10
        while command_line(pid) and time.monotonic() < end:
            time.sleep(0.02)
    shutil.rmtree(home, ignore_errors=True)
    shutil.rmtree(socket, ignore_errors=True)
