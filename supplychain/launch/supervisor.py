"""Keeps the service's processes alive, and ends them all when it ends."""

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

from supplychain.launch import child as child_program
from supplychain.launch.output import Output
from supplychain.launch.places import Places, write_private
from supplychain.launch.problems import LaunchProblem, say
from supplychain.launch.processes import Recorded, record, signal_group, stop_groups

TICK_SECONDS = 0.2
BACKOFF_SECONDS_MAX = 30.0
HEALTHY_SECONDS = 60.0
STOP_SECONDS_MAX = 25.0
FAILURES_BEFORE_READY_MAX = 3


@dataclass(slots=True)
class Child:
    """One process to keep alive, or, with on_done, one to run once (told its exit status)."""

    output: Output
    command: list[str]
    environment: dict[str, str]
    on_done: Callable[[int], None] | None = None
    failures: int = 0
    start_at: float = 0.0
    started_at: float = 0.0
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def name(self) -> str:
        return self.output.name


class Supervisor:
    """One thread: it starts children, reads what they say, and looks at the clock."""

    def __init__(self, places: Places, address: str) -> None:
        self.places = places
        self.address = address
        self.children: list[Child] = []
        self.ready = False
        self.selector = selectors.DefaultSelector()
        self.stop_requests = 0

    def run(self, children: list[Child], each_tick: Callable[[], None]) -> None:
        """Until a signal asks for the end. each_tick may add children or raise."""
        for number in [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]:
            signal.signal(number, self._on_signal)
        self.children = children
        try:
            while not self.stop_requests:
                self._read(TICK_SECONDS)
                for one in list(self.children):
                    self._look_after(one)
                each_tick()
        finally:
            self._stop_all()

    def _on_signal(self, *_: object) -> None:
        self.stop_requests += 1

    def _look_after(self, one: Child) -> None:
        if one.process is None:
            if time.monotonic() >= one.start_at:
                self._start(one)
            return
        status = one.process.poll()
        if status is None:
            if time.monotonic() - one.started_at > HEALTHY_SECONDS:
                one.failures = 0
            return
        self._bury(one)
        if one.on_done:
            self.children.remove(one)
            one.on_done(status)
        else:
            self._plan_restart(one, status)

    def _start(self, one: Child) -> None:
        wrapper = [sys.executable, str(Path(child_program.__file__)), str(os.getpid())]
        one.process = subprocess.Popen(
            [*wrapper, *one.command],
            env=one.environment,
            cwd=self.places.root,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        assert one.process.stdout is not None
        os.set_blocking(one.process.stdout.fileno(), False)
        self.selector.register(one.process.stdout, selectors.EVENT_READ, one)
        one.started_at = time.monotonic()
        self._write_state()

    def _bury(self, one: Child) -> None:
        """Take the last words, and end what a dead leader may have left in its group."""
        assert one.process is not None
        self._drain(one)
        signal_group(one.process.pid, signal.SIGKILL)
        if one.process.stdout is not None:
            self.selector.unregister(one.process.stdout)
            one.process.stdout.close()
        one.output.finish()
        one.process = None

    def _plan_restart(self, one: Child, status: int) -> None:
        one.failures += 1
        if not self.ready and one.failures >= FAILURES_BEFORE_READY_MAX:
            said = "\n  ".join(one.output.last_lines(12))
            raise LaunchProblem(
                f"{one.name} does not start; its last words, from {self.places.log}/{one.name}.log:"
                f"\n  {said}"
            )
        wait = min(BACKOFF_SECONDS_MAX, 0.5 * 2 ** (one.failures - 1))
        one.start_at = time.monotonic() + wait
        say(f"{one.name} ended unexpectedly (status {status}); starting it again in {wait:g} s.")

    def _read(self, seconds: float) -> None:
        for key, _ in self.selector.select(seconds):
            self._drain(key.data)

    def _drain(self, one: Child) -> None:
        assert one.process is not None
        assert one.process.stdout is not None
        try:
            while chunk := os.read(one.process.stdout.fileno(), 65_536):
                one.output.take(chunk)
        except BlockingIOError:
            return

    def _stop_all(self) -> None:
        running = [one for one in self.children if one.process is not None]
        for one in running:
            assert one.process is not None
            one.process.terminate()  # the leader only: it ends its own in good order
        end = time.monotonic() + STOP_SECONDS_MAX
        asked = self.stop_requests
        while time.monotonic() < end and self.stop_requests == asked:
            self._read(TICK_SECONDS)
            if all(one.process is None or one.process.poll() is not None for one in running):
                break
        for one in running:
            self._bury(one)
        state_path(self.places).unlink(missing_ok=True)

    def _write_state(self) -> None:
        children = [
            record(one.name, one.process.pid) for one in self.children if one.process is not None
        ]
        state = {
            "address": self.address,
            "supervisor": asdict(record("supervisor", os.getpid())),
            "children": [asdict(one) for one in children],
        }
        with suppress(OSError):  # a full disk: better unrecorded than dead
            write_private(state_path(self.places), json.dumps(state, indent=1))


@dataclass(frozen=True, slots=True)
class State:
    """What an earlier supervisor wrote down."""

    address: str
    supervisor: Recorded
    children: list[Recorded]


def state_path(places: Places) -> Path:
    return places.run / "processes.json"


def read_state(places: Places) -> State | None:
    try:
        found = json.loads(state_path(places).read_text())
        return State(
            address=found["address"],
            supervisor=Recorded(**found["supervisor"]),
            children=[Recorded(**one) for one in found["children"]],
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def stop_left_children(places: Places) -> list[str]:
    """End what a killed supervisor left running; the names of what was found."""
    state = read_state(places)
    if state is None:
        return []
    stopped = stop_groups(state.children, marks=str(places.venv), seconds=10.0)
    state_path(places).unlink(missing_ok=True)
    return stopped
