"""Zip archives: their members, told from the directory with a bound on what it takes to read it."""

from __future__ import annotations

import lzma
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from intake.domain.errors import ArchiveError, BombError

ENCRYPTED = 0x1
METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA})
READ_BYTES_MAX = 4 << 20
"""A directory is read in one piece; no archive that we take needs a longer one."""
CHUNK_BYTES = 1 << 18
TIGHT_BYTES = 1 << 12
"""bzip2 and LZMA give all that comes of what is read at once, however much it is."""
MEMBERS_MAX = 1_000
NAME_CHARACTERS_MAX = 120
BROKEN = (
    zipfile.BadZipFile, OSError, EOFError, ValueError, NotImplementedError, zlib.error,
    lzma.LZMAError,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class CollectionLimits:
    """Of all that comes out of an archive; ratio_max: out to in, beyond ratio_from bytes."""

    members_max: int = MEMBERS_MAX
    bytes_max: int = 8 << 30
    member_bytes_max: int = 2 << 30
    ratio_max: float = 300.0
    ratio_from: int = 16 << 20


@dataclass(frozen=True, slots=True)
class Member:
    """A file in an archive. number: from 1. fault: why it is not taken; empty for one that is."""

    number: int
    name: str
    size: int
    fault: str


class _Bounded:
    """A source of which nobody reads much at once: a directory says itself how long it is."""

    def __init__(self, source: IO[bytes]) -> None:
        self._source = source
        self.seek, self.tell = source.seek, source.tell
        self.seekable = source.seekable

    def read(self, length: int = -1) -> bytes:
        """OSError, as of a source that fails, for more than READ_BYTES_MAX."""
        found = self._source.read(length if 0 <= length <= READ_BYTES_MAX else READ_BYTES_MAX + 1)
        if len(found) > READ_BYTES_MAX:
            raise OSError("its directory is longer than any that we read")
        return found


def opened_zip(source: IO[bytes]) -> zipfile.ZipFile:
    """The archive, its directory read. ArchiveError for one without."""
    try:
        return zipfile.ZipFile(_Bounded(source))
    except BROKEN as error:
        raise ArchiveError(
            f"The zip archive has no readable directory ({error}); it was probably cut. "
            "Send it again."
        ) from error


def member_fault(member: zipfile.ZipInfo) -> str:
    """Why a member is not read; empty for one that is."""
    name = member.filename
    if any(mark in name for mark in "/\\:") or name in {"", ".", ".."}:
        return (
            f"The zip archive holds a path ({name[:NAME_CHARACTERS_MAX]!r}) instead of a plain "
            "file name."
        )
    if member.flag_bits & ENCRYPTED:
        return "The zip archive is encrypted. Send it without a password."
    if member.compress_type not in METHODS:
        return "The zip archive uses a compression that we do not read. Use deflate."
    return ""


def member_chunks(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[bytes]:
    """Plain bytes of a member, none empty, never more than its directory says. BROKEN errors."""
    is_tight = member.compress_type in {zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA}
    with archive.open(member) as stream:
        yield from iter(lambda: stream.read(TIGHT_BYTES if is_tight else CHUNK_BYTES), b"")


def is_collection(source: IO[bytes]) -> bool:
    """Whether a source is a zip archive of several files. It is rewound after."""
    source.seek(0)
    try:
        if source.read(4) != b"PK\x03\x04":
            return False
        with opened_zip(source) as archive:
            return len(archive.infolist()) > 1
    except ArchiveError:
        return False
    finally:
        source.seek(0)


class Collection:
    """A zip archive of several files, one after the other.

    What its directory says is what comes out at most, so that it is judged before anything is
    unpacked. ArchiveError without a directory or with too many members; BombError for too much.
    """

    def __init__(self, source: IO[bytes], limits: CollectionLimits | None = None) -> None:
        self._limits = limits or CollectionLimits()
        self._archive = opened_zip(source)
        self._members = [one for one in self._archive.infolist() if not one.is_dir()]
        self._check(source.seek(0, 2))

    @property
    def members(self) -> list[Member]:
        """In the order of the directory, folders left out."""
        return [
            Member(number, one.filename, one.file_size, self._fault(one))
            for number, one in enumerate(self._members, 1)
        ]

    def chunks(self, number: int) -> Iterator[bytes]:
        """Plain bytes of a member without fault. ArchiveError when they are damaged."""
        try:
            yield from member_chunks(self._archive, self._members[number - 1])
        except BROKEN as error:
            raise ArchiveError(
                f"It is broken in the archive ({error}). Send the archive again."
            ) from error

    def _check(self, size: int) -> None:
        limits = self._limits
        if len(self._members) > limits.members_max:
            raise ArchiveError(
                f"The zip archive holds {len(self._members):,} files, more than "
                f"{limits.members_max:,}. Send several archives.",
                members=len(self._members),
            )
        unpacked = sum(one.file_size for one in self._members)
        if unpacked > limits.bytes_max:
            raise BombError(
                f"More than {limits.bytes_max:,} bytes come out of the archive. Send several.",
                bytes_max=limits.bytes_max,
            )
        if unpacked > max(limits.ratio_from, limits.ratio_max * size):
            raise BombError(
                f"The archive unpacks to more than {limits.ratio_max:g} times its size, as no "
                "test data does. Send it with less compression if it is genuine.",
                ratio_max=limits.ratio_max,
            )

    def _fault(self, member: zipfile.ZipInfo) -> str:
        if member.file_size > self._limits.member_bytes_max:
            return f"It is larger than {self._limits.member_bytes_max:,} bytes. Split it."
        return member_fault(member)
