"""STDF V4 and ATDF from plain chunks to columns. One bad record does not sink the file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from intake.domain.errors import NotStdfError
from intake.domain.stdf.batches import (
    reject_open_parts,
    taken_columns,
    taken_others,
    taken_rejects,
)
from intake.domain.stdf.catalogue import Catalogue
from intake.domain.stdf.columns import joined
from intake.domain.stdf.cross_checks import disagreements
from intake.domain.stdf.datalog import Datalog, Others
from intake.domain.stdf.fields import Fields, RecordError, instant
from intake.domain.stdf.header import read_header, read_site
from intake.domain.stdf.kernels.state import GIVEN, NOT_RUN, SEVERAL
from intake.domain.stdf.notes import framing_notes, insertion_notes, limit_notes, null_notes
from intake.domain.stdf.opening import opened
from intake.domain.stdf.rejects import Rejects
from intake.domain.stdf.run import Balance, ChangedLimits, DecodedRun, Header, StdfLimits
from intake.domain.stdf.scanner import Scanner
from intake.domain.stdf.sites import Sites
from intake.domain.stdf.summaries import Summaries
from intake.domain.stdf.tally import Tally
from intake.domain.stdf.wafers import Wafers
from intake.domain.stdf.words import (
    FTR,
    HBR,
    MIR,
    MPR,
    MRR,
    PCR,
    PTR,
    SBR,
    SDR,
    TSR,
    WCR,
    WIR,
    record_name,
)  # fmt: skip
from testing.domain.records import MISSING, Parts, Readings

Handler = Callable[[Fields, int], None]
SMALLEST = b"\2\0\0\x0a\2\4\x0f\0\1\x0a%s\x0c\0\x0f\x0a%s\7\0\5\x14%s" % (
    bytes(15),
    bytes(12),
    bytes(7),
)
"""FAR, MIR, PTR and PRR."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Parts that ended, with their readings, and lines of the datalog; indexes count over the file.

    wafer_index is the place in `Decoding.wafer_indexes`, not yet of the wafer.
    """

    parts: Parts
    readings: Readings
    datalog: Others


def decode(chunks: Iterable[bytes], limits: StdfLimits | None = None) -> DecodedRun:
    """All of one file. chunks: its plain bytes, in pieces of any size.

    NotStdfError without a FAR and MIR to go by; BoundError for more than the limits. Anything else
    that is wrong is kept as a rejected record or a note.
    """
    decoding = Decoding(chunks, limits)
    parts: list[Parts] = []
    readings: list[Readings] = []
    datalog = Datalog(decoding.limits.datalog_bytes_max)
    for batch in decoding.batches():
        parts.append(batch.parts)
        readings.append(batch.readings)
        datalog.add(batch.datalog)
    run = decoding.run()
    all_parts = joined(Parts, parts)
    return replace(
        run,
        parts=replace(all_parts, wafer_index=decoding.wafer_indexes()[all_parts.wafer_index]),
        readings=joined(Readings, readings),
        datalog=datalog,
    )


def prepare() -> None:
    """Compile what reads a file, where that was not done before."""
    decode([SMALLEST])


class Decoding:
    """One file being read in bounded memory: use up `batches`, then ask for the rest."""

    def __init__(self, chunks: Iterable[bytes], limits: StdfLimits | None = None) -> None:
        self.limits = limits or StdfLimits()
        self.source = opened(chunks, self.limits.rejected_kept_max)
        self.framer = self.source.framer
        self.rejects = Rejects(self.limits.rejected_kept_max)
        self.header: Header | None = None
        self.finished_at: datetime | None = None
        self.sites = Sites(self.limits.sites_max)
        self.wafers = Wafers(self.limits.wafers_max)
        self.summaries = Summaries(self.limits.counters_max)
        self.tally = Tally()
        self._header_bytes = b""
        self._null_records = 0
        self._null_at: int | None = None
        self._scanner = Scanner(
            Catalogue(self.framer.layouts, self.limits.parameters_max),
            self.framer.mark == ">",
            lambda head, site: self.wafers.index_for(head, site, self.sites),
            self._stopping,
        )

    def batches(self) -> Iterator[Batch]:
        """Everything in file order; of parts that never ended, nothing."""
        framer, scanner = self.framer, self._scanner
        while framer.reach_record():
            for at in scanner.read(framer.buffer, framer.at, framer.base):
                framer.at = at
                if scanner.is_full:
                    yield self._batch()
        reject_open_parts(scanner)
        yield self._batch()

    def wafer_indexes(self) -> NDArray[np.int32]:
        """Place in `run().wafers` of each wafer as it was opened; the last stands for none."""
        _, indexes = self.wafers.merged()
        return np.array([*indexes, MISSING], dtype=np.int32)

    def _batch(self) -> Batch:
        datalog = self._take_others()
        for position, kind, reason, count in taken_rejects(self._scanner):
            self.rejects.add(self.source.place(position), kind, reason, count)
        parts, readings = taken_columns(self._scanner)
        self.tally.add(parts, len(readings))
        self.tally.require(self.limits, self._scanner.records())
        return Batch(parts, readings, datalog)

    def _stopping(self, kind: int, position: int, record: bytes) -> None:
        fields = Fields(self.framer.layouts, record)
        if kind == MIR:
            self._mir(fields, position, record)
        elif kind == SDR:
            self.sites.add(read_site(fields))
        elif kind == WIR:
            self.wafers.wir(fields)
        else:
            self.wafers.wrr(fields)
        self._note_nulls(fields, position)

    def _note_nulls(self, fields: Fields, position: int, times: int = 1) -> None:
        if fields.had_nulls:
            self._null_records += times
            self._null_at = position if self._null_at is None else min(self._null_at, position)

    def _mir(self, fields: Fields, position: int, record: bytes) -> None:
        if self.header is None:
            self.header, self._header_bytes = read_header(fields), record
            fields.require_whole()
        elif record != self._header_bytes:
            position = self.source.place(position)
            raise NotStdfError(
                f"A second session begins at byte {position:,}. Split the file and send each "
                "session as one file.",
                position=position,
            )

    def _mrr(self, fields: Fields, _: int) -> None:
        self.finished_at = instant(fields.u4())

    def _take_others(self) -> Others:
        """Read summaries, each distinct one once; what is left are the lines of the datalog."""
        handlers: dict[int, Handler] = {
            MRR: self._mrr,
            HBR: self.summaries.hbr,
            SBR: self.summaries.sbr,
            PCR: self.summaries.pcr,
            TSR: self.summaries.tsr,
            WCR: self.wafers.wcr,
        }
        others = taken_others(self._scanner)
        repeated: dict[tuple[int, bytes], tuple[int, int]] = {}
        for kind, position, record in others.chosen(np.isin(others.kind, list(handlers))).lines():
            _, times = repeated.pop((kind, record), (0, 0))
            repeated[kind, record] = position, times + 1
        for (kind, record), (position, times) in repeated.items():
            try:
                fields = Fields(self.framer.layouts, record)
                handlers[kind](fields, times)
                self._note_nulls(fields, position, times)
            except RecordError as error:
                self._scanner.rejects.append((position, record_name(kind), str(error), times))
        return others.chosen(others.datalog())

    def run(self) -> DecodedRun:
        """All but the columns, which are empty. To be asked when the batches are used up."""
        if self.header is None:
            raise NotStdfError(
                "The file holds no MIR record, so its lot is unknown; it was probably cut at the "
                "beginning. Send it again."
            )
        scanner, framer = self._scanner, self.framer
        self._reject_corruptions()
        counts = scanner.record_counts()
        text = self.source.text
        balance = self._balance(counts)
        rejected_lines = self._reject_lines()
        parameters, _ = scanner.parameters()
        empty_parts, empty_readings = taken_columns(scanner)
        differing = disagreements(
            self.summaries, self.tally, scanner.executions(), self.wafers.opened
        )
        breaches = tuple(self._breaches(counts))
        return DecodedRun(
            header=self.header,
            finished_at=self.finished_at,
            sites=tuple(self.sites),
            wafers=self.wafers.merged()[0],
            wafer_layout=self.wafers.layout,
            parts=empty_parts,
            parameters=parameters,
            readings=empty_readings,
            bins=tuple(self.summaries.bins.values()),
            record_counts=_named(counts, rejected_lines),
            rejected=tuple(self.rejects.kept),
            rejected_counts=dict(self.rejects.counts),
            is_partial=MRR not in counts or framer.cut_at is not None,
            not_executed=int(scanner.table[NOT_RUN]),
            byte_order="text" if text else "little" if framer.mark == "<" else "big",
            stated=self.summaries.stated(),
            notes=(
                *(text.notes if text else ()),
                *breaches,
                *limit_notes(scanner.dirt()),
                *self.sites.notes(),
                *self.wafers.notes(),
                *self.summaries.notes(),
                *differing,
            ),
            disagreements=differing,
            breaches=breaches,
            balance=balance,
            changed_limits=self._changed_limits(),
        )

    def _breaches(self, counts: Mapping[int, int]) -> Iterator[str]:
        """Notes on what the specification does not allow."""
        place, dirt = self.source.place, self._scanner.dirt()
        yield from framing_notes(self.framer, counts)
        yield from insertion_notes(dirt, self.tally.claims_both, place)
        at = None if self._null_at is None else place(self._null_at)
        yield from null_notes(self._null_records, at, self._scanner.catalogue.null_texts)

    def _reject_corruptions(self) -> None:
        stretches = [one for one in self.framer.corruptions if not one.is_padding]
        for one in stretches:
            self.rejects.add(one.position, "corrupt", f"{one.length} bytes hold no records")
        self.rejects.add_counts({"corrupt": self.framer.corruption_count - len(stretches)})

    def _changed_limits(self) -> tuple[ChangedLimits, ...]:
        """With places in the file, which for ATDF are not those among the framed bytes."""
        place = self.source.place
        return tuple(
            replace(
                one,
                stated=tuple(replace(said, position=place(said.position)) for said in one.stated),
            )
            for one in self._scanner.catalogue.changed_limits()
        )

    def _balance(self, counts: Mapping[int, int]) -> Balance:
        rejected, scanner = self.rejects.counts, self._scanner
        single = counts.get(PTR, 0) - rejected["PTR"] + counts.get(FTR, 0) - rejected["FTR"]
        several = counts.get(MPR, 0) - rejected["MPR"]
        return Balance(
            records=single + several,
            records_given=int(scanner.table[GIVEN]),
            records_left_out=rejected["test"],
            values=single + int(scanner.table[SEVERAL]),
            values_left_out=scanner.values_left_out,
        )

    def _reject_lines(self) -> Counter[str]:
        """Note the records of a text that could not be read; how many of each kind."""
        text = self.source.text
        if text is None:
            return Counter()
        unplaced = text.counts.copy()
        for position, kind, reason in text.rejected:
            self.rejects.add(position, kind, reason)
            unplaced[kind] -= 1
        self.rejects.add_counts(unplaced)
        return text.counts


def _named(counts: Mapping[int, int], rejected_lines: Counter[str]) -> dict[str, int]:
    """Records read by name, those of a text that could not be read among them."""
    named = Counter({record_name(kind): count for kind, count in counts.items()})
    return dict(named + rejected_lines)
