"""What a person should know about how a file was written, one sentence for each kind of dirt."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from intake.domain.stdf.framing import Framer
from intake.domain.stdf.scanner import Dirt
from intake.domain.stdf.words import MRR, RECORD_NAMES, record_name

STRETCHES_SHOWN_MAX = 20


def framing_notes(framer: Framer, counts: Mapping[int, int]) -> Iterator[str]:
    """On cuts, corruption and records nobody knows."""
    if MRR not in counts:
        yield "The file ends without its MRR record; it was cut."
    if framer.cut_at is not None:
        yield (
            f"The last record, at byte {framer.cut_at:,}, is incomplete; its {framer.cut_bytes:,} "
            "bytes were left out."
        )
    yield from _corruption_notes(framer)
    unknown = {kind: count for kind, count in counts.items() if kind not in RECORD_NAMES}
    for kind, count in sorted(unknown.items()):
        yield f"{count} records of the unknown type {record_name(kind)} were passed over."


def _corruption_notes(framer: Framer) -> Iterator[str]:
    """The first stretches, how many more, and padding."""
    stretches = [one for one in framer.corruptions if not one.is_padding]
    for one in stretches[:STRETCHES_SHOWN_MAX]:
        yield f"At byte {one.position:,}, {one.length:,} bytes hold no records."
    padding = sum(one.length for one in framer.corruptions if one.is_padding)
    if framer.corruption_count > STRETCHES_SHOWN_MAX:
        yield (
            f"{framer.corruption_count - STRETCHES_SHOWN_MAX:,} more stretches hold no records; "
            f"in all {framer.corrupt_bytes - padding:,} bytes were passed over."
        )
    if padding:
        yield f"The file ends with {padding:,} zero bytes of padding."


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
