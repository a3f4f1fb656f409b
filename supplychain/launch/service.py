"""`./run`: from nothing to a page one can sign in to, and on until Ctrl-C."""

from __future__ import annotations

import os
import socket
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from supplychain.launch.database import database_up, kept_postgres, outside_url, revive
from supplychain.launch.locks import try_lock
from supplychain.launch.output import Output
from supplychain.launch.places import Places, write_private
from supplychain.launch.postgres import Postgres
from supplychain.launch.prepare import prepare_database, service_environment
from supplychain.launch.problems import LaunchProblem, say
from supplychain.launch.requirements import RUNTIME, install_requirements
from supplychain.launch.supervisor import Child, Supervisor, read_state, stop_left_children

READY_SECONDS_MAX = 90.0
DATABASE_LOOK_SECONDS = 2.0
WEB_STATEMENT_SECONDS = "30"
WEB_MEMORY = {
    "MALLOC_ARENA_MAX": "1",
    "ARROW_DEFAULT_MEMORY_POOL": "jemalloc",
    "JE_ARROW_MALLOC_CONF": "dirty_decay_ms:0,muzzy_decay_ms:0",
}
"""Threads share one heap, and Parquet is written in memory that is given back: 20 MB less."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the operator asked for by environment."""

    host: str
    port: int
    web_workers: int
    task_workers: int

    @property
    def address(self) -> str:
        return f"http://{'127.0.0.1' if self.host == '0.0.0.0' else self.host}:{self.port}/"  # noqa: S104


def read_wishes() -> Wishes:
    return Wishes(
        host=os.environ.get("SUPPLYCHAIN_HOST", "").strip() or "127.0.0.1",
        port=_number("SUPPLYCHAIN_PORT", 8000, 65_535),
        web_workers=_number("SUPPLYCHAIN_WEB_WORKERS", 2, 64),
        task_workers=_number("SUPPLYCHAIN_TASK_WORKERS", 2, 64),
    )


def serve(places: Places) -> None:
    """Set up and supervise. Returns after an orderly stop."""
    wishes = read_wishes()
    places.prepare()
    lock = try_lock(places.run / "service.lock")
    if lock is None:
        raise LaunchProblem(_already_running(places))
    with lock:
        stop_left_children(places)
        check_port(wishes)
        install_requirements(places, RUNTIME)
        say("Starting the database …")
        with database_up(places) as url:
            prepare_database(places, url)
            say("Starting web, worker and beat …")
            _Service(places, wishes, service_environment(places, url)).run()
    say("Stopped.")


def check_port(wishes: Wishes) -> None:
    family = socket.AF_INET6 if ":" in wishes.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((wishes.host, wishes.port))
        except OSError as error:
            raise LaunchProblem(
                f"Port {wishes.port} on {wishes.host} cannot be used ({error.strerror}). "
                "Choose another, for example: SUPPLYCHAIN_PORT=8001 ./run"
            ) from error


class _Service:
    def __init__(self, places: Places, wishes: Wishes, environment: dict[str, str]) -> None:
        self.places = places
        self.wishes = wishes
        self.environment = environment
        self.supervisor = Supervisor(places, wishes.address)
        self.postgres: Postgres | None = None if outside_url() else kept_postgres(places)
        self.begun_at = time.monotonic()
        self.looked_at = 0.0

    def run(self) -> None:
        web = self.environment | WEB_MEMORY
        web["SUPPLYCHAIN_STATEMENT_SECONDS"] = WEB_STATEMENT_SECONDS
        children = [
            self._child("web", web_command(self.places, self.wishes), web),
            self._child("worker", worker_command(self.places, self.wishes), self.environment),
            self._child("beat", beat_command(self.places), self.environment),
        ]
        self.supervisor.run(children, self._tick)

    def _child(self, name: str, command: list[str], environment: dict[str, str]) -> Child:
        return Child(Output(name, self.places.log), command, environment)

    def _tick(self) -> None:
        self._look_at_database()
        if self.supervisor.ready:
            return
        if is_ready(self.wishes):
            self.supervisor.ready = True
            say(welcome(self.places, self.wishes))
            self._compile_reader()
            self._load_demo()
        elif time.monotonic() - self.begun_at > READY_SECONDS_MAX:
            raise LaunchProblem(
                f"The service did not answer at {self.wishes.address} within "
                f"{READY_SECONDS_MAX:.0f} s. Read {self.places.log}/web.log."
            )

    def _look_at_database(self) -> None:
        if self.postgres is None or time.monotonic() - self.looked_at < DATABASE_LOOK_SECONDS:
            return
        if not self.postgres.is_running():
            say("The database ended unexpectedly; starting it again.")
            try:
                revive(self.places, self.postgres)
            except LaunchProblem as problem:
                say(f"{problem} Trying again in 10 s.")
                self.looked_at = time.monotonic() + 10
                return
        self.looked_at = time.monotonic()

    def _compile_reader(self) -> None:
        """In the background, so that the first test file does not wait for it."""
        command = [str(self.places.python), str(self.places.root / "manage.py"), "stdf", "prepare"]
        self.supervisor.children.append(
            Child(Output("reader", self.places.log), command, self.environment, on_done=_looked_at)
        )

    def _load_demo(self) -> None:
        if not demo_wanted(self.places):
            return
        say("Loading the demo line; the service can be used meanwhile.")
        command = [str(self.places.python), str(self.places.root / "manage.py"), "load_demo"]
        output = Output("demo", self.places.log, aloud=True)
        self.supervisor.children.append(
            Child(output, command, self.environment, on_done=self._demo_done)
        )

    def _demo_done(self, status: int) -> None:
        if status == 0:
            write_private(demo_marker(self.places), "loaded\n")
            say("The demo line is loaded.")
        else:
            say(f"The demo was not loaded to its end (status {status}); the next start goes on.")


