"""Parts and their results: PIR, PRR, PTR, MPR and FTR, paired by open head and site."""

from __future__ import annotations

from array import array
from collections.abc import Callable

from intake.domain.errors import BoundError
from intake.domain.stdf.catalogue import Catalogue, Definition, read_functional_text
from intake.domain.stdf.columns import PartColumns, ReadingColumns
from intake.domain.stdf.fields import Fields, Layouts, RecordError
from intake.domain.stdf.rejects import Rejects
from intake.domain.stdf.run import StdfLimits
from intake.domain.stdf.words import MISSING_U2
from testing.domain.records import MISSING, MISSING_COORDINATE

PRR_REQUIRED_BYTES, PRR_FIXED_BYTES = 7, 17
PRR_MISSING_TAIL = b"\xff\xff\x00\x80\x00\x80\xff\xff\xff\xff"
PRR_MISSING_TAIL_BIG = b"\xff\xff\x80\x00\x80\x00\xff\xff\xff\xff"
PTR_REQUIRED_BYTES, PTR_FIXED_BYTES = 7, 12
PTR_INVALID_TAIL = b"\x00\x00\x00\x00\x00"
MPR_FIXED_BYTES = 12
RESULT_INVALID = 0x02
NAN = float("nan")


class OpenPart:
    """A part between PIR and PRR, or one whose PIR is missing. wafer: open when it began.

    record_count: test records; before: results that came ahead of a late PIR.
    """

    __slots__ = (
        "before",
        "flags",
        "parameters",
        "position",
        "record_count",
        "seen",
        "values",
        "wafer",
    )

    def __init__(self, position: int, wafer: int) -> None:
        self.position = position
        self.wafer = wafer
        self.record_count = 0
        self.seen: dict[Definition, int] = {}
        self.parameters = array("i")
        self.values = array("d")
        self.flags = bytearray()
        self.before: OpenPart | None = None


