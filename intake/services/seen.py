"""What the last scan of the drop folder left, kept beside it so that any worker can go on."""

from __future__ import annotations

import fcntl
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from intake.services.inbox import SEEN, Sight

LOCK = ".lock"


@contextmanager
def only_scan(folder: Path) -> Iterator[bool]:
    """Whether no other process scans the folder now."""
    with (folder / LOCK).open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
        else:
            yield True


def read_seen(folder: Path) -> dict[str, Sight]:
    """Empty when there was no scan, or its record is damaged."""
    try:
        rows = json.loads((folder / SEEN).read_text())
        return {name: Sight(size, changed_ns) for name, (size, changed_ns) in rows.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def write_seen(folder: Path, seen: Mapping[str, Sight]) -> None:
    """Whole or not at all."""
    rows = {name: [sight.size, sight.changed_ns] for name, sight in seen.items()}
    fresh = folder / f"{SEEN}.new"
    fresh.write_text(json.dumps(rows))
    fresh.replace(folder / SEEN)
