"""Yield of each die position over the wafers of the newest lots of a selection."""

from __future__ import annotations

from dataclasses import dataclass

from lots.models import Lot, Step
from quality.domain.clustering import NOTHING, ClusterSums, cluster_sums, clustered, inflation
from quality.domain.intervals import Interval
from quality.domain.signatures.usual import Place, merged, pitch_for
from quality.domain.words import YieldGrade
from quality.models import DownBin
from quality.selectors.die_maps import stacks
from quality.selectors.yield_levels import YieldAsked, books_asked

LOTS_MAX = 20


@dataclass(frozen=True, slots=True)
class DieYield:
    """One position: units by the asked insertion. inflation: variance over chance, by lot."""

    x: int
    y: int
    lots: int
    tested: int
    passed: int
    interval: Interval
    inflation: float

    @property
    def ratio(self) -> float:
        """0 to 1."""
        return self.passed / self.tested


@dataclass(frozen=True, slots=True)
class DieYields:
    """rows: by position, from the top. lots: that they are of, newest first; lot_count: of how many
    of the selection. pitch: dies a side that one position stands for, 1 unless there are too many.
    newest: the lot and step whose files say how the wafer lies; None for no lots.
    """

    rows: tuple[DieYield, ...]
    lots: tuple[str, ...]
    lot_count: int
    pitch: int
    newest: tuple[Lot, Step] | None


def die_yields(asked: YieldAsked) -> DieYields:
    """Read from the results of LOTS_MAX lots, so that the time does not hang on how many there are.

    Lots are the clusters of the interval, as they are of every pooled yield. Three queries, four
    where prime bins alone count.
    """
    selected = books_asked(asked)
    books = list(
        selected.select_related("lot_step__lot__product", "lot_step__step").order_by(
            "-week", "-lot_step_id"
        )[:LOTS_MAX]
    )
    lots = [book.lot_step.lot.code for book in books]
    by_lot = stacks([book.lot_step_id for book in books], asked.passed, _down_bins(asked))
    pitch = pitch_for(len({place for stack in by_lot.values() for place in stack}))
    sums: dict[Place, ClusterSums] = {}
    for stack in by_lot.values():
        for place, (tested, bad) in merged(stack, pitch).items():
            sums[place] = sums.get(place, NOTHING) + cluster_sums([tested - bad], [tested])
    rows = [_row(place, sums[place]) for place in sorted(sums, key=lambda one: (one[1], one[0]))]
    newest = (books[0].lot_step.lot, books[0].lot_step.step) if books else None
    return DieYields(tuple(rows), tuple(lots), selected.count(), pitch, newest)


def _down_bins(asked: YieldAsked) -> list[int]:
    if asked.grade is not YieldGrade.PRIME:
        return []
    rows = DownBin.objects.filter(product__code=asked.product, step_code=asked.step)
    return list(rows.values_list("hard_bin", flat=True))


def _row(place: Place, sums: ClusterSums) -> DieYield:
    interval = clustered(sums)
    assert interval is not None, "a position is there because a die was tested at it"
    return DieYield(*place, sums.lots, sums.units, sums.passed, interval, inflation(sums))
