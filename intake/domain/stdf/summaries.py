"""HBR, SBR, PCR and TSR: names of bins, and counts to check ours against. Never the truth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from intake.domain.stdf.fields import Fields, RecordError
from intake.domain.stdf.run import StatedCounts
from intake.domain.stdf.tally import Tally
from intake.domain.stdf.words import ALL_HEADS, MISSING_U2, MISSING_U4
from lots.domain.words import BinKind
from testing.domain.records import BinRecord

PASSES = {"P": True, "F": False}


@dataclass(slots=True)
class Summaries:
    """What the file's own summary records say; counts only where they are for all sites."""

    bins: dict[tuple[BinKind, int], BinRecord] = field(default_factory=dict)
    hard_bin_counts: dict[int, int] = field(default_factory=dict)
    soft_bin_counts: dict[int, int] = field(default_factory=dict)
    part_count: int | None = None
    good_count: int | None = None
    executions: dict[int, int] = field(default_factory=dict)

    def hbr(self, fields: Fields, _: int = 1) -> None:
        """A hard bin."""
        self._bin(BinKind.HARD, fields)

    def sbr(self, fields: Fields, _: int = 1) -> None:
        """A soft bin."""
        self._bin(BinKind.SOFT, fields)

    def _bin(self, kind: BinKind, fields: Fields) -> None:
        head = fields.u1()
        fields.skip(1)
        number, count = fields.u2(), fields.u4()
        if number is None:
            raise RecordError("shorter than its required fields")
        passes, name = PASSES.get(fields.c1()), fields.cn()
        fields.require_whole()
        if number == MISSING_U2:
            return
        if head == ALL_HEADS and count not in {None, MISSING_U4}:
            is_hard = kind is BinKind.HARD
            (self.hard_bin_counts if is_hard else self.soft_bin_counts)[number] = count or 0
        known = self.bins.get((kind, number), BinRecord(kind, number))
        is_passing = known.passes if passes is None else passes
        self.bins[kind, number] = BinRecord(kind, number, name or known.name, is_passing)

    def pcr(self, fields: Fields, _: int = 1) -> None:
        """Part counts."""
        head = fields.u1()
        fields.skip(1)
        count = fields.u4()
        fields.skip(8)  # RTST_CNT, ABRT_CNT
        good_count = fields.u4()
        if head == ALL_HEADS:
            self.part_count = None if count == MISSING_U4 else count
            self.good_count = None if good_count == MISSING_U4 else good_count

    def tsr(self, fields: Fields, times: int = 1) -> None:
        """How often a test ran; the record came so many times."""
        head = fields.u1()
        fields.skip(2)  # SITE_NUM, TEST_TYP
        number, count = fields.u4(), fields.u4()
        if number is None:
            raise RecordError("shorter than its required fields")
        if head == ALL_HEADS and count not in {None, MISSING_U4}:
            self.executions[number] = self.executions.get(number, 0) + (count or 0) * times

    def stated(self) -> StatedCounts:
        """All of them as plain values."""
        return StatedCounts(
            parts=self.part_count,
            good=self.good_count,
            hard_bins=dict(self.hard_bin_counts),
            soft_bins=dict(self.soft_bin_counts),
        )


def cross_checks(summaries: Summaries, tally: Tally, executed: Mapping[int, int]) -> list[str]:
    """Sentences on where the file's own counts differ from what it holds.

    executed: test records by number; the others are not compared.
    """
    notes = []
    if summaries.part_count not in {None, tally.parts}:
        notes.append(
            f"The part count record says {summaries.part_count}; {tally.parts} results came."
        )
    if summaries.hard_bin_counts:
        counted, counts = tally.hard_bins, summaries.hard_bin_counts
        numbers = sorted({*counts, *counted})
        wrong = [number for number in numbers if counts.get(number, 0) != counted[number]]
        if wrong:
            notes.append(f"Hard bin records disagree with the results for bins {listed(wrong)}.")
    said = summaries.executions
    tests = [number for number, count in executed.items() if said.get(number, count) != count]
    if tests:
        notes.append(f"Test summaries disagree with the results for tests {listed(sorted(tests))}.")
    return notes


def listed(numbers: list[int], shown_max: int = 8) -> str:
    """The first few, and how many more."""
    text = ", ".join(str(number) for number in numbers[:shown_max])
    return text if len(numbers) <= shown_max else f"{text} and {len(numbers) - shown_max} more"
