"""Processes, told apart by number and start time, because numbers are used again."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class Recorded:
    """A process we started; it leads a group of its own. started: as the system writes it."""

    name: str
    pid: int
    started: str

    def is_alive(self) -> bool:
        return start_time(self.pid) == self.started


def record(name: str, pid: int) -> Recorded:
    return Recorded(name=name, pid=pid, started=start_time(pid))


def start_time(pid: int) -> str:
    """When the process began, as an opaque word; empty for none and for a zombie."""
    if (PROC / "self").exists():
        try:
            fields = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            return ""
        return "" if fields[0] in "ZX" else fields[19]
    return _ps(pid, "lstart=")


def command_line(pid: int) -> str:
    """The command of a living process; empty for none."""
    if (PROC / "self").exists():
        try:
            words = (PROC / str(pid) / "cmdline").read_bytes().split(b"\0")
        except OSError:
            return ""
        return " ".join(os.fsdecode(word) for word in words).strip()
    return _ps(pid, "command=")


def stop_groups(groups: list[Recorded], marks: str, seconds: float) -> list[str]:
    """End these processes with all they started; ask first, then kill. Names of those ended.

    marks: text in the command line of every process of ours, looked for before a group whose
    leader is gone is touched.
    """
    ours = [group for group in groups if group.is_alive() or _has_orphans(group, marks)]
    for group in ours:
        if group.is_alive():
            os.kill(group.pid, signal.SIGTERM)  # the leader only: it ends its own in good order
    end = time.monotonic() + seconds
    while time.monotonic() < end and any(group.is_alive() for group in ours):
        time.sleep(0.1)
    for group in ours:
        signal_group(group.pid, signal.SIGKILL)
    return [group.name for group in ours]


def signal_group(pid: int, number: int) -> None:
    try:
        os.killpg(pid, number)
    except (ProcessLookupError, PermissionError):
        return


def _has_orphans(group: Recorded, marks: str) -> bool:
    if start_time(group.pid):
        return False  # the number belongs to somebody else now
    listed = subprocess.run(
        ["/bin/ps", "-A", "-o", "pgid=", "-o", "command="],
        capture_output=True,
        text=True,
        check=False,
    )
    rows = [line.strip().partition(" ") for line in listed.stdout.splitlines()]
    return any(pgid == str(group.pid) and marks in command for pgid, _, command in rows)


def _ps(pid: int, column: str) -> str:
    done = subprocess.run(
        ["/bin/ps", "-o", column, "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return done.stdout.strip()
