"""As whom the database server runs. PostgreSQL refuses root, so root hands it to an ordinary user."""

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
        """Arguments for subprocess that start a child as this user."""
        if not self.switched:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def own(self, path: Path) -> None:
        if self.switched:
            os.chown(path, self.uid, self.gid)

    def can_enter(self, path: Path) -> bool:
        """Whether this user can list the folder, through every parent."""
        probe = ["/bin/sh", "-c", 'cd "$1" && test -r .', "sh", str(path)]
        done = subprocess.run(probe, capture_output=True, check=False, cwd="/", **self.popen)
        return done.returncode == 0


def server_user() -> ServerUser:
    if os.getuid() != 0:
        return ServerUser(uid=os.getuid(), gid=os.getgid(), switched=False)
    for name in ["postgres", "nobody"]:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return ServerUser(uid=entry.pw_uid, gid=entry.pw_gid, switched=True)
    raise LaunchProblem(
        "PostgreSQL will not run as root and this machine has neither a user `postgres` nor `nobody`. "
        "Start ./run as an ordinary user, or set DATABASE_URL to a database of your own."
    )
