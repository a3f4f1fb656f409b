"""Brokers on loopback, for as long as a test needs them, and workers that listen to them."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from django.conf import settings

RABBIT = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")


@dataclass
class Broker:
    """url: what an operator would set as CELERY_BROKER_URL. folder: of this test alone."""

    url: str
    folder: Path
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def notes(self) -> list[str]:
        path = self.folder / "notes"
        return path.read_text().split() if path.exists() else []

    @property
    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "supplychain.settings",
            "CELERY_BROKER_URL": self.url,
            "SUPPLYCHAIN_VAR": str(self.folder),
        }

    def send(self, task: str, *arguments: object) -> None:
        code = (
            "import sys, json; from tests.brokers.app import app;"
            " app.send_task(sys.argv[1], json.loads(sys.argv[2]))"
        )
        words = str([str(self.folder / "notes"), *arguments]).replace("'", '"')
        command = [sys.executable, "-c", code, task, words]
        subprocess.run(command, check=True, env=self.environment, cwd=settings.BASE_DIR, timeout=60)

    def start_worker(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "celery", "-A", "tests.brokers.app", "worker"]
        command += ["--concurrency", "1", "--loglevel", "INFO", "--without-mingle"]
        with (self.folder / "worker.log").open("a") as log:
            worker = subprocess.Popen(
                command,
                env=self.environment,
                cwd=settings.BASE_DIR,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.workers.append(worker)
        return worker

    def wait_for(self, claim: Callable[[], bool]) -> None:
        end = time.monotonic() + 60
        while not claim():
            assert time.monotonic() < end, (self.folder / "worker.log").read_text()[-3000:]
            time.sleep(0.05)

    def stop(self) -> None:
        for worker in self.workers:
            kill_group(worker)


def kill_group(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@pytest.fixture(params=["folder", "redis", "rabbitmq"])
def broker(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Broker]:
    (tmp_path / "broker" / "messages").mkdir(parents=True)
    (tmp_path / "broker" / "control").mkdir()
    with KINDS[request.param](tmp_path) as url:
        one = Broker(url, tmp_path)
        try:
            yield one
        finally:
            one.stop()


@contextmanager
def folder_broker(folder: Path) -> Iterator[str]:
    yield ""


@contextmanager
def redis_broker(folder: Path) -> Iterator[str]:
    server = shutil.which("redis-server")
    if server is None:
        pytest.skip("redis-server is not installed (Debian: apt install redis-server)")
    port = free_port()
    command = [server, "--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder)]
    with running([*command, "--save", ""], folder, {}):
        wait_for_port(port)
        yield f"redis://127.0.0.1:{port}/0"


@contextmanager
def rabbitmq_broker(folder: Path) -> Iterator[str]:
    if not RABBIT.exists():
        pytest.skip("rabbitmq-server is not installed (Debian: apt install rabbitmq-server)")
    port, epmd_port = free_port(), free_port()
    variables = {
        "HOME": str(folder),
        "RABBITMQ_NODENAME": f"test{port}@localhost",
        "RABBITMQ_NODE_PORT": str(port),
        "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
        "RABBITMQ_DIST_PORT": str(free_port()),
        "RABBITMQ_MNESIA_BASE": str(folder / "rabbit"),
        "RABBITMQ_LOG_BASE": str(folder / "rabbit-log"),
        "RABBITMQ_PID_FILE": str(folder / "rabbit.pid"),
        "RABBITMQ_CONFIG_FILE": str(folder / "rabbit.conf"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"),
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        "ERL_EPMD_PORT": str(epmd_port),
    }
    (folder / "plugins").write_text("[].\n")
    (folder / "rabbit.conf").write_text("")
    names = ["epmd", "-address", "127.0.0.1", "-port", str(epmd_port)]
    with running(names, folder, {}), running([str(RABBIT)], folder, variables):
        wait_for_port(port)
        yield f"amqp://guest:guest@127.0.0.1:{port}//"


KINDS = {"folder": folder_broker, "redis": redis_broker, "rabbitmq": rabbitmq_broker}


@contextmanager
def running(command: list[str], folder: Path, variables: dict[str, str]) -> Iterator[None]:
    with (folder / f"{Path(command[0]).name}.log").open("w") as log:
        process = subprocess.Popen(
            command,
            env={**os.environ, **variables},
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        yield
    finally:
        kill_group(process)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for_port(port: int) -> None:
    end = time.monotonic() + 60
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            assert time.monotonic() < end, f"nothing answers on port {port}"
            time.sleep(0.1)
        else:
            return
