"""The drop folder: whole files are taken, files still being written are left alone."""

from __future__ import annotations

import logging
import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from intake.domain.words import Door
from intake.services.receiving import Receipt, receive_file
from supplychain.base.errors import TooLargeError

log = logging.getLogger(__name__)

QUIET_SECONDS = 2.0
REFUSED = ".refused"
SEEN = ".seen"
FILES_MAX = 5_000
UNFINISHED_SUFFIXES = (".part", ".partial", ".tmp", ".filepart", ".crdownload")


@dataclass(frozen=True, slots=True)
class Sight:
    """A file as one scan saw it."""

    size: int
    changed_ns: int


@dataclass(frozen=True, slots=True)
class Scan:
    """What a scan took, and what it saw and left, by relative path."""

    taken: tuple[Receipt, ...]
    left: Mapping[str, Sight]


def scan_inbox(*, folder: Path, seen: Mapping[str, Sight], now: float) -> Scan:
    """Take every file that is as the last scan saw it and was quiet for QUIET_SECONDS.

    seen: what the scan before left. now: seconds since 1970. A taken file is removed once it is
    stored; one that is refused at the door is put aside in `.refused`.
    """
    taken: list[Receipt] = []
    left: dict[str, Sight] = {}
    for path in _candidates(folder):
        name = path.relative_to(folder).as_posix()
        sight = _sight(path)
        if sight is None:
            continue
        is_quiet = now - sight.changed_ns / 1e9 >= QUIET_SECONDS
        if not is_quiet or seen.get(name) != sight:
            left[name] = sight
        elif (receipt := _take(folder, path, sight)) is not None:
            taken.append(receipt)
    return Scan(tuple(taken), left)


def _candidates(folder: Path) -> Iterator[Path]:
    """Files below the folder by path, without hidden ones and those being transferred."""
    count = 0
    for root, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if name.startswith(".") or name.lower().endswith(UNFINISHED_SUFFIXES):
                continue
            count += 1
            if count > FILES_MAX:
                return
            yield Path(root) / name


def _sight(path: Path) -> Sight | None:
    """None for what is gone meanwhile, or no plain file: links are never followed."""
    try:
        status = path.lstat()
    except OSError:
        return None
    if not stat.S_ISREG(status.st_mode):
        return None
    return Sight(status.st_size, status.st_mtime_ns)


def _take(folder: Path, path: Path, sight: Sight) -> Receipt | None:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
        with os.fdopen(descriptor, "rb") as stream:
            name = path.relative_to(folder).as_posix()
            receipt = receive_file(stream=stream, name=name, door=Door.INBOX)
    except TooLargeError:
        log.warning("inbox: %s is too large and was put aside", path.name)
        _put_aside(folder, path)
        return None
    except OSError:
        log.exception("inbox: %s could not be read", path.name)
        return None
    if _sight(path) == sight:
        path.unlink(missing_ok=True)
    return receipt


def _put_aside(folder: Path, path: Path) -> None:
    aside = folder / REFUSED
    aside.mkdir(exist_ok=True)
    path.replace(aside / path.name)