class Insertions:
    """Parts and readings so far.

    wafer_of: index of the wafer open under (head, site). position: of a buffer place in the file.
    """

    def __init__(
        self,
        layouts: Layouts,
        limits: StdfLimits,
        rejects: Rejects,
        wafer_of: Callable[[int, int], int],
        position: Callable[[int], int],
    ) -> None:
        self.parts = PartColumns()
        self.readings = ReadingColumns()
        self.catalogue = Catalogue(limits.parameters_max)
        self.repeated_starts = 0
        self.missing_starts = 0
        self._layouts = layouts
        self._limits = limits
        self._rejects = rejects
        self._wafer_of = wafer_of
        self._position = position
        self._open: dict[int, OpenPart] = {}
        self._has_start: set[int] = set()
        self._unpack_ptr = layouts.ptr.unpack_from
        is_big = layouts.u2.format.startswith(">")
        self._prr_tail = PRR_MISSING_TAIL_BIG if is_big else PRR_MISSING_TAIL

    def pir(self, buffer: bytes, at: int, end: int) -> None:
        """A part begins. Results without a PRR before it wait: a late PIR claims them."""
        if end - at < 2:
            raise RecordError("shorter than its required fields")
        head, site = buffer[at], buffer[at + 1]
        key = head << 8 | site
        part = OpenPart(self._position(at), self._wafer_of(head, site))
        old = self._open.get(key)
        if old is not None:
            self.repeated_starts += key in self._has_start
            if key not in self._has_start:
                part.before = old
            elif old.before is not None and not old.record_count:
                part.before = old.before
            else:
                self._reject(old, "the part was started again without a result")
        self._open[key] = part
        self._has_start.add(key)

    def ptr(self, buffer: bytes, at: int, end: int) -> None:
        """One parametric result. Without RESULT it is an invalid one."""
        place = at
        if end - at < PTR_FIXED_BYTES:
            buffer, at, end = _without_result(buffer[at:end]), 0, PTR_FIXED_BYTES
        number, head, site, flag, _, value = self._unpack_ptr(buffer, at)
        catalogue = self.catalogue
        definition = catalogue.measured(number, buffer[at + 12 : end], self._layouts)
        part = self._open.get(head << 8 | site) or self._unannounced(head, site, place)
        seen = part.seen
        occurrence = seen.get(definition, 0)
        seen[definition] = occurrence + 1
        known = definition.parameters
        part.parameters.append(
            known[occurrence]
            if occurrence < len(known)
            else catalogue.parameter(definition, occurrence)
        )
        part.values.append(value)
        part.flags.append(flag)
        part.record_count += 1

    def mpr(self, buffer: bytes, at: int, end: int) -> None:
        """Several results of one test, each an occurrence; none at all is one without a value."""
        if end - at < MPR_FIXED_BYTES:
            raise RecordError("shorter than its required fields")
        unpacked = self._layouts.mpr.unpack_from(buffer, at)
        number, head, site, flag, _, indexes, count = unpacked
        values_at = at + MPR_FIXED_BYTES + (indexes + 1) // 2
        tail_at = values_at + 4 * count
        if tail_at > end:
            raise RecordError("its results run past the end of the record")
        unpack = self._layouts.r4.unpack_from
        values = [unpack(buffer, values_at + 4 * place)[0] for place in range(count)]
        definition = self.catalogue.measured(number, buffer[tail_at:end], self._layouts, indexes)
        part = self._open.get(head << 8 | site) or self._unannounced(head, site, at)
        for value in values or [NAN]:
            self._append(part, definition, value, flag)
        part.record_count += 1

    def ftr(self, buffer: bytes, at: int, end: int) -> None:
        """A functional result: a verdict without a value."""
        if end - at < self._layouts.ftr.size:
            raise RecordError("shorter than its required fields")
        number, head, site, flag = self._layouts.ftr.unpack_from(buffer, at)
        text = read_functional_text(Fields(self._layouts, buffer[at + 7 : end]))
        definition = self.catalogue.functional(number, text)
        part = self._open.get(head << 8 | site) or self._unannounced(head, site, at)
        self._append(part, definition, NAN, flag)
        part.record_count += 1

    def _append(self, part: OpenPart, definition: Definition, value: float, flag: int) -> None:
        occurrence = part.seen.get(definition, 0)
        part.seen[definition] = occurrence + 1
        part.parameters.append(self.catalogue.parameter(definition, occurrence))
        part.values.append(value)
        part.flags.append(flag)

    def _unannounced(self, head: int, site: int, at: int) -> OpenPart:
        part = OpenPart(self._position(at), self._wafer_of(head, site))
        self._open[head << 8 | site] = part
        return part

    def prr(self, buffer: bytes, at: int, end: int) -> None:
        """A part ends. A short record: what it does not reach is missing."""
        size = end - at
        if size < PRR_REQUIRED_BYTES:
            raise RecordError("shorter than its required fields")
        record = buffer[at:end]
        if size < PRR_FIXED_BYTES:
            record = _padded(record, self._prr_tail)
        head, site, flag, _, hard, soft, x, y, time = self._layouts.prr.unpack_from(record)
        fields = Fields(self._layouts, record[PRR_FIXED_BYTES:])
        part_id = fields.cn()
        fields.require_whole()
        key = head << 8 | site
        part = self._open.pop(key, None) or OpenPart(self._position(at), self._wafer_of(head, site))
        self.missing_starts += key not in self._has_start
        self._has_start.discard(key)
        wafer = self._wafer_of(head, site)
        columns = self.parts
        self._keep_results(part, len(columns))
        columns.wafer_index.append(part.wafer if wafer == MISSING else wafer)
        columns.x.append(MISSING_COORDINATE if MISSING_COORDINATE in {x, y} else x)
        columns.y.append(MISSING_COORDINATE if MISSING_COORDINATE in {x, y} else y)
        columns.part_id.append(part_id)
        columns.hard_bin.append(MISSING if hard == MISSING_U2 else hard)
        columns.soft_bin.append(MISSING if soft == MISSING_U2 else soft)
        columns.head.append(head)
        columns.site.append(site)
        columns.part_flag.append(flag)
        columns.test_time_ms.append(MISSING if time in {0, 0xFFFFFFFF} else time)
        self._require_bounds()

    def _keep_results(self, part: OpenPart, index: int) -> None:
        if part.before is not None:
            if part.record_count:
                self._reject(part.before, "test results outside any part")
            else:
                part = part.before
        readings = self.readings
        readings.part_index.extend(array("i", [index]) * len(part.values))
        readings.parameter_index.extend(part.parameters)
        readings.value.extend(part.values)
        readings.flag.extend(part.flags)

    def _require_bounds(self) -> None:
        parts_max, readings_max = self._limits.parts_max, self._limits.readings_max
        if len(self.parts) > parts_max:
            raise BoundError(
                f"The file holds more than {parts_max:,} parts. Split it and send the parts.",
                parts_max=parts_max,
            )
        if len(self.readings) > readings_max:
            raise BoundError(
                f"The file holds more than {readings_max:,} readings. Split it and send the parts.",
                readings_max=readings_max,
            )

    def finish(self) -> None:
        """Reject results of parts that never got a PRR."""
        for part in self._open.values():
            self._reject(part, "the part has no result record")
        self._open.clear()

    def _reject(self, part: OpenPart, reason: str) -> None:
        for one in (part.before, part):
            if one is not None and one.record_count:
                self._rejects.add(one.position, "test", reason, one.record_count)


def _without_result(record: bytes) -> bytes:
    """A PTR cut before or within RESULT, made whole and marked invalid."""
    if len(record) < PTR_REQUIRED_BYTES:
        raise RecordError("shorter than its required fields")
    whole = record[: PTR_FIXED_BYTES - 4] + PTR_INVALID_TAIL
    return whole[:6] + bytes([record[6] | RESULT_INVALID]) + whole[7:PTR_FIXED_BYTES]


def _padded(record: bytes, tail: bytes) -> bytes:
    """The fixed part of a PRR whole; a field cut in the middle is missing as well."""
    missing = PRR_FIXED_BYTES - len(record)
    whole = PRR_FIXED_BYTES - next(size for size in (4, 6, 8, 10) if size >= missing)
    return record[:whole] + tail[whole - PRR_REQUIRED_BYTES :]
