"""A test file from storage into a recorded run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from math import isfinite
from typing import Any

from intake.domain.archives import Unpacked
from intake.domain.errors import FileRefusedError
from intake.domain.results.columns import UNITS
from intake.domain.stdf.columns import joined
from intake.domain.stdf.datalog import Excerpt
from intake.domain.stdf.decoder import Decoding
from intake.domain.stdf.run import ChangedLimits, DecodedRun, DecodedWafer, Header, StatedCounts
from intake.domain.words import RESULT_KINDS, FileState
from intake.models import RawFile, RejectedRecord
from intake.services.engineering import make_engineering_lot
from intake.services.matching import Match, UnknownLotError, match, match_wafers
from intake.services.test_files import lot_of_units, read_header, read_results
from lots.models import Lot
from supplychain.base.storing import stored
from testing.domain.packed import PackedTexts
from testing.domain.records import Parts, RunRecord
from testing.domain.words import RestatementCause
from testing.models import Run
from testing.services import record_run
from testing.services.spooling import ReadingSpool

REASON_CHARACTERS_MAX = 255
RESTATED = {
    RestatementCause.LATE: "It is earlier than results that stood; the figures were restated.",
    RestatementCause.REPAIR: "It replaces a cut or damaged copy, which is kept but counts no more.",
    RestatementCause.COPY: "A better copy of the same session stands, so this one does not count.",
}
BATCH_ROWS = 1000


@dataclass(frozen=True, slots=True)
class Decoded:
    """A test file that was read: its readings spooled, the rest in memory.

    is_cut: its archive ended too early. datalog: DTR and GDR, the first of them.
    """

    run: DecodedRun
    readings: ReadingSpool
    is_cut: bool
    notes: tuple[str, ...]
    datalog: Excerpt | None = None

    @property
    def is_partial(self) -> bool:
        return self.run.is_partial or self.is_cut


@contextmanager
def read_stdf(file: RawFile) -> Iterator[Decoded]:
    """Decode a stored file batch by batch, in bounded memory; its readings last for the block.

    FileRefusedError when it is no test file, or holds no result.
    """
    with closing(ReadingSpool()) as readings:
        run, unpacked, datalog = _read(file, readings)
        if not len(run.parts):
            raise FileRefusedError(
                "The file holds no result of any part"
                + ("; it was cut before the first. Send it again." if run.is_partial else ".")
            )
        yield Decoded(run, readings, unpacked.is_cut, tuple(unpacked.notes), datalog)


def _read(file: RawFile, readings: ReadingSpool) -> tuple[DecodedRun, Unpacked, Excerpt | None]:
    if file.kind in RESULT_KINDS:
        run, unpacked = read_results(file)
        readings.add(run.readings)
        return run, unpacked, None
    with stored(file.storage_path) as stream:
        unpacked = Unpacked(stream)
        run, datalog = _streamed(unpacked, readings)
        return run, unpacked, datalog


def _streamed(unpacked: Unpacked, readings: ReadingSpool) -> tuple[DecodedRun, Excerpt]:
    """The run with all its parts, and its datalog; its readings go to the spool."""
    decoding = Decoding(unpacked.chunks())
    datalog = Excerpt(decoding.framer.mark)
    names = PackedTexts()
    batches: list[Parts] = []
    for batch in decoding.batches():
        readings.add(batch.readings)
        datalog.add(batch.datalog)
        names.add(batch.parts.part_id)
        batches.append(replace(batch.parts, part_id=[]))
    run = decoding.run()
    parts = joined(Parts, batches)
    wafer_index = decoding.wafer_indexes()[parts.wafer_index]
    parts = replace(parts, part_id=names, wafer_index=wafer_index)
    return replace(run, parts=parts), datalog


def check_match(file: RawFile) -> None:
    """Tell lot and step by the file's front alone, and wafers if they were read before.

    UnmatchedError when they cannot be told; an unknown lot is no obstacle if one may be made.
    """
    header, of_units = read_header(file)
    file.summary = {**file.summary, "header": header_summary(header)}
    try:
        found = match(file, header, of_units)
    except UnknownLotError:
        if not file.creates_lots:
            raise
        return
    if not file.creates_lots:
        names = [DecodedWafer(code) for code in file.summary.get("wafers", [])]
        match_wafers(found.lot, names, file.wafer_codes)


def prepare_lot(file: RawFile, decoded: Decoded) -> Lot | None:
    """In a transaction of its own: the engineering lot of a file that may make one."""
    if not file.creates_lots or file.matched_by_id:
        return None
    return make_engineering_lot(file, decoded.run)


def record_stdf(
    file: RawFile,
    decoded: Decoded,
    lot: Lot | None,
    record: Callable[[RunRecord], Run] = record_run,
) -> None:
    """Record the run and what the file's row says of it; the caller holds the file's lock.

    lot: made for it, None to match by its name. record: what makes the run.
    """
    header = decoded.run.header
    found = match(file, header, lot or lot_of_units(file, decoded.run))
    run = record(_record(file, decoded, found))
    kept_as = UNITS if file.kind in RESULT_KINDS else "PRR"
    left_out = decoded.run.rejected_counts.get(kept_as, 0)
    assert run.insertion_count + left_out == decoded.run.record_counts[kept_as], "a result was lost"
    if decoded.run.balance is not None:
        decoded.run.balance.require(len(decoded.readings), decoded.run.not_executed)
    RejectedRecord.objects.filter(file=file).delete()
    RejectedRecord.objects.bulk_create(
        (
            RejectedRecord(
                file=file,
                position=one.position,
                kind=one.kind,
                reason=one.reason[:REASON_CHARACTERS_MAX],
                count=one.count,
            )
            for one in decoded.run.rejected
        ),
        batch_size=BATCH_ROWS,
    )
    whole = not decoded.is_partial and not decoded.run.rejected_count
    file.run, file.lot, file.step = run, found.lot, found.step
    file.state = FileState.LOADED if whole else FileState.PARTIAL
    file.message = _message(run, decoded)
    file.summary = summary(decoded)


def _record(file: RawFile, decoded: Decoded, found: Match) -> RunRecord:
    run, header = decoded.run, decoded.run.header
    return RunRecord(
        lot_id=found.lot.pk,
        step_id=found.step.pk,
        product_id=found.product.pk,
        program=header.job_name,
        program_revision=header.job_revision,
        tester=header.node_name,
        tester_model=header.tester_type,
        probe_card=next((site.probe_card for site in run.sites if site.probe_card), ""),
        load_board=next((site.load_board for site in run.sites if site.load_board), ""),
        sublot=header.sublot_id,
        temperature_celsius=header.temperature_celsius,
        started_at=header.started_at or run.told_at or file.received_at,
        finished_at=run.finished_at,
        is_partial=decoded.is_partial,
        source_sha256=file.sha256,
        source_name=file.name,
        wafers=match_wafers(found.lot, run.wafers, file.wafer_codes),
        parts=run.parts,
        parameters=run.parameters,
        readings=decoded.readings,
        bins=run.bins,
        rejected_count=run.rejected_count,
        doubt_count=len(run.disagreements) + len(run.breaches),
    )


def _message(run: Run, decoded: Decoded) -> str:
    sentences = [f"{run.insertion_count:,} results of {run.unit_count:,} units were recorded."]
    if decoded.is_partial:
        sentences.append("The file was cut; whole records before the cut were kept.")
    if count := decoded.run.rejected_count:
        sentences.append(f"{count:,} records were left out.")
    restated = run.restatements.order_by("-revision").first()
    if restated is not None and restated.cause in RESTATED:
        sentences.append(RESTATED[RestatementCause(restated.cause)])
    return " ".join(sentences)


def summary(decoded: Decoded) -> dict[str, Any]:
    """What a page shows of a decoded file, as JSON."""
    run = decoded.run
    layout = run.wafer_layout
    return {
        "header": header_summary(run.header),
        "records": dict(run.record_counts),
        "rejected_records": run.rejected_count,
        "insertions": len(run.parts),
        "readings": len(decoded.readings),
        "parameters": len(run.parameters),
        "stated": stated_counts(run.stated),
        "wafers": [wafer.code for wafer in run.wafers],
        "wafer_layout": {
            "flat": layout.flat,
            "x": layout.x_direction,
            "y": layout.y_direction,
            "die_width_mm": layout.die_width_mm,
            "die_height_mm": layout.die_height_mm,
        },
        "byte_order": run.byte_order,
        "is_partial": decoded.is_partial,
        "notes": [*decoded.notes, *run.notes],
        "changed_limits": [changed_limits(one) for one in run.changed_limits],
        "datalog": datalog_excerpt(decoded.datalog) if decoded.datalog else {},
    }


def changed_limits(changed: ChangedLimits) -> dict[str, Any]:
    """As JSON, which knows no infinite numbers: such a limit is none."""
    return {
        "number": changed.number,
        "text": changed.text.replace("\0", ""),
        "units": changed.units.replace("\0", ""),
        "stated": [
            {"position": one.position, "low": _finite(one.low), "high": _finite(one.high)}
            for one in changed.stated
        ],
    }


def _finite(limit: float | None) -> float | None:
    return limit if limit is not None and isfinite(limit) else None


def datalog_excerpt(datalog: Excerpt) -> dict[str, Any]:
    """As JSON. lines: position and text."""
    lines = [[position, text.replace("\0", "")] for position, text in datalog.lines]
    return {"count": datalog.count, "lines": lines}


def stated_counts(stated: StatedCounts) -> dict[str, Any]:
    """The file's own counts as JSON, bin numbers as text."""
    return {
        "parts": stated.parts,
        "good": stated.good,
        "hard_bins": {str(number): count for number, count in stated.hard_bins.items()},
        "soft_bins": {str(number): count for number, count in stated.soft_bins.items()},
    }


def header_summary(header: Header) -> dict[str, Any]:
    """The MIR as JSON, without what is missing."""
    values = {
        "lot": header.lot_id,
        "sublot": header.sublot_id,
        "part_type": header.part_type,
        "tester": header.node_name,
        "tester_type": header.tester_type,
        "program": header.job_name,
        "revision": header.job_revision,
        "flow": header.flow_id,
        "test_code": header.test_code,
        "mode": header.mode_code,
        "retest": header.retest_code,
        "temperature": header.temperature_text,
        "started_at": header.started_at.isoformat() if header.started_at else "",
    }
    return {name: value.replace("\0", "") for name, value in values.items() if value}
