"""Where a file's own counts differ from what it holds; the results are the truth."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from intake.domain.stdf.run import DecodedWafer
from intake.domain.stdf.summaries import OVER_ALL, Summaries
from intake.domain.stdf.tally import Counts, Scope, Tally


def disagreements(
    summaries: Summaries,
    tally: Tally,
    executed: Mapping[int, int | None],
    opened: Sequence[DecodedWafer],
) -> tuple[str, ...]:
    """A sentence for each kind of count that differs: PCR, HBR, SBR, WRR and TSR.

    executed: test records by number, None where they cannot be counted. opened: wafers as opened.
    Of bins and tests nothing is said when not all of their counts could be kept.
    """
    if summaries.uncounted:
        summaries = Summaries(part_counts=summaries.part_counts, good_counts=summaries.good_counts)
    return (
        *_over_all(summaries, tally.all),
        *_of_sites(summaries, tally.sites),
        *_of_wafers(opened, tally),
        *_of_tests(summaries.executed(), executed),
    )


def _over_all(said: Summaries, counted: Counts) -> Iterator[str]:
    parts = said.part_counts.get(OVER_ALL, counted.parts)
    if parts != counted.parts:
        yield f"The part count record says {parts}; {counted.parts} results came."
    good = said.good_counts.get(OVER_ALL, counted.good)
    if good != counted.good:
        yield f"The part count record says {good} good; {counted.good} results passed."
    if wrong := _wrong_bins(said.hard_bin_counts.get(OVER_ALL), counted.hard_bins):
        yield f"Hard bin records disagree with the results for bins {listed(wrong)}."
    if wrong := _wrong_bins(said.soft_bin_counts.get(OVER_ALL), counted.soft_bins):
        yield f"Soft bin records disagree with the results for bins {listed(wrong)}."


def _of_sites(said: Summaries, sites: Mapping[Scope, Counts]) -> Iterator[str]:
    """What is said of one head and site, against the results of that head and site."""
    wrong: dict[str, list[str]] = {}
    for scope in sorted(
        {*said.part_counts, *said.good_counts, *said.hard_bin_counts, *said.soft_bin_counts}
        - {OVER_ALL}
    ):
        counted = sites.get(scope, Counts())
        for kind, is_wrong in (
            ("Part count", said.part_counts.get(scope, counted.parts) != counted.parts),
            ("Good count", said.good_counts.get(scope, counted.good) != counted.good),
            ("Hard bin", _wrong_bins(said.hard_bin_counts.get(scope), counted.hard_bins)),
            ("Soft bin", _wrong_bins(said.soft_bin_counts.get(scope), counted.soft_bins)),
        ):
            if is_wrong:
                wrong.setdefault(kind, []).append(f"head {scope[0]} site {scope[1]}")
    for kind, scopes in wrong.items():
        yield f"{kind} records disagree with the results of {listed(scopes)}."


def _wrong_bins(said: Mapping[int, int] | None, counted: Mapping[int, int]) -> list[int]:
    if said is None:
        return []
    numbers = sorted({*said, *counted})
    return [number for number in numbers if said.get(number, 0) != counted.get(number, 0)]


def _of_wafers(opened: Sequence[DecodedWafer], tally: Tally) -> Iterator[str]:
    """Each pass over a wafer by itself. A count that is missing is not compared."""
    wrong = [
        wafer.code or "without a name"
        for index, wafer in enumerate(opened)
        if wafer.part_count not in {None, tally.wafers[index]}
        or wafer.good_count not in {None, tally.good_on[index]}
    ]
    if wrong:
        yield f"Wafer records disagree with the results for wafers {listed(wrong)}."


def _of_tests(said: Mapping[int, int], executed: Mapping[int, int | None]) -> Iterator[str]:
    """Tests that a summary names, those that never ran among them."""
    wrong = [
        number
        for number, count in sorted(said.items())
        if executed.get(number, 0) not in {None, count}
    ]
    if wrong:
        yield f"Test summaries disagree with the results for tests {listed(wrong)}."


def listed(items: Sequence[object], shown_max: int = 8) -> str:
    """The first few, and how many more."""
    text = ", ".join(str(one) for one in items[:shown_max])
    return text if len(items) <= shown_max else f"{text} and {len(items) - shown_max} more"
