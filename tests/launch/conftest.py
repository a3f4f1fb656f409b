"""A copy of the service with a data folder of its own, started as an operator starts it."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from django.conf import settings

from supplychain.launch.places import Places
from supplychain.launch.processes import start_time
from supplychain.launch.supervisor import State, read_state

START_SECONDS_MAX = 600.0
STOP_SECONDS_MAX = 120.0
CompletedProcess = subprocess.CompletedProcess[str]
OURS = ("DATABASE_URL", "CELERY_BROKER_URL", "DJANGO_SETTINGS_MODULE", "PYTEST_")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Copy:
    """var: its data folder. log: what `./run` printed."""

    var: Path
    port: int = field(default_factory=free_port)
    extra: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    @property
    def places(self) -> Places:
        return Places(root=settings.BASE_DIR, var=self.var)

    @property
    def log(self) -> Path:
        return self.var.parent / f"{self.var.name}.log"

    @property
    def state(self) -> State:
        state = read_state(self.places)
        assert state is not None, "nothing is recorded as running"
        return state

    @property
    def environment(self) -> dict[str, str]:
        kept = {
            key: value
            for key, value in os.environ.items()
            if not key.startswith(("SUPPLYCHAIN_", *OURS))
        }
        mine = {
            "SUPPLYCHAIN_VAR": str(self.var),
            "SUPPLYCHAIN_PORT": str(self.port),
            "SUPPLYCHAIN_DEMO": "0",
            "SUPPLYCHAIN_PYTHON": sys.executable,
        }
        return kept | mine | self.extra

    def run(self, *words: str) -> CompletedProcess:
        """`./run WORDS`, to its end."""
        command = [str(settings.BASE_DIR / "run"), *words]
        return subprocess.run(
            command,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=START_SECONDS_MAX,
            stdin=subprocess.DEVNULL,
        )

    def start(self) -> None:
        """`./run` in the background, until it has said that it is up."""
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [str(settings.BASE_DIR / "run")],
                env=self.environment,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        self.wait_for(lambda: "is up at" in self.said() or self.process_status() is not None)
        assert self.process_status() is None, self.said()

    def process_status(self) -> int | None:
        assert self.process is not None
        return self.process.poll()

    def said(self) -> str:
        return self.log.read_text()

    def wait_for(self, claim: object, seconds: float = START_SECONDS_MAX) -> None:
        assert callable(claim)
        end = time.monotonic() + seconds
        while not claim():
            assert time.monotonic() < end, f"waited {seconds} s in vain: {self.said()}"
            time.sleep(0.05)

    def interrupt(self) -> int:
        """Ctrl-C; its exit status."""
        assert self.process is not None
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(STOP_SECONDS_MAX)

    def kill(self) -> None:
        """As the system kills: without a chance to tidy up."""
        assert self.process is not None
        self.process.kill()
        self.process.wait(STOP_SECONDS_MAX)

    def page(self, path: str) -> tuple[int, str]:
        address = f"http://127.0.0.1:{self.port}{path}"
        with urllib.request.urlopen(address, timeout=20) as answer:
            return answer.status, answer.read().decode()

    def database_home(self) -> Path:
        pointer = self.var / "postgres.where"
        return Path(pointer.read_text().strip()) if pointer.exists() else self.var / "postgres"

    def take(self, other: Copy) -> None:
        """All that another one left behind when it was stopped, under a name of our own."""
        whole = ["/bin/cp", "-a"]
        subprocess.run([*whole, str(other.var), str(self.var)], check=True)
        home = other.database_home()
        if home.parent != other.var:
            mine = home.with_name(f"supplychain-{self.places.tag}-test")
            subprocess.run([*whole, str(home), str(mine)], check=True)
            (self.var / "postgres.where").write_text(f"{mine}\n")

    def pid(self, name: str) -> int:
        return next(child.pid for child in self.state.children if child.name == name)

    def database_pid(self) -> int:
        note = self.database_home() / "cluster" / "postmaster.pid"
        return int(note.read_text().split()[0])

    def discard(self) -> None:
        """Leave nothing: no process, no folder outside the test's own."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.run("stop")
        if self.process is not None and self.process.poll() is None:
            self.kill()
        shutil.rmtree(self.database_home(), ignore_errors=True)


def is_gone(pid: int) -> bool:
    return start_time(pid) == ""


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Copy]:
    """Nothing was ever set up."""
    one = Copy(tmp_path / "var")
    yield one
    one.discard()


@pytest.fixture(scope="session")
def set_up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Copy, CompletedProcess]]:
    """One whose first `./run manage` has set it up, and stopped; what that said."""
    one = Copy(tmp_path_factory.mktemp("set_up") / "var")
    yield one, one.run("manage", "shell", "-v0", "-c", "print('only this')")
    one.discard()


@pytest.fixture
def copy(set_up: tuple[Copy, CompletedProcess], tmp_path: Path) -> Iterator[Copy]:
    """As somebody has it who set it up before: its start has nothing to migrate."""
    one = Copy(tmp_path / "var")
    one.take(set_up[0])
    yield one
    one.discard()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Copy]:
    """One service that several tests look at."""
    one = Copy(tmp_path_factory.mktemp("service") / "var")
    one.start()
    yield one
    one.discard()


@pytest.fixture
def places(tmp_path: Path) -> Places:
    one = Places(root=settings.BASE_DIR, var=tmp_path / "var")
    one.prepare()
    return one
