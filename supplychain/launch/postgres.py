"""The embedded PostgreSQL: initialise, start, recognise, stop. It has a private socket only."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from dataclasses import dataclass
from urllib.parse import quote

from supplychain.launch.places import PRIVATE, make_folder
from supplychain.launch.problems import LaunchProblem
from supplychain.launch.processes import command_line
from supplychain.launch.server import Server

PORT = 5432  # names the socket file; nothing listens on the network
ROLE = "supplychain"
START_SECONDS_MAX = 120
SHARED_MEMORY_BYTES_MIN = 1_000_000_000
SHARED_BUFFERS_MB_MIN = 256
SHARED_BUFFERS_MB_MAX = 4096

DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
FORGETFUL = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",  # it would take tables for empty whose rows a test never commits
}

ENSURE_ROLE = """
SELECT 'CREATE ROLE supplychain' WHERE NOT EXISTS
    (SELECT FROM pg_roles WHERE rolname = 'supplychain') \\gexec
ALTER ROLE supplychain LOGIN NOSUPERUSER {rights} PASSWORD :'password';
SELECT 'CREATE DATABASE supplychain OWNER supplychain' WHERE NOT EXISTS
    (SELECT FROM pg_database WHERE datname = 'supplychain') \\gexec
"""
LET_FILL = "GRANT SET ON PARAMETER session_replication_role TO supplychain;"  # tests only


@dataclass(frozen=True, slots=True)
class Postgres:
    """One cluster. owner_password: of the bootstrap superuser. durable: off only for tests."""

    server: Server
    owner_password: str
    service_password: str
    durable: bool = True

    @property
    def url(self) -> str:
        """DATABASE_URL of the service's own role."""
        return self.url_of(ROLE)

    def url_of(self, database: str) -> str:
        host = quote(str(self.server.socket), safe="")
        password = quote(self.service_password, safe="")
        return f"postgresql://{ROLE}:{password}@{host}:{PORT}/{database}"

    def start(self) -> None:
        """Leave a server that answers: the one that runs, or a fresh one."""
        if not (self.server.cluster / "PG_VERSION").exists():
            self._initialise()
        if not (self.is_running() and self._answers_within(10)):
            self.stop(mode="immediate")
            self._launch()
        self._ensure_role()

    def stop(self, mode: str = "fast") -> None:
        if self.is_running():
            self._call("pg_ctl", "stop", "-D", str(self.server.cluster), "-m", mode, "-t", "60")
        else:
            # Another process may bear that number by now, and would keep PostgreSQL from starting.
            (self.server.cluster / "postmaster.pid").unlink(missing_ok=True)

    def is_running(self) -> bool:
        """Whether the process in the pid file lives and is the server of this cluster."""
        try:
            text = (self.server.cluster / "postmaster.pid").read_text()
            return str(self.server.cluster) in command_line(int(text.split()[0]))
        except (FileNotFoundError, IndexError, ValueError):
            return False

    def _initialise(self) -> None:
        fresh = self.server.home / "cluster.new"
        shutil.rmtree(fresh, ignore_errors=True)
        password = self.server.home / "password"
        password.touch(mode=0o600)
        password.write_text(self.owner_password)
        self.server.user.own(password)
        try:
            self._call(
                "initdb", "-D", str(fresh), "--username=postgres", f"--pwfile={password}",
                "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C",
                "--locale-provider=builtin", "--builtin-locale=C.UTF-8",
                *([] if self.durable else ["--no-sync"]),
            )  # fmt: skip
        finally:
            password.unlink()
        with (fresh / "postgresql.conf").open("a") as file:
            file.write("include_if_exists = 'supplychain.conf'\n")
        fresh.rename(self.server.cluster)

    def _launch(self) -> None:
        make_folder(self.server.log, PRIVATE)
        self.server.user.own(self.server.log)
        settings = self.server.cluster / "supplychain.conf"
        lines = [f"{name} = '{value}'\n" for name, value in self._settings().items()]
        settings.write_text("".join(lines))
        self.server.user.own(settings)
        self._call(
            "pg_ctl", "start", "-D", str(self.server.cluster), "-t", str(START_SECONDS_MAX),
            "-l", str(self.server.log / "start.log"),
        )  # fmt: skip

    def _settings(self) -> dict[str, str]:
        return {
            "listen_addresses": "",
            "port": str(PORT),
            "unix_socket_directories": str(self.server.socket),
            "unix_socket_permissions": "0700",
            "max_connections": "100",
            "dynamic_shared_memory_type": shared_memory(),
            "shared_buffers": f"{shared_buffers_mb(memory_mb())}MB",
            "work_mem": "16MB",
            "maintenance_work_mem": "128MB",
            "max_wal_size": "2GB",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "logging_collector": "on",
            "log_directory": str(self.server.log),
            "log_filename": "postgres-%a.log",
            "log_truncate_on_rotation": "on",
            "log_rotation_age": "1d",
            "log_rotation_size": "0",
            "log_min_duration_statement": "2s",
            **(DURABLE if self.durable else FORGETFUL),
        }

    def create_database(self, name: str) -> None:
        """One more, of the service's role."""
        self._set_up(f"CREATE DATABASE {name} OWNER {ROLE};")

    def _ensure_role(self) -> None:
        """The service's role: owner of its database, never a superuser."""
        rights = "NOCREATEDB" if self.durable else "CREATEDB"
        text = ENSURE_ROLE.format(rights=rights) + ("" if self.durable else LET_FILL)
        self._set_up(text, f"password={self.service_password}")

    def _set_up(self, text: str, variable: str = "") -> None:
        done = self._psql(text, variable)
        if done.returncode:
            raise LaunchProblem(f"PostgreSQL refused its set-up: {done.stderr.strip()}")

    def _answers_within(self, seconds: float) -> bool:
        end = time.monotonic() + seconds
        while self._psql("SELECT 1").returncode != 0:
            if time.monotonic() > end:
                return False
            time.sleep(0.2)
        return True

    def _psql(self, text: str, variable: str = "") -> subprocess.CompletedProcess[str]:
        environment = {
            "PATH": os.defpath, "PGPASSWORD": self.owner_password, "PGCONNECT_TIMEOUT": "5",
        }  # fmt: skip
        command = [
            str(self.server.bin / "psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-U", "postgres",
            "-d", "postgres", "-h", str(self.server.socket), "-p", str(PORT),
        ]  # fmt: skip
        if variable:
            text = f"\\set {variable.replace('=', ' ', 1)}\n{text}"
        return subprocess.run(
            command, input=text, text=True, capture_output=True, check=False, env=environment
        )

    def _call(self, program: str, *arguments: str) -> None:
        command = [str(self.server.bin / program), *arguments]
        # A file and not a pipe: the server would hold a pipe open for ever.
        log = self.server.home / f"{program}.log"
        with log.open("w+") as output:
            done = subprocess.run(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, check=False,
                **self.server.user.popen,
            )  # fmt: skip
        if done.returncode:
            lines = [*log.read_text(errors="replace").splitlines()[-4:], *self._last_log_lines()]
            said = " | ".join(line.strip() for line in lines if line.strip())
            raise LaunchProblem(f"The embedded PostgreSQL failed at {program}: {said}")

    def _last_log_lines(self) -> list[str]:
        logs = sorted(self.server.log.glob("*.log"), key=lambda path: path.stat().st_mtime)
        return logs[-1].read_text(errors="replace").splitlines()[-3:] if logs else []


def memory_mb() -> int:
    """Of the machine."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20


def shared_buffers_mb(memory: int) -> int:
    """An eighth of the memory: the rest of it keeps files, and runs the workers. In MB."""
    return min(max(memory // 8, SHARED_BUFFERS_MB_MIN), SHARED_BUFFERS_MB_MAX)


def shared_memory() -> str:
    """Containers often give /dev/shm 64 MB, which one parallel query may fill; files have room."""
    try:
        found = os.statvfs("/dev/shm")  # noqa: S108
    except OSError:
        return "mmap"
    return "posix" if found.f_bavail * found.f_frsize >= SHARED_MEMORY_BYTES_MIN else "mmap"
