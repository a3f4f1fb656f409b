"""Bytes into storage under their own SHA-256: whole or not at all, the same bytes once."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from uuid import uuid4

from django.core.files import File
from django.core.files.storage import FileSystemStorage, default_storage, storages

from supplychain.base.errors import TooLargeError

UPLOAD_BYTES_MAX = 2 << 30
CHUNK_BYTES = 1 << 20
SPOOL_BYTES = 8 << 20
FILE_MODE = 0o640
RAW = "raw"


@dataclass(frozen=True, slots=True)
class Spooled:
    """Bytes taken in, not yet stored."""

    stream: IO[bytes]
    sha256: str
    size: int


@contextmanager
def spooled(source: IO[bytes], bytes_max: int = UPLOAD_BYTES_MAX) -> Iterator[Spooled]:
    """Read a source to its end into memory or a temporary file. TooLargeError beyond bytes_max."""
    with spooled_pieces(iter(lambda: source.read(CHUNK_BYTES), b""), bytes_max) as found:
        yield found


@contextmanager
def spooled_pieces(pieces: Iterable[bytes], bytes_max: int = UPLOAD_BYTES_MAX) -> Iterator[Spooled]:
    """The same for bytes that come in pieces."""
    with tempfile.SpooledTemporaryFile(max_size=SPOOL_BYTES) as stream:
        digest = hashlib.sha256()
        size = 0
        for piece in pieces:
            size += len(piece)
            if size > bytes_max:
                raise TooLargeError(
                    f"The file is larger than {bytes_max:,} bytes. Pack it, or split it.",
                    bytes_max=bytes_max,
                )
            digest.update(piece)
            stream.write(piece)
        stream.seek(0)
        yield Spooled(stream, digest.hexdigest(), size)


def storage_path(sha256: str, folder: str = RAW) -> str:
    """Where the bytes with this hash lie."""
    return f"{folder}/{sha256[:2]}/{sha256[2:]}"


def store(found: Spooled, folder: str = RAW) -> str:
    """Put the bytes at their place, unless they lie there; the place."""
    name = storage_path(found.sha256, folder)
    if isinstance(storages["default"], FileSystemStorage):
        _store_locally(found, Path(default_storage.path(name)))
    else:
        _store_remotely(found, name)
    return name


def _store_locally(found: Spooled, target: Path) -> None:
    if target.is_file() and target.stat().st_size == found.size:
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.with_name(f".{target.name}.{uuid4().hex}")
    try:
        with fresh.open("xb") as file:
            while chunk := found.stream.read(CHUNK_BYTES):
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        fresh.chmod(FILE_MODE)
        fresh.replace(target)
    finally:
        with suppress(FileNotFoundError):
            fresh.unlink()


def _store_remotely(found: Spooled, name: str) -> None:
    """An object store writes whole objects; one that stands is never replaced."""
    if not default_storage.exists(name):
        saved = default_storage.save(name, File(found.stream, name=name))
        if saved != name:
            default_storage.delete(saved)


def stored(name: str) -> File[bytes]:
    """The bytes, for reading."""
    return default_storage.open(name, "rb")
