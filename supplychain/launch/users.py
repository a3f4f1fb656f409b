"""As whom the server runs. PostgreSQL refuses root, so root hands it to an ordinary user."""

from __future__ import annotations

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from supplychain.launch.problems import LaunchProblem


@dataclass(frozen=True, slots=True)
class ServerUser:
    """uid and gid the server runs under; switched: they are not our own."""

    uid: int
    gid: int
    switched: bool

    @property
    def popen(self) -> dict[str, Any]:
        """Arguments for subprocess that start a child as this user, with nothing of ours."""
        clean = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
        if not self.switched:
            return {"cwd": "/", "env": clean}
        return {
            "cwd": "/", "env": clean, "user": self.uid, "group": self.gid, "extra_groups": [],
        }  # fmt: skip

    def own(self, path: Path) -> None:
        if self.switched:
            os.chown(path, self.uid, self.gid)

    def can_enter(self, path: Path) -> bool:
        """Whether this user can go into the folder, through every parent."""
        return self.can_run(["/bin/sh", "-c", 'cd "$1"', "sh", str(path)])

    def can_run(self, command: list[str]) -> bool:
        try:
            done = subprocess.run(command, capture_output=True, check=False, **self.popen)
        except OSError:
            return False
        return done.returncode == 0


def server_user(home: Path) -> ServerUser:
    """Ourselves; for root, whoever owns the cluster's folder, else `postgres`, else `nobody`."""
    if os.getuid() != 0:
        return ServerUser(uid=os.getuid(), gid=os.getgid(), switched=False)
    if home.is_dir() and home.stat().st_uid != 0:
        return ServerUser(uid=home.stat().st_uid, gid=home.stat().st_gid, switched=True)
    for name in ["postgres", "nobody"]:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return ServerUser(uid=entry.pw_uid, gid=entry.pw_gid, switched=True)
    raise LaunchProblem(
        "PostgreSQL will not run as root, and here is neither a user `postgres` nor `nobody`. "
        "Start ./run as an ordinary user, or set DATABASE_URL to a database of your own."
    )
