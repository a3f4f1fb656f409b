"""The embedded PostgreSQL: initialise, start, recognise, stop. It listens on a private socket only."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from supplychain.launch.places import kept_secret, make_folder, PRIVATE
from supplychain.launch.problems import LaunchProblem
from supplychain.launch.processes import command_line
from supplychain.launch.server import Server

PORT = 5432  # names the socket file; nothing listens on the network
ROLE = "supplychain"
START_SECONDS_MAX = 120

DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@dataclass(frozen=True, slots=True)
class Postgres:
    """One cluster. passwords: a folder of ours for its two passwords. durable: off only for tests."""

    server: Server
    passwords: Path
    durable: bool = True

    @property
    def url(self) -> str:
        """DATABASE_URL of the service's own role."""
        password = quote(kept_secret(self.passwords / "database_password"), safe="")
        host = quote(str(self.server.socket), safe="")
        return f"postgresql://{ROLE}:{password}@{host}:{PORT}/{ROLE}"

    def start(self) -> None:
        """Leave a server that answers: the one that runs, or a fresh one."""
        if not (self.server.cluster / "PG_VERSION").exists():
            self._initialise()
        if not self._running() or not self._wait_answering(10):
            self.stop(mode="immediate")
            self._launch()
        self._ensure_role()

    def stop(self, mode: str = "fast") -> None:
        if self._running():
            self._call(
                "pg_ctl", "stop", "-D", str(self.server.cluster), "-m", mode, "-w", "-t", "60"
            )
        else:
            self._forget_dead_server()

    def is_answering(self) -> bool:
        return self._psql("SELECT 1").returncode == 0

    def _initialise(self) -> None:
        fresh = self.server.home / "cluster.new"
        shutil.rmtree(fresh, ignore_errors=True)
        password = self.server.home / "password"
        password.write_text(kept_secret(self.passwords / "database_owner_password"))
        password.chmod(0o600)
        self.server.user.own(password)
        try:
            self._call(
                "initdb", "-D", str(fresh), "--username=postgres", f"--pwfile={password}",
                "--auth=scram-sha-256", "--encoding=UTF8", "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8", "--locale=C", *([] if self.durable else ["--no-sync"]),
            )  # fmt: skip
        finally:
            password.unlink()
        with (fresh / "postgresql.conf").open("a") as file:
            file.write("include_if_exists = 'supplychain.conf'\n")
        fresh.rename(self.server.cluster)

    def _launch(self) -> None:
        make_folder(self.server.home / "log", PRIVATE)
        self.server.user.own(self.server.home / "log")
        settings = self.server.cluster / "supplychain.conf"
        settings.write_text(
            "".join(f"{key} = '{value}'\n" for key, value in self._settings().items())
        )
        self.server.user.own(settings)
        self._call(
            "pg_ctl", "start", "-D", str(self.server.cluster), "-w", "-t", str(START_SECONDS_MAX),
            "-l", str(self.server.home / "log" / "start.log"),
        )  # fmt: skip

    def _settings(self) -> dict[str, str]:
        return {
            "listen_addresses": "",
            "port": str(PORT),
            "unix_socket_directories": str(self.server.socket),
            "unix_socket_permissions": "0700",
            "max_connections": "100",
            "shared_buffers": "256MB",
            "work_mem": "16MB",
            "maintenance_work_mem": "128MB",
            "max_wal_size": "2GB",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "logging_collector": "on",
            "log_directory": str(self.server.home / "log"),
            "log_filename": "postgres-%a.log",
            "log_truncate_on_rotation": "on",
            "log_rotation_age": "1d",
            "log_rotation_size": "0",
            "log_min_duration_statement": "2s",
            **(DURABLE if self.durable else FORGETFUL),
        }

    def _ensure_role(self) -> None:
        """The service's role: owner of its database, never a superuser."""
        password = kept_secret(self.passwords / "database_password")
        create = "" if self.durable else " CREATEDB"
        self._sql(
            f"SELECT 'CREATE ROLE {ROLE}' WHERE NOT EXISTS"
            f" (SELECT FROM pg_roles WHERE rolname = '{ROLE}') \\gexec\n"
            f"ALTER ROLE {ROLE} LOGIN NOSUPERUSER{create} PASSWORD '{password}';\n"
            f"SELECT 'CREATE DATABASE {ROLE} OWNER {ROLE}' WHERE NOT EXISTS"
            f" (SELECT FROM pg_database WHERE datname = '{ROLE}') \\gexec\n"
        )

    def _sql(self, text: str) -> None:
        done = self._psql(text)
        if done.returncode:
            raise LaunchProblem(
                f"The embedded PostgreSQL refused its set-up: {done.stderr.strip()}"
            )

    def _psql(self, text: str) -> subprocess.CompletedProcess[str]:
        environment = {
            "PATH": os.environ.get("PATH", ""),
            "PGPASSWORD": kept_secret(self.passwords / "database_owner_password"),
            "PGCONNECT_TIMEOUT": "5",
        }
        command = [
            str(self.server.bin / "psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-U", "postgres",
            "-d", "postgres", "-h", str(self.server.socket), "-p", str(PORT),
        ]  # fmt: skip
        return subprocess.run(
            command, input=text, text=True, capture_output=True, check=False, env=environment
        )

    def _wait_answering(self, seconds: float) -> bool:
        end = time.monotonic() + seconds
        while not self.is_answering():
            if time.monotonic() > end:
                return False
            time.sleep(0.2)
        return True

    def _running(self) -> bool:
        """Whether the process named in the pid file lives and is this cluster's server."""
        pid = self._pid()
        return pid is not None and str(self.server.cluster) in command_line(pid)

    def _pid(self) -> int | None:
        try:
            return int((self.server.cluster / "postmaster.pid").read_text().split()[0])
        except (FileNotFoundError, IndexError, ValueError):
            return None

    def _forget_dead_server(self) -> None:
        # A number used again by another process would make PostgreSQL refuse to start.
        (self.server.cluster / "postmaster.pid").unlink(missing_ok=True)

    def _call(self, program: str, *arguments: str) -> None:
        command = [str(self.server.bin / program), *arguments]
        done = subprocess.run(
            command, cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, check=False, **self.server.user.popen,
        )  # fmt: skip
        if done.returncode:
            lines = [*done.stdout.strip().splitlines()[-3:], *self._last_log_lines()]
            raise LaunchProblem(f"The embedded PostgreSQL failed at {program}: {' | '.join(lines)}")

    def _last_log_lines(self) -> list[str]:
        logs = sorted(
            (self.server.home / "log").glob("*.log"), key=lambda path: path.stat().st_mtime
        )
        return logs[-1].read_text(errors="replace").splitlines()[-3:] if logs else []
