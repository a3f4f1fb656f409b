"""What a file is wrapped in, unwrapped as a stream with a cap on what comes out."""

from __future__ import annotations

import bz2
import lzma
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import IO, Any, Protocol

from intake.domain.errors import ArchiveError, BombError
from intake.domain.zips import BROKEN as BROKEN_ZIP
from intake.domain.zips import member_chunks, member_fault, opened_zip

igzip_lib: Any
try:
    from isal import igzip_lib
except ImportError:  # pragma: no cover - a platform without wheels: zlib does it at half the speed
    igzip_lib = None

CHUNK_BYTES = 1 << 18
INPUT_BYTES = 1 << 16
XZ_MEMORY_BYTES = 128 << 20
GZIP_WINDOW = 31
GZIP_MAGIC = b"\x1f\x8b"
BROKEN = (
    OSError, EOFError, ValueError, NotImplementedError, zlib.error, lzma.LZMAError,
    igzip_lib.IsalError if igzip_lib else zlib.error,
)  # fmt: skip


class Wrapping(StrEnum):
    """How the bytes are packed."""

    PLAIN = "plain"
    GZIP = "gzip"
    BZIP2 = "bzip2"
    XZ = "xz"
    ZIP = "zip"


MAGIC = (
    (GZIP_MAGIC, Wrapping.GZIP),
    (b"BZh", Wrapping.BZIP2),
    (b"\xfd7zXZ\x00", Wrapping.XZ),
    (b"PK\x03\x04", Wrapping.ZIP),
    (b"PK\x05\x06", Wrapping.ZIP),
)
MAGIC_BYTES = max(len(magic) for magic, _ in MAGIC)


@dataclass(frozen=True, slots=True)
class UnpackLimits:
    """bytes_max: that may come out. ratio_max: out to in, looked at beyond ratio_from bytes."""

    bytes_max: int = 2 << 30
    ratio_max: float = 300.0
    ratio_from: int = 16 << 20


class Decompressor(Protocol):
    """What bz2 and lzma share; zlib is made to look like it."""

    @property
    def eof(self) -> bool:
        """Whether the stream is whole."""
        ...

    @property
    def needs_input(self) -> bool:
        """Whether nothing is left of what was given."""
        ...

    @property
    def unused_data(self) -> bytes:
        """What follows the stream."""
        ...

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        """At most max_length bytes."""
        ...


class GzipDecompressor:
    """One gzip member, with bounded output."""

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(GZIP_WINDOW)

    @property
    def eof(self) -> bool:
        """Whether the member is whole."""
        return self._inner.eof

    @property
    def needs_input(self) -> bool:
        """Whether nothing is left of what was given."""
        return not self._inner.unconsumed_tail

    @property
    def unused_data(self) -> bytes:
        """What follows the member."""
        return self._inner.unused_data

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        """At most max_length bytes."""
        return self._inner.decompress(self._inner.unconsumed_tail + data, max_length)


def _xz() -> Decompressor:
    return lzma.LZMADecompressor(format=lzma.FORMAT_XZ, memlimit=XZ_MEMORY_BYTES)


def _gzip() -> Decompressor:
    if igzip_lib is None:
        return GzipDecompressor()
    made: Decompressor = igzip_lib.IgzipDecompressor(flag=igzip_lib.DECOMP_GZIP)
    return made


DECOMPRESSORS: dict[Wrapping, Callable[[], Decompressor]] = {
    Wrapping.GZIP: _gzip,
    Wrapping.BZIP2: bz2.BZ2Decompressor,
    Wrapping.XZ: _xz,
}


def wrapping_of(head: bytes) -> Wrapping:
    """By the first bytes, never by the name."""
    for magic, wrapping in MAGIC:
        if head.startswith(magic):
            return wrapping
    return Wrapping.PLAIN


