"""The kernels and their columns: reads buffers, answers what they ask, hands over batches."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any

import numpy as np

from intake.domain.stdf.catalogue import Catalogue
from intake.domain.stdf.fields import RecordError
from intake.domain.stdf.kernels import state as k
from intake.domain.stdf.words import (
    BPS,
    EPS,
    FAR,
    FTR,
    MIR,
    MPR,
    PIR,
    PRR,
    PTR,
    RECORD_NAMES,
    SDR,
    WIR,
    WRR,
    record_name,
)  # fmt: skip
from testing.domain.records import ParameterRecord
from testing.domain.words import ParameterKind

FULL_AT = k.READINGS + k.BATCH_READINGS * k.READING_WIDTH
ENTRIES_END = k.ENTRIES + k.ENTRY_COUNT * k.ENTRY_WIDTH
ACTIONS = {
    **dict.fromkeys(RECORD_NAMES, k.KEPT),
    **dict.fromkeys((FAR, BPS, EPS), k.PASSED),
    **dict.fromkeys((MIR, SDR, WIR, WRR), k.STOPPING),
    PIR: k.PIR, PRR: k.PRR, PTR: k.PTR, MPR: k.MPR, FTR: k.FTR,
}  # fmt: skip
Reject = tuple[int, str, str, int]
"""Position, kind, reason and count of records left out."""


@dataclass(frozen=True, slots=True)
class Dirt:
    """Times that parts or limits were not as they should be, and where that was first.

    Positions: of the record in the file of which it was seen; 0 = nowhere.
    """

    missing_starts: int
    repeated_starts: int
    limit_changes: int
    missing_start_at: int
    repeated_start_at: int
    claims_both_at: int


@cache
def engine() -> Any:
    """The compiled kernels, loaded for the first file: a process that reads none pays nothing."""
    return import_module("intake.domain.stdf.kernels.engine")


class Scanner:
    """Reads part and test records. wafer_of: index of the wafer open under (head, site).

    stopping: takes kind and fields of a record that changes what follows, in its place.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        is_big: bool,
        wafer_of: Callable[[int, int], int],
        stopping: Callable[[int, int, bytes], None],
    ) -> None:
        assert catalogue.parameters_max <= k.PARAMETER_COUNT
        self.catalogue = catalogue
        self.table = k.new_table()
        self.texts = k.new_texts()
        self.rejects: list[Reject] = []
        self.full_at = FULL_AT
        self.values_left_out = 0
        self.columns = tuple(
            engine().column(array)
            for array in (self.table, self.table.view(np.float64), self.texts)
        )
        self._wafer_of = wafer_of
        self._stopping = stopping
        self._asked: list[int] = []
        self._floats = self.table.view(np.float64)
        self.table[k.IS_BIG] = is_big
        assert len(ACTIONS) < k.BELIEVED_KINDS
        for row, (kind, how) in enumerate(ACTIONS.items(), 1):
            self.table[k.ACTIONS + kind] = row * k.LENGTH_COUNT + how

    def read(self, buffer: bytes, at: int, base: int) -> Iterator[int]:
        """Where reading stands after each window, the last time at a record to be judged or cut.

        base: position of the buffer in the file. The record at `at` is whole and believed; others
        of its kind and length are, too.
        """
        view, table, scan = engine().bytes_of(buffer), self.table, engine().scan
        table[k.AT], table[k.BASE], table[k.BELIEVED] = at, base, at
        if row := int(table[k.ACTIONS + self._kind(buffer, at)]) & ~k.HOW:
            table[k.LENGTHS + row + self._length(buffer, at)] = 1
        size = len(buffer)
        while True:
            until = min(size, at + k.WINDOW_BYTES)
            while (status := scan(view, until, *self.columns)) != k.MORE:
                self._answer(status, buffer)
            at = int(table[k.AT])
            yield at
            if at < until or at >= size:
                return

    @property
    def is_full(self) -> bool:
        """Whether the batch must be taken before more is read."""
        table = self.table
        return any(
            table[cell] >= most
            for cell, most in (
                (k.READING, self.full_at),
                (k.PART, k.PARTS + k.BATCH_PARTS * k.PART_WIDTH),
                (k.OTHER, k.OTHERS + k.BATCH_OTHERS * k.OTHER_WIDTH),
                (k.OTHER_TEXT, k.OTHER_TEXTS + k.BATCH_TEXT_BYTES),
                (k.NAME_TEXT, k.NAMES + k.BATCH_TEXT_BYTES),
                (k.REJECT, k.REJECTS + k.WINDOW_RECORDS * k.REJECT_WIDTH),
                (k.SERIAL, k.SERIALS + (k.OPEN_MAX + k.WINDOW_RECORDS) * k.SERIAL_WIDTH),
            )
        )

    def _answer(self, status: int, buffer: bytes) -> None:
        table = self.table
        at, base = int(table[k.AT]), int(table[k.BASE])
        if status == k.WAFER:
            key = int(table[k.KEY])
            self._asked.append(k.KEYS + key * k.KEY_ROW + k.K_WAFER)
            table[self._asked[-1]] = self._wafer_of(key >> 8, key & 0xFF) + 2
            return
        kind, end = self._kind(buffer, at), at + 4 + self._length(buffer, at)
        try:
            if status == k.ENTRY:
                self._add_entry(buffer)
                return
            self._stopping(kind, base + at, buffer[at + 4 : end])
            table[self._asked] = 0
            self._asked.clear()
        except RecordError as error:
            self.rejects.append((base + at, record_name(kind), str(error), 1))
        table[k.COUNTS + kind] += 1
        table[k.AT] = end

    def _kind(self, buffer: bytes, at: int) -> int:
        return buffer[at + 2] << 8 | buffer[at + 3]

    def _length(self, buffer: bytes, at: int) -> int:
        return int.from_bytes(buffer[at : at + 2], "big" if self.table[k.IS_BIG] else "little")

    def _add_entry(self, buffer: bytes) -> None:
        table = self.table
        variant, number = divmod(int(table[k.WANTED]), k.NUMBERS)
        record = buffer[table[k.TAIL_START] : table[k.TAIL_END]]
        definition, tail = self.catalogue.definition(variant, number, record)
        self.catalogue.note_limits(definition, tail, int(table[k.BASE] + table[k.AT]))
        row = k.DEFINITIONS + definition.index * k.DEFINITION_WIDTH
        start = int(table[k.TAIL_TEXT])
        if table[k.ENTRY_ROW] >= ENTRIES_END or start + len(record) > k.TAILS_BYTES:
            self._forget_entries()
            start = 0
        entry = int(table[k.ENTRY_ROW])
        table[k.ENTRY_ROW] += k.ENTRY_WIDTH
        table[k.TAIL_TEXT] = start + len(record)
        self.texts[start : start + len(record)] = np.frombuffer(record, np.uint8)
        low = np.nan if tail.low is None else tail.low
        high = np.nan if tail.high is None else tail.high
        table[entry : entry + k.E_LOW] = table[k.WANTED], len(record), start, row
        self._floats[entry + k.E_LOW : entry + k.E_NEXT] = low, high
        table[entry + k.E_NEXT] = 0
        if variant != k.VARIANT_FUNCTIONAL and not table[row + k.D_ENTRY]:
            table[row + k.D_ENTRY] = entry
            self._floats[row : row + 2] = low, high
        engine().link_entry(self.columns[0], self.columns[2], entry)

    def _forget_entries(self) -> None:
        table = self.table
        table[k.BUCKETS : k.ENTRIES] = 0
        table[k.KEYS + k.K_TRAIL : k.BUCKETS : k.KEY_ROW] = k.ENTRIES
        table[k.ENTRIES + k.E_NEXT] = 0
        table[k.ENTRY_ROW] = k.ENTRIES + k.ENTRY_WIDTH
        seen = table[k.DEFINITIONS + k.D_ENTRY : k.PARAMETERS : k.DEFINITION_WIDTH]
        seen[seen != 0] = k.ENTRIES

    # what was read

    def record_counts(self) -> dict[int, int]:
        """By kind."""
        counts = self.table[k.COUNTS : k.KEYS]
        return {kind: int(counts[kind]) for kind in np.flatnonzero(counts).tolist()}

    def records(self) -> int:
        """Of all kinds."""
        return int(self.table[k.COUNTS : k.KEYS].sum())

    def parameters(self) -> tuple[tuple[ParameterRecord, ...], list[int]]:
        """Parameters in the order of the parts that had them first, and readings of each."""
        found = k.rows(self.table, k.PARAMETERS, k.PARAMETER_WIDTH, int(self.table[k.PARAMETER]))
        definition = (found[:, k.P_DEFINITION] - k.DEFINITIONS) // k.DEFINITION_WIDTH
        occurrence = found[:, k.P_OCCURRENCE].tolist()
        records = self.catalogue.parameters(zip(definition.tolist(), occurrence, strict=True))
        return records, found[:, k.P_READINGS].tolist()

    def dirt(self) -> Dirt:
        """So far."""
        cells = (
            k.MISSING_STARTS, k.REPEATED_STARTS, k.LIMIT_CHANGES, k.MISSING_START_AT,
            k.REPEATED_START_AT, k.CLAIMS_BOTH_AT,
        )  # fmt: skip
        return Dirt(*(int(self.table[cell]) for cell in cells))

    def executions(self) -> dict[int, int | None]:
        """Readings by test number; None for tests that give several results at once."""
        executed: Counter[int] = Counter()
        records, counts = self.parameters()
        for record, count in zip(records, counts, strict=True):
            executed[record.number] += count
        several = [
            one.number for one in self.catalogue.definitions if one.kind is ParameterKind.MULTIPLE
        ]
        return {**executed, **dict.fromkeys(several)}
