"""The same arrivals in any order leave the same causes standing, and act on the same of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import count
from random import Random

import pytest
from django.db import transaction

from lots.domain.words import BinKind
from lots.models import Lot
from quality.detectors import frame
from quality.detectors.bin_tables import BinUnnamed
from quality.detectors.bins import BinAboveLimit
from quality.detectors.drifts import YieldDrift
from quality.detectors.frame import LotDetector, register_lot_detector
from quality.detectors.retests import RetestRate
from quality.detectors.running import review_changed_lots
from quality.detectors.sites import SiteYield
from quality.detectors.yields import YieldBelowLimit
from quality.domain.words import OPEN_STATES
from quality.models import Issue
from quality.services import summarise_owed
from quality.services.series_reviews import follow_series, follow_tables
from quality.tests.building import NOW, bare_lot
from testing.domain.records import BinRecord, RunRecord
from testing.domain.words import Outcome
from testing.services import record_run
from testing.tests.builders import Part
from testing.tests.conftest import Line

pytestmark = pytest.mark.usefixtures("rules")

LATER = NOW + timedelta(hours=1)
UNITS, SITES = 64, 4
ORDERS = 4
NAMED = (1, 2)
DETECTORS: list[Callable[[], LotDetector]] = [
    BinAboveLimit,
    BinUnnamed,
    RetestRate,
    SiteYield,
    YieldBelowLimit,
    YieldDrift,
]


@pytest.fixture(autouse=True)
def some(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those detectors alone that the arrivals are made for."""
    monkeypatch.setattr(frame, "_registry", frame.Registry(whole={}, by_lot={}))
    for detector in DETECTORS:
        register_lot_detector(detector())


@dataclass(frozen=True, kw_only=True)
class Story:
    """What happens to a lot: units that fail, by number; bins of their own; units tested again.

    is_cut: told by a file that was cut, and by a whole one as of an ordinary lot. named: bins that
    only its file's table names.
    """

    fails: Sequence[int] = (0, 1)
    bins: Mapping[int, int] = field(default_factory=dict)
    retested: Sequence[int] = ()
    named: Sequence[int] = ()
    is_cut: bool = False


FOURTH_SITE = range(3, UNITS, SITES)
STORIES = {
    "SITE-A": Story(fails=FOURTH_SITE),
    "SITE-B": Story(fails=FOURTH_SITE, is_cut=True),
    "RETEST-A": Story(retested=range(32)),
    "RETEST-B": Story(retested=range(32), is_cut=True),
    "BIN-A": Story(bins={0: 9}),
    "BIN-B": Story(bins={0: 9}, is_cut=True),
    "BIN-C": Story(bins={0: 11}),
    "NAMES-11": Story(named=[11]),
    **{f"OK-{number:02d}": Story(fails=range(number % 3 + 1)) for number in range(10)},
    "LOW": Story(fails=range(60)),
}
"""In order of time."""


class Floor:
    """Files of all the stories, the lots in order of time and the whole files behind them."""

    def __init__(self, line: Line) -> None:
        self.line, self.shas = line, (f"{number:064x}" for number in count(1))

    def files(self) -> Iterator[RunRecord]:
        told = [(bare_lot(code), story, day) for day, (code, story) in enumerate(STORIES.items())]
        for lot, story, day in told:
            yield self._file(lot, story, day)
        for lot, story, day in told:
            if story.is_cut:
                yield self._file(lot, Story(), day)

    def _file(self, lot: Lot, story: Story, day: int) -> RunRecord:
        failing = {*story.fails, *story.retested, *story.bins}
        parts = [
            Part(
                part_id=f"{lot.code}-{number}", site=number % SITES + 1,
                outcome=Outcome.FAIL if is_bad else Outcome.PASS,
                hard_bin=story.bins.get(number) if is_bad else None,
            )
            for numbers in (range(UNITS), story.retested)
            for number in numbers
            for is_bad in [numbers is not story.retested and number in failing]
        ]  # fmt: skip
        session = self.line.tested(
            *parts, lot_id=lot.pk, sha256=next(self.shas), hours=24 * day, is_partial=story.is_cut
        )
        table = tuple(
            BinRecord(BinKind.HARD, number, str(number), passes=number == 1)
            for number in (*NAMED, *story.named)
        )
        return replace(session.record(), bins=table)


def caught_up() -> None:
    """All that waits is counted and judged, settled or not."""
    while summarise_owed(now=NOW):
        pass
    while follow_series(now=NOW) or follow_tables(now=NOW):
        pass
    while review_changed_lots(now=LATER, is_settled=True).lot_count:
        pass


@dataclass(frozen=True, slots=True)
class Order:
    """In which the files arrive. A random one leaves some of them waiting for the next."""

    seed: int | None = None
    is_cut_first: bool = False

    def standing(self, line: Line) -> set[tuple[str, bool]]:
        """Causes that stand once all has arrived, and whether they are acted on."""
        random = Random(self.seed)  # noqa: S311
        files = list(Floor(line).files())
        if self.seed is not None:
            random.shuffle(files)
        if self.is_cut_first:
            files.sort(key=lambda file: not file.is_partial)
        for file in files:
            record_run(file)
            if self.seed is None or random.random() < 0.6:
                caught_up()
        caught_up()
        issues = Issue.objects.filter(state__in=OPEN_STATES)
        assert not issues.filter(is_found=False).exists()
        rows = issues.values_list("cause_key", "is_escalated")
        return {(re.sub(r":TRN3:\d+:", "::", cause), is_sure) for cause, is_sure in rows}


def taken_back(line: Line, order: Order) -> set[tuple[str, bool]]:
    with transaction.atomic():
        found = order.standing(line)
        transaction.set_rollback(True)
    return found


def test_the_same_arrivals_in_any_order_leave_the_same_causes(line: Line) -> None:
    in_time = taken_back(line, Order())
    assert {cause.split(":")[0] for cause, _ in in_time} >= {
        "bin-not-in-table", "retest-rate", "site-yield", "yield-below-limit",
    }  # fmt: skip
    others = [Order(is_cut_first=True), *(Order(seed=seed) for seed in range(ORDERS))]
    assert [taken_back(line, order) for order in others] == [in_time] * len(others)
