"""The ledger from gunicorn: seconds, memory, and what happens when a reader hangs up."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

from django.db import connection

from finance.domain.words import ExportFormat
from supplychain.launch.places import Places, find_places
from supplychain.launch.requirements import RUNTIME, install_requirements
from supplychain.launch.service import WEB_MEMORY

PATH = "/api/v1/finance/ledger?format="
CHUNK_BYTES = 1 << 20
START_SECONDS = 60.0
FREE_SECONDS = 30.0
COPYING = """
    SELECT count(*) FROM pg_stat_activity
    WHERE state = 'active' AND query LIKE 'COPY%' AND pid <> pg_backend_pid()
"""


@dataclass(frozen=True, slots=True)
class Figures:
    """By format: seconds for the whole ledger, and until a connection was free again.

    megabytes: at most, of the web worker. at_rest: when it had answered a page of JSON only.
    """

    seconds: dict[str, float]
    at_rest: float
    megabytes: float
    freed: dict[str, float]


def figures(token: str) -> Figures:
    """Whole files first, then readers who leave early."""
    with installed() as python, gunicorn(python) as (port, pid):
        _whole(port, token, "json")
        at_rest = _peak_of(pid)
        seconds = {str(kind): _whole(port, token, kind) for kind in ExportFormat}
        freed = {str(kind): _hung_up(port, token, kind) for kind in ExportFormat}
        return Figures(seconds, at_rest, _peak_of(pid), freed)


@contextmanager
def installed() -> Iterator[Path]:
    """A Python with what the service runs on, and nothing of what develops it.

    Some libraries import what they find: with the development packages beside it, the web process
    holds 11 MB more.
    """
    root = find_places().root
    with tempfile.TemporaryDirectory(prefix="supplychain-runtime-") as folder:
        places = Places(root=Path(folder), var=Path(folder))
        for name in RUNTIME:
            shutil.copy(root / name, folder)
        install_requirements(places, RUNTIME)
        yield places.python


@contextmanager
def gunicorn(python: Path) -> Iterator[tuple[int, int]]:
    """One worker with four threads, as the service has. Its port and process id."""
    with socket.socket() as chosen:
        chosen.bind(("127.0.0.1", 0))
        port = chosen.getsockname()[1]
    words = ["-m", "gunicorn", "supplychain.wsgi", "--bind", f"127.0.0.1:{port}", "--workers", "1"]
    more = [
        "--worker-class",
        "gthread",
        "--threads",
        "4",
        "--timeout",
        "120",
        "--no-control-socket",
    ]
    server = subprocess.Popen([python, *words, *more], env=os.environ | WEB_MEMORY)  # noqa: S603
    try:
        _wait_for(port)
        yield port, server.pid
    finally:
        server.terminate()
        server.wait()


def _wait_for(port: int) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        with socket.socket() as tried:
            if tried.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise TimeoutError(f"gunicorn did not start within {START_SECONDS} s")


def _asked(port: int, token: str, kind: str) -> HTTPConnection:
    asking = HTTPConnection("127.0.0.1", port, timeout=300)
    asking.request("GET", PATH + kind, headers={"Authorization": f"Bearer {token}"})
    return asking


def _whole(port: int, token: str, kind: str) -> float:
    begun = time.perf_counter()
    with closing(_asked(port, token, kind)) as asking:
        answer = asking.getresponse()
        assert answer.status == 200, answer.read()
        while answer.read(CHUNK_BYTES):
            pass
    return time.perf_counter() - begun


def _hung_up(port: int, token: str, kind: str) -> float:
    with closing(_asked(port, token, kind)) as asking:
        answer = asking.getresponse()
        answer.read(CHUNK_BYTES)
        assert _copying(), "nothing is being copied; there is nothing to measure"
        answer.close()
    begun = time.perf_counter()
    while _copying():
        assert time.perf_counter() < begun + FREE_SECONDS, "the connection is held"
        time.sleep(0.01)
    return time.perf_counter() - begun


def _copying() -> int:
    with connection.cursor() as cursor:
        cursor.execute(COPYING)
        return int(cursor.fetchone()[0])


def _peak_of(server: int) -> float:
    return max(map(_peak_megabytes, _children(server)))


def _children(pid: int) -> list[int]:
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(word) for word in found]


def _peak_megabytes(pid: int) -> float:
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert found, "this system does not tell memory"
    return int(found[1]) / 1000