def _looked_at(status: int) -> None:
    """Without it the first file compiles; its log says why."""
    if status:
        say(f"The reader of test files was not compiled ahead (status {status}).")


def demo_marker(places: Places) -> Path:
    return places.var / "demo"


def demo_wanted(places: Places) -> bool:
    """On the first start of an embedded database, unless declined; later only when asked for."""
    wish = os.environ.get("SUPPLYCHAIN_DEMO", "").strip()
    marker = demo_marker(places)
    known = marker.read_text().strip() if marker.exists() else ""
    if known == "loaded" or wish == "0" or (not wish and (outside_url() or known == "declined")):
        if not known:
            write_private(marker, "declined\n")
        return False
    write_private(marker, "begun\n")
    return True


def web_command(places: Places, wishes: Wishes) -> list[str]:
    host = f"[{wishes.host}]" if ":" in wishes.host else wishes.host
    return [
        str(places.python), "-m", "gunicorn", "supplychain.wsgi", "--bind", f"{host}:{wishes.port}",
        "--workers", str(wishes.web_workers), "--worker-class", "gthread", "--threads", "4",
        "--timeout", "120", "--graceful-timeout", "20", "--max-requests", "5000",
        "--max-requests-jitter", "500", "--worker-tmp-dir", str(places.run), "--no-control-socket",
        "--log-level", "info", "--access-logfile", "-", "--access-logformat",
        '%(h)s "%(r)s" %(s)s %(B)s bytes %(M)s ms %({x-request-id}o)s',
    ]  # fmt: skip


def worker_command(places: Places, wishes: Wishes) -> list[str]:
    return [
        str(places.python), "-m", "celery", "-A", "supplychain", "worker", "--loglevel", "INFO",
        "--concurrency", str(wishes.task_workers), "--max-tasks-per-child", "500",
        "--max-memory-per-child", "1500000", "--without-gossip", "--without-mingle",
        "--hostname", f"{places.tag}@%h",
    ]  # fmt: skip


def beat_command(places: Places) -> list[str]:
    return [
        str(places.python), "-m", "celery", "-A", "supplychain", "beat", "--loglevel", "INFO",
        "--max-interval", "5", "--pidfile", "",
    ]  # fmt: skip


def is_ready(wishes: Wishes) -> bool:
    try:
        with urllib.request.urlopen(f"{wishes.address}readyz", timeout=2) as answer:  # noqa: S310
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def welcome(places: Places, wishes: Wishes) -> str:
    lines = ["", f"  supplychain is up at {wishes.address}"]
    sign_in = places.secrets / "sign_in"
    if sign_in.exists():
        user, password = sign_in.read_text().split()
        lines.append(f"  Sign in as {user} with the password {password}")
        lines.append(f"  (kept in {sign_in}; change it after the first sign-in)")
    lines += ["  Ctrl-C or ./run stop ends it.", ""]
    return "\n".join(lines)


def _already_running(places: Places) -> str:
    state = read_state(places)
    where = f" at {state.address} (process {state.supervisor.pid})" if state else ""
    return f"The service of {places.var} is already running{where}. End it with: ./run stop"


def _number(name: str, default: int, most: int) -> int:
    word = os.environ.get(name, "").strip() or str(default)
    if not (word.isascii() and word.isdigit() and 1 <= int(word) <= most):
        raise LaunchProblem(f"{name} must be a whole number from 1 to {most}, not {word!r}.")
    return int(word)
