"""Yield figures from recorded results."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest

from lots.domain.commands import Command, Selection
from lots.domain.words import Source
from lots.services import move_lot, scrap_units
from quality.domain.words import YieldScope
from quality.models import PendingReview, YieldFigure
from quality.selectors import rolled_yield, yield_trend, yields_of_lot
from quality.services import owed_lot_steps, restate_step_yields, summarise_lot_step, summarise_owed
from quality.tests.building import NOW, ordinary_lots
from testing.domain.words import Outcome
from testing.services import record_burn_in, record_run
from testing.tests.builders import START, Part
from testing.tests.conftest import Line
from testing.tests.test_record_burn_in import oven_load

BAD = Outcome.FAIL
CHIPS = (
    Part(part_id="C1"),
    Part(part_id="C2", outcome=BAD, site=2),
    Part(part_id="C3", outcome=BAD, site=2, hard_bin=7),
)


def record_chips(
    line: Line, parts: Sequence[Part] = CHIPS, *, sha: str = "a", hours: float = 0
) -> None:
    record_run(line.tested(*parts, sha256=sha * 64, hours=hours).record())


def lot_figure() -> YieldFigure:
    return YieldFigure.objects.get(scope=YieldScope.LOT, is_current=True)


def test_lot_gets_counts_ratios_and_bounds(line: Line) -> None:
    record_chips(line)
    assert summarise_owed(now=NOW) == 1
    figure = lot_figure()
    assert (figure.tested, figure.first_passed, figure.final_passed) == (3, 1, 1)
    assert figure.final_ratio == pytest.approx(1 / 3)
    assert figure.final_low is not None
    assert figure.final_low < 1 / 3
    assert figure.policy == "last-v1"
    assert figure.fail_bins == {"2": 1, "7": 1}


def test_sites_and_programs_get_their_own_figures(line: Line) -> None:
    record_chips(line)
    summarise_owed(now=NOW)
    shown = YieldFigure.objects.exclude(scope=YieldScope.LOT).order_by("scope", "scope_key")
    rows = list(shown.values_list("scope", "tested", "first_passed"))
    assert rows == [("program", 3, 1), ("site", 1, 1), ("site", 2, 0)]
    assert set(shown.filter(scope="site").values_list("scope_key", flat=True)) == {
        "T1/1/1",
        "T1/1/2",
    }


def test_wafers_get_their_own_figures(line: Line) -> None:
    parts = [
        Part(place=(0, 1, 1)),
        Part(place=(0, 1, 2), outcome=BAD),
        Part(place=(1, 1, 1)),
    ]
    record_run(line.sorted(*parts).record())
    summarise_owed(now=NOW)
    wafers = YieldFigure.objects.filter(scope=YieldScope.WAFER).order_by("scope_key")
    assert [(row.wafer_id, row.tested, row.final_passed) for row in wafers] == [
        (line.wafers[0].pk, 2, 1),
        (line.wafers[1].pk, 1, 1),
    ]


def test_retest_restates_the_figure_and_keeps_the_old_one(line: Line) -> None:
    record_chips(line)
    summarise_owed(now=NOW)
    record_chips(line, sha="b", hours=2, parts=(Part(part_id="C2", site=1),))
    summarise_owed(now=NOW)
    figure = lot_figure()
    assert (figure.first_passed, figure.final_passed, figure.recovered) == (1, 2, 1)
    assert figure.retested == 1
    assert YieldFigure.objects.filter(scope=YieldScope.LOT).count() == 2


def test_recovered_unit_belongs_to_the_site_of_its_first_insertion(line: Line) -> None:
    record_chips(line)
    record_chips(line, sha="b", hours=2, parts=(Part(part_id="C2", site=1),))
    summarise_owed(now=NOW)
    site = YieldFigure.objects.get(scope=YieldScope.SITE, scope_key="T1/1/2")
    assert (site.tested, site.first_passed, site.final_passed) == (2, 0, 1)


def test_nothing_new_is_not_summarised_again(line: Line) -> None:
    record_chips(line)
    assert [summarise_owed(now=NOW), summarise_owed(now=NOW)] == [1, 0]
    (lot_step,) = line.chip_lot.lot_steps.all()
    assert not summarise_lot_step(lot_step_id=lot_step.pk, now=NOW)
    assert str(lot_figure()) == "AS-1 at FT-HOT lot"


def test_oven_loads_give_a_yield_of_their_own(line: Line) -> None:
    record_burn_in(oven_load(line, "C1", "C2"))
    assert summarise_owed(now=NOW) == 1
    figure = lot_figure()
    assert (figure.tested, figure.final_passed) == (2, 2)


def test_lot_steps_are_summarised_in_order_of_time(line: Line) -> None:
    record_chips(line, hours=5)
    record_run(line.sorted(Part(place=(0, 1, 1)), sha256="b" * 64).record())
    summarise_owed(now=NOW, limit=1)
    assert lot_figure().lot_step.step == line.sort
    assert owed_lot_steps().get().step == line.final_test


def test_summarised_lot_waits_for_its_review(line: Line) -> None:
    record_chips(line)
    summarise_owed(now=NOW)
    review = PendingReview.objects.get(lot=line.chip_lot)
    assert NOW < review.due_at <= NOW + timedelta(minutes=5)


def command(key: str, hours: float, reason: str = "") -> Command:
    return Command(
        op_key=key, occurred_at=START + timedelta(hours=hours), source=Source.FEED, reason=reason
    )


def test_step_yield_counts_what_was_scrapped_at_the_step(line: Line) -> None:
    lot, steps = line.chip_lot, [line.final_test, line.burn_in]
    record_chips(line)
    summarise_owed(now=NOW)
    move_lot(lot=lot, to_step=steps[0], command=command("in", 0))
    assert restate_step_yields(lot_ids=[lot.pk]) == 0, "not left yet"
    scrap_units(
        lot=lot, selection=Selection(serials=("C3",)), command=command("s", 1, reason="test-reject")
    )
    move_lot(lot=lot, to_step=steps[1], command=command("out", 2))
    assert restate_step_yields(lot_ids=[lot.pk]) == 1
    figure = lot_figure()
    assert (figure.entered, figure.left) == (3, 2)
    assert figure.step_ratio == pytest.approx(2 / 3)
    assert restate_step_yields(lot_ids=[lot.pk]) == 0


def test_yields_of_a_lot_come_in_route_order(line: Line) -> None:
    record_burn_in(oven_load(line, "C1", "C2"))
    record_chips(line, sha="b", hours=9)
    summarise_owed(now=NOW)
    steps = [figure.lot_step.step.code for figure in yields_of_lot(line.chip_lot)]
    assert steps == ["FT-HOT", "BI"]
    assert rolled_yield(line.chip_lot) == pytest.approx(1 / 3)


def test_trend_shows_each_lot_with_the_limit_before_it(rules: None) -> None:
    lots = ordinary_lots(10)
    trend = yield_trend(lots[0].product, "FT-HOT", lot_count=5)
    assert [point.lot_code for point in trend.points] == [f"OK-{n:02d}" for n in range(5, 10)]
    assert trend.points[0].is_provisional
    assert not trend.points[1].is_provisional
    assert all(point.limit_low is not None for point in trend.points)
    assert trend.limit_fixed is None


def test_first_lot_of_a_trend_has_no_limit(rules: None) -> None:
    (lot,) = ordinary_lots(1)
    (point,) = yield_trend(lot.product, "FT-HOT").points
    assert point.limit_low is None
    assert point.is_provisional
