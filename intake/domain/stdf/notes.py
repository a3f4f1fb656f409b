"""What a person should know about how a file was written, one sentence for each kind of dirt."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from intake.domain.stdf.framing import Framer
from intake.domain.stdf.scanner import Dirt
from intake.domain.stdf.words import MRR, RECORD_NAMES, record_name


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


def insertion_notes(dirt: Dirt, claims_both: int) -> Iterator[str]:
    """On parts and tests. claims_both: results that claim to supersede by part and by position."""
    if dirt.missing_starts:
        yield f"{dirt.missing_starts} parts have no PIR record before their result."
    if dirt.repeated_starts:
        yield f"{dirt.repeated_starts} parts were started again without a result."
    if claims_both:
        yield (
            f"{claims_both} results claim to supersede by part and by position; never both is "
            "allowed."
        )
    if dirt.limit_changes:
        yield (f"Test limits changed {dirt.limit_changes} times; the first of each test are kept.")
