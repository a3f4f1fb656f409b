"""STDF V4 from plain chunks to columns. One bad record does not sink the file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime

from intake.domain.errors import BoundError, NotStdfError
from intake.domain.stdf.fields import Fields, RecordError, instant
from intake.domain.stdf.framing import Framer
from intake.domain.stdf.header import read_header, read_site
from intake.domain.stdf.insertions import Insertions
from intake.domain.stdf.notes import executions, framing_notes, insertion_notes
from intake.domain.stdf.rejects import Rejects
from intake.domain.stdf.run import DecodedRun, Header, Site, StdfLimits
from intake.domain.stdf.summaries import Summaries, cross_checks
from intake.domain.stdf.wafers import Wafers
from intake.domain.stdf.words import (
    FTR,
    HBR,
    MIR,
    MPR,
    MRR,
    PCR,
    PIR,
    PRR,
    PTR,
    SBR,
    SDR,
    TSR,
    WCR,
    WIR,
    WRR,
    record_name,
)

Handler = Callable[[bytes, int, int], None]


def decode(chunks: Iterable[bytes], limits: StdfLimits | None = None) -> DecodedRun:
    """All of one file. chunks: its plain bytes, in pieces of any size.

    NotStdfError without a FAR and MIR to go by; BoundError for more than the limits. Anything else
    that is wrong is kept as a rejected record or a note.
    """
    return _Decoder(Framer(chunks), limits or StdfLimits()).run()


class _Decoder:
    def __init__(self, framer: Framer, limits: StdfLimits) -> None:
        self.framer = framer
        self.limits = limits
        self.rejects = Rejects(limits.rejected_kept_max)
        self.header: Header | None = None
        self.header_bytes = b""
        self.finished_at: datetime | None = None
        self.sites: tuple[Site, ...] = ()
        self.wafers = Wafers(limits.wafers_max)
        self.summaries = Summaries()
        self.insertions = Insertions(
            framer.layouts, limits, self.rejects, self._wafer_of, self._position
        )
        self.counts: Counter[int] = Counter()

    def run(self) -> DecodedRun:
        counts: dict[int, int] = self.counts
        handlers = self._handlers()
        records_max = self.limits.records_max
        for read, (kind, buffer, at, end) in enumerate(self.framer.frames()):
            counts[kind] += 1
            if read >= records_max:
                raise BoundError(
                    f"The file holds more than {records_max:,} records. Split it.",
                    records_max=records_max,
                )
            handler = handlers.get(kind)
            if handler is not None:
                try:
                    handler(buffer, at, end)
                except RecordError as error:
                    self.rejects.add(self._position(at), record_name(kind), str(error))
        return self._finished()

    def _position(self, at: int) -> int:
        return self.framer.base + at - 4

    def _wafer_of(self, head: int, site: int) -> int:
        return self.wafers.index_for(head, site, self.sites)

    def _handlers(self) -> dict[int, Handler]:
        def fields(read: Callable[[Fields], None]) -> Handler:
            layouts = self.framer.layouts
            return lambda buffer, at, end: read(Fields(layouts, buffer[at:end]))

        return {
            MIR: self._mir,
            MRR: fields(self._mrr),
            SDR: fields(self._sdr),
            WIR: fields(self.wafers.wir),
            WRR: fields(self.wafers.wrr),
            WCR: fields(self.wafers.wcr),
            PIR: self.insertions.pir,
            PRR: self.insertions.prr,
            PTR: self.insertions.ptr,
            MPR: self.insertions.mpr,
            FTR: self.insertions.ftr,
            HBR: fields(self.summaries.hbr),
            SBR: fields(self.summaries.sbr),
            PCR: fields(self.summaries.pcr),
            TSR: fields(self.summaries.tsr),
        }

    def _mir(self, buffer: bytes, at: int, end: int) -> None:
        record = buffer[at:end]
        if self.header is None:
            fields = Fields(self.framer.layouts, record)
            self.header, self.header_bytes = read_header(fields), record
            fields.require_whole()
        elif record != self.header_bytes:
            raise NotStdfError(
                f"A second session begins at byte {self._position(at):,}. Split the file and send "
                "each session as one file.",
                position=self._position(at),
            )

    def _mrr(self, fields: Fields) -> None:
        self.finished_at = instant(fields.u4())

    def _sdr(self, fields: Fields) -> None:
        self.sites = (*self.sites, read_site(fields))

    def _finished(self) -> DecodedRun:
        if self.header is None:
            raise NotStdfError(
                "The file holds no MIR record, so its lot is unknown; it was probably cut at the "
                "beginning. Send it again."
            )
        self.insertions.finish()
        for corruption in self.framer.corruptions:
            if not corruption.is_padding:
                reason = f"{corruption.length} bytes hold no records"
                self.rejects.add(corruption.position, "corrupt", reason)
        wafers, indexes = self.wafers.merged()
        parameters = tuple(self.insertions.catalogue.parameters)
        parts = self.insertions.parts.finished(indexes)
        readings = self.insertions.readings.finished(parameters)
        return DecodedRun(
            header=self.header,
            finished_at=self.finished_at,
            sites=self.sites,
            wafers=wafers,
            wafer_layout=self.wafers.layout,
            parts=parts,
            parameters=parameters,
            readings=readings,
            bins=tuple(self.summaries.bins.values()),
            record_counts={record_name(kind): count for kind, count in sorted(self.counts.items())},
            rejected=tuple(self.rejects.kept),
            rejected_counts=dict(self.rejects.counts),
            is_partial=MRR not in self.counts or self.framer.cut_at is not None,
            byte_order="little" if self.framer.mark == "<" else "big",
            notes=(
                *framing_notes(self.framer, self.counts),
                *insertion_notes(self.insertions, parts),
                *cross_checks(self.summaries, parts, executions(parameters, readings)),
            ),
        )
