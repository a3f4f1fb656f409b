"""What a person should know about how a file was written, one sentence for each kind of dirt."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

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


def insertion_notes(dirt: Dirt, claims_both: int, place: Callable[[int], int]) -> Iterator[str]:
    """On parts. claims_both: results that claim to supersede by part and by position.

    place: where in the file what was read at a position stands.
    """
    for count, at, what in (
        (dirt.missing_starts, dirt.missing_start_at, "have no PIR record before their result"),
        (dirt.repeated_starts, dirt.repeated_start_at, "were started again without a result"),
    ):
        if count:
            yield f"{count} parts {what}, the first at byte {place(at):,}."
    if claims_both:
        yield (
            f"{claims_both} results claim to supersede by part and by position, the first at byte "
            f"{place(dirt.claims_both_at):,}; never both is allowed."
        )


def null_notes(records: int, at: int | None, tests: int) -> Iterator[str]:
    """On null characters within texts. at: of the first of the records. tests: tests' texts."""
    if records and at is not None:
        yield (
            f"{records} records hold texts with null characters, the first at byte {at:,}; these "
            "were left out."
        )
    if tests:
        yield f"{tests} tests have null characters in their texts; these were left out."


def limit_notes(dirt: Dirt) -> Iterator[str]:
    """On limits that do not stay the same."""
    if dirt.limit_changes:
        yield f"Test limits changed {dirt.limit_changes} times; the first of each test are kept."
