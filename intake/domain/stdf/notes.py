"""What a person should know about how a file was written, one sentence for each kind of dirt."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from intake.domain.stdf.framing import Framer
from intake.domain.stdf.insertions import Insertions
from intake.domain.stdf.words import MRR, RECORD_NAMES, record_name
from testing.domain.records import ParameterRecord, Parts, Readings
from testing.domain.words import ParameterKind

SUPERSEDES_BOTH = 0b11


def framing_notes(framer: Framer, counts: Mapping[int, int]) -> Iterator[str]:
    """On cuts, corruption and records nobody knows."""
    if MRR not in counts:
        yield "The file ends without its MRR record; it was cut."
    if framer.cut_at is not None:
        yield f"The last record, at byte {framer.cut_at:,}, is incomplete and was left out."
    for corruption in framer.corruptions:
        if corruption.is_padding:
            yield f"The file ends with {corruption.length:,} zero bytes of padding."
        else:
            yield f"At byte {corruption.position:,}, {corruption.length:,} bytes hold no records."
    unknown = {kind: count for kind, count in counts.items() if kind not in RECORD_NAMES}
    for kind, count in sorted(unknown.items()):
        yield f"{count} records of the unknown type {record_name(kind)} were passed over."


def insertion_notes(insertions: Insertions, parts: Parts) -> Iterator[str]:
    """On parts and tests."""
    if insertions.missing_starts:
        yield f"{insertions.missing_starts} parts have no PIR record before their result."
    if insertions.repeated_starts:
        yield f"{insertions.repeated_starts} parts were started again without a result."
    both = np.count_nonzero(parts.part_flag & SUPERSEDES_BOTH == SUPERSEDES_BOTH)
    if both:
        yield f"{both} results claim to supersede by part and by position; never both is allowed."
    if changes := insertions.catalogue.limit_changes:
        yield f"Test limits changed {changes} times; the first of each test are kept."


def executions(parameters: Sequence[ParameterRecord], readings: Readings) -> dict[int, int]:
    """Readings by test number, without tests that give several results at once."""
    several = {record.number for record in parameters if record.kind is ParameterKind.MULTIPLE}
    counted = np.bincount(readings.parameter_index, minlength=len(parameters)).tolist()
    by_number: Counter[int] = Counter()
    for record, count in zip(parameters, counted, strict=True):
        if record.number not in several:
            by_number[record.number] += count
    return by_number
