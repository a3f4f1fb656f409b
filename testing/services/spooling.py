"""Readings of a file of any size in bounded memory: sorted pieces in a temporary file, merged."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from testing.domain.records import Readings, readings_at, sorted_readings

PIECE_ROWS = 1_000_000
BLOCK_ROWS = 500_000
DTYPES: tuple[tuple[str, str], ...] = (
    ("part_index", "i4"),
    ("value", "f8"),
    ("flag", "u1"),
    ("outcome", "u1"),
)


@dataclass(frozen=True, slots=True)
class Piece:
    """Readings sorted by parameter and part. ends: (parameter,), where each parameter ends.

    columns: where each column of DTYPES begins in the file.
    """

    ends: NDArray[np.int64]
    columns: tuple[int, ...]

    def bounds(self, parameter: int) -> tuple[int, int]:
        """First row of a parameter, and the row behind its last."""
        if parameter >= len(self.ends):
            return 0, 0
        return int(self.ends[parameter - 1]) if parameter else 0, int(self.ends[parameter])


class ReadingSpool:
    """Takes batches in order of parts; gives blocks in order of parameters, a `ReadingSource`.

    Up to piece_rows readings stay in memory and need no file. Close it when done.
    """

    def __init__(self, piece_rows: int = PIECE_ROWS, block_rows: int = BLOCK_ROWS) -> None:
        self._piece_rows = piece_rows
        self._block_rows = block_rows
        self._waiting: list[Readings] = []
        self._waiting_rows = 0
        self._length = 0
        self._pieces: list[Piece] = []
        self._file: IO[bytes] | None = None

    def __len__(self) -> int:
        return self._length

    def add(self, readings: Readings) -> None:
        """Take a batch; its parts come after those of the batches before."""
        self._waiting.append(readings)
        self._waiting_rows += len(readings)
        self._length += len(readings)
        if self._waiting_rows > self._piece_rows:
            self._spill()

    def close(self) -> None:
        """Give back memory and disk."""
        self._waiting.clear()
        if self._file is not None:
            self._file.close()

    def by_parameter(self, rank: NDArray[np.uint16]) -> Iterator[Readings]:
        """Blocks of some block_rows, and at least all readings of one rank."""
        if not self._pieces:
            if self._waiting:
                self._waiting = [_joined(self._waiting)]
                yield sorted_readings(self._waiting[0], rank)
            return
        if self._waiting:
            self._spill()
        are_alone = len(np.unique(rank)) == len(rank)
        for parameters in self._groups(rank):
            found = [rows for piece in self._pieces if (rows := self._read(piece, parameters))]
            block = _joined(found)
            if are_alone:  # pieces come in order of parts, and each is sorted by them
                key = rank[block.parameter_index]
                yield readings_at(block, np.argsort(key, kind="stable"))
            else:
                yield sorted_readings(block, rank)

    def _spill(self) -> None:
        readings = _joined(self._waiting)
        self._waiting, self._waiting_rows = [], 0
        parameter = readings.parameter_index
        order = np.argsort(parameter.astype(np.uint16), kind="stable")
        ordered = readings_at(readings, order)
        if self._file is None:
            self._file = TemporaryFile()  # noqa: SIM115 - lives as long as the spool
        columns = []
        for name, kind in DTYPES:
            columns.append(self._file.seek(0, 2))
            self._file.write(np.ascontiguousarray(getattr(ordered, name), dtype=kind).data)
        self._pieces.append(Piece(np.cumsum(np.bincount(parameter)), tuple(columns)))

    def _groups(self, rank: NDArray[np.uint16]) -> Iterator[list[int]]:
        """Parameters block by block; those of one rank stay together."""
        counts = np.zeros(len(rank), dtype=np.int64)
        for piece in self._pieces:
            counts[: len(piece.ends)] += np.diff(piece.ends, prepend=0)
        order = np.argsort(rank, kind="stable").tolist()
        group: list[int] = []
        rows = 0
        for place, parameter in enumerate(order):
            group.append(parameter)
            rows += int(counts[parameter])
            is_last = place + 1 == len(order) or rank[order[place + 1]] != rank[parameter]
            if rows >= self._block_rows and is_last:
                yield group
                group, rows = [], 0
        if rows:
            yield group

    def _read(self, piece: Piece, parameters: list[int]) -> Readings | None:
        """The piece's readings of these parameters; neighbours are read in one go."""
        stretches: list[list[int]] = []
        numbers: list[NDArray[np.int32]] = []
        for parameter in parameters:
            begin, end = piece.bounds(parameter)
            if begin == end:
                continue
            numbers.append(np.full(end - begin, parameter, dtype=np.int32))
            if stretches and stretches[-1][1] == begin:
                stretches[-1][1] = end
            else:
                stretches.append([begin, end])
        if not stretches:
            return None
        columns = {
            name: np.concatenate([self._column(start, kind, *stretch) for stretch in stretches])
            for (name, kind), start in zip(DTYPES, piece.columns, strict=True)
        }
        return Readings(parameter_index=np.concatenate(numbers), **columns)

    def _column(self, start: int, kind: str, begin: int, end: int) -> NDArray[Any]:
        assert self._file is not None
        dtype = np.dtype(kind)
        self._file.seek(start + begin * dtype.itemsize)
        return np.frombuffer(self._file.read((end - begin) * dtype.itemsize), dtype)


def _joined(batches: list[Readings]) -> Readings:
    if len(batches) == 1:
        return batches[0]
    names = ("part_index", "parameter_index", "value", "flag", "outcome")
    return Readings(
        **{name: np.concatenate([getattr(one, name) for one in batches]) for name in names}
    )
