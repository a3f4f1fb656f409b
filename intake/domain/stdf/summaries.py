"""HBR, SBR, PCR and TSR: names of bins, and counts to check ours against. Never the truth."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from intake.domain.stdf.fields import Fields, RecordError
from intake.domain.stdf.run import StatedCounts
from intake.domain.stdf.tally import Scope
from intake.domain.stdf.words import ALL_HEADS, MISSING_U2, MISSING_U4
from lots.domain.words import BinKind
from testing.domain.records import BinRecord

PASSES = {"P": True, "F": False}
OVER_ALL: Scope = (ALL_HEADS, 0)
"""A count of all heads and sites; SITE_NUM beside HEAD_NUM 255 says nothing. Source: STDF V4."""


@dataclass(slots=True)
class Summaries:
    """What the file's own summary records say, by the head and site that they are of.

    counters_max: of bins and tests by head and site; beyond those nothing of them is compared.
    """

    counters_max: int = 250_000
    counters: int = 0
    uncounted: bool = False
    bins: dict[tuple[BinKind, int], BinRecord] = field(default_factory=dict)
    hard_bin_counts: dict[Scope, dict[int, int]] = field(default_factory=dict)
    soft_bin_counts: dict[Scope, dict[int, int]] = field(default_factory=dict)
    part_counts: dict[Scope, int] = field(default_factory=dict)
    good_counts: dict[Scope, int] = field(default_factory=dict)
    executions: dict[Scope, Counter[int]] = field(default_factory=dict)

    def hbr(self, fields: Fields, _: int = 1) -> None:
        """A hard bin."""
        self._bin(BinKind.HARD, fields)

    def sbr(self, fields: Fields, _: int = 1) -> None:
        """A soft bin."""
        self._bin(BinKind.SOFT, fields)

    def _bin(self, kind: BinKind, fields: Fields) -> None:
        scope = _scope(fields)
        number, count = fields.u2(), fields.u4()
        if number is None:
            raise RecordError("shorter than its required fields")
        passes, name = PASSES.get(fields.c1()), fields.cn()
        fields.require_whole()
        if number == MISSING_U2:
            return
        if count is not None and count != MISSING_U4:
            counts = self.hard_bin_counts if kind is BinKind.HARD else self.soft_bin_counts
            self._keep_counter(counts.setdefault(scope, {}), number, count)
        known = self.bins.get((kind, number), BinRecord(kind, number))
        is_passing = known.passes if passes is None else passes
        self.bins[kind, number] = BinRecord(kind, number, name or known.name, is_passing)

    def pcr(self, fields: Fields, _: int = 1) -> None:
        """Part counts."""
        scope, count = _scope(fields), fields.u4()
        fields.skip(8)  # RTST_CNT, ABRT_CNT
        _keep(self.part_counts, scope, count)
        _keep(self.good_counts, scope, fields.u4())

    def tsr(self, fields: Fields, times: int = 1) -> None:
        """How often a test ran; the record came so many times."""
        scope = _scope(fields)
        fields.skip(1)  # TEST_TYP
        number, count = fields.u4(), fields.u4()
        if number is None:
            raise RecordError("shorter than its required fields")
        if count is not None and count != MISSING_U4:
            executions = self.executions.setdefault(scope, Counter())
            self._keep_counter(executions, number, executions[number] + count * times)

    def _keep_counter(self, counts: dict[int, int], number: int, count: int) -> None:
        """Where there is room for it; a known one always has some."""
        if number not in counts:
            if self.counters >= self.counters_max:
                self.uncounted = True
                return
            self.counters += 1
        counts[number] = count

    def notes(self) -> Iterator[str]:
        """What a person should know of the bound."""
        if self.uncounted:
            yield (
                f"The file's summaries count more than {self.counters_max:,} bins and tests by "
                "site; they were not compared with its results."
            )

    def executed(self) -> Counter[int]:
        """By test number: over all sites, or where that was not said the sum of what sites say."""
        over_all = self.executions.get(OVER_ALL, Counter())
        found = Counter(over_all)
        for scope, counts in self.executions.items():
            for number, count in counts.items():
                if scope != OVER_ALL and number not in over_all:
                    found[number] += count
        return found

    def stated(self) -> StatedCounts:
        """Of all sites together as plain values: as said, else the sum of what sites say."""
        return StatedCounts(
            parts=_total(self.part_counts),
            good=_total(self.good_counts),
            hard_bins=_all_bins(self.hard_bin_counts),
            soft_bins=_all_bins(self.soft_bin_counts),
        )


def _scope(fields: Fields) -> Scope:
    head, site = fields.u1(), fields.u1()
    return OVER_ALL if head == ALL_HEADS else (head or 0, site or 0)


def _keep(counts: dict[Scope, int], scope: Scope, count: int | None) -> None:
    """The last count said for a scope; a missing one takes an earlier one back."""
    if count is None or count == MISSING_U4:
        counts.pop(scope, None)
    else:
        counts[scope] = count


def _total(counts: Mapping[Scope, int]) -> int | None:
    return counts.get(OVER_ALL, sum(counts.values())) if counts else None


def _all_bins(counts: Mapping[Scope, Mapping[int, int]]) -> dict[int, int]:
    if OVER_ALL in counts:
        return dict(counts[OVER_ALL])
    found: Counter[int] = Counter()
    for one in counts.values():
        found.update(one)
    return dict(found)