class Unpacked:
    """A seekable binary source as plain chunks, read once.

    is_cut and notes are complete when the chunks are used up. is_cut: the wrapping ended too early
    or broke in the middle; what came out before is given. Raises ArchiveError, BombError.
    """

    def __init__(self, source: IO[bytes], limits: UnpackLimits | None = None) -> None:
        source.seek(0)
        self.wrapping = wrapping_of(source.read(MAGIC_BYTES))
        source.seek(0)
        self.is_cut = False
        self.notes: list[str] = []
        self.bytes_out = 0
        self._source = source
        self._limits = limits or UnpackLimits()

    def chunks(self) -> Iterator[bytes]:
        """Plain bytes in order, none empty, each at most CHUNK_BYTES."""
        if self.wrapping is Wrapping.PLAIN:
            pieces = iter(lambda: self._source.read(CHUNK_BYTES), b"")
        elif self.wrapping is Wrapping.ZIP:
            pieces = self._zip_member()
        else:
            pieces = self._members(DECOMPRESSORS[self.wrapping])
        for piece in pieces:
            self._count(piece)
            yield piece

    def head(self, length: int) -> bytes:
        """The first plain bytes, for recognising what it is. The source is rewound after."""
        found = b""
        for piece in Unpacked(self._source, self._limits).chunks():
            found += piece
            if len(found) >= length:
                break
        self._source.seek(0)
        return found[:length]

    def _count(self, piece: bytes) -> None:
        limits = self._limits
        self.bytes_out += len(piece)
        if self.bytes_out > limits.bytes_max:
            raise BombError(
                f"More than {limits.bytes_max:,} bytes come out of the file. Split it and send "
                "the parts.",
                bytes_max=limits.bytes_max,
            )
        bytes_in = max(1, self._source.tell())
        if self.wrapping is Wrapping.PLAIN or self.bytes_out < limits.ratio_from:
            return
        if self.bytes_out > limits.ratio_max * bytes_in:
            raise BombError(
                f"The file unpacks to more than {limits.ratio_max:g} times its size, as no test "
                "data does. Send it with less compression if it is genuine.",
                ratio_max=limits.ratio_max,
            )

    def _members(self, make: Callable[[], Decompressor]) -> Iterator[bytes]:
        inner = make()
        pending = b""
        while True:
            if inner.eof:
                pending = self._following(inner.unused_data)
                if not pending:
                    return
                if self._is_begun_magic(pending):
                    self._cut("ends too early")
                    return
                if wrapping_of(pending) is not self.wrapping:
                    self.notes.append("Bytes after the end of the archive were left out.")
                    return
                inner = make()
            elif inner.needs_input and not pending:
                pending = self._source.read(INPUT_BYTES)
                if not pending:
                    self._cut("ends too early")
                    return
            try:
                piece = inner.decompress(pending, CHUNK_BYTES)
            except BROKEN as error:
                self._cut(f"is broken in the middle ({error})")
                return
            pending = b""
            if piece:
                yield piece

    def _following(self, unused: bytes) -> bytes:
        """What comes behind a member, without padding: enough of it to know what it is."""
        following = unused.lstrip(b"\0")
        while len(following) < MAGIC_BYTES and (more := self._source.read(INPUT_BYTES)):
            following = (following + more).lstrip(b"\0")
        return following

    def _is_begun_magic(self, end: bytes) -> bool:
        """Whether the file ends within the first bytes of another member."""
        return any(
            len(end) < len(magic) and magic.startswith(end)
            for magic, wrapping in MAGIC
            if wrapping is self.wrapping
        )

    def _cut(self, what: str) -> None:
        self.is_cut = True
        self.notes.append(f"The {self.wrapping} archive {what}; what came before is kept.")

    def _zip_member(self) -> Iterator[bytes]:
        with opened_zip(self._source) as archive:
            members = archive.infolist()
            if len(members) != 1:
                raise ArchiveError(
                    f"The zip archive holds {len(members)} files, where one is read at a time. "
                    "Unpack it.",
                    members=len(members),
                )
            if fault := member_fault(members[0]):
                raise ArchiveError(fault)
            try:
                yield from member_chunks(archive, members[0])
            except BROKEN_ZIP as error:
                self._cut(f"is broken in the middle ({error})")
