"""Records of an ATDF file: lines, each with those after it that begin with a blank."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

RECORD_BYTES_MAX = 1 << 19
"""An STDF record is shorter than 64 KiB; written out it may be some times as long."""
CONTINUES = b" "


class Lines:
    """Splits plain chunks. ended_whole: whether the file ends with a line end."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self.ended_whole = True

    def records(self) -> Iterator[tuple[int, bytes | None]]:
        """Position of each, and its text without line ends; None for one that is too long."""
        begun: list[bytes] = []
        start = size = 0
        for position, line in self._lines():
            piece = line.rstrip(b"\r") if line else line
            if begun and piece.startswith(CONTINUES):
                piece = piece[1:]
            elif begun:
                yield start, b"".join(begun) if size <= RECORD_BYTES_MAX else None
                begun, size = [], 0
            if not begun:
                if not piece.strip():
                    continue
                start = position
            size += len(piece)
            begun.append(piece if size <= RECORD_BYTES_MAX else b"")
            if size > RECORD_BYTES_MAX:
                begun = [b""]
        if begun:
            yield start, b"".join(begun) if size <= RECORD_BYTES_MAX else None

    def _lines(self) -> Iterator[tuple[int, bytes]]:
        """Position and bytes of each line; of a longer one only its first bytes, too many."""
        position, kept, length = 0, bytearray(), 0
        for chunk in self._chunks:
            at = 0
            while (end := chunk.find(b"\n", at)) >= 0:
                _keep(kept, chunk[at:end])
                length += end - at + 1
                yield position, bytes(kept)
                position, length, at = position + length, 0, end + 1
                kept.clear()
            _keep(kept, chunk[at:])
            length += len(chunk) - at
        if length:
            self.ended_whole = False
            yield position, bytes(kept)


def _keep(kept: bytearray, piece: bytes) -> None:
    kept += piece[: RECORD_BYTES_MAX + 1 - len(kept)]
