"""Figures of lots at a step on charts: from yields, summaries, oven loads and the ledger."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from pytest_django import DjangoAssertNumQueries

from lots.domain.commands import Selection
from lots.domain.words import LotPurpose
from lots.models import Event, Lot, Product, Step
from lots.services import correct_event, move_lot, split_lot
from lots.tests.making import again, command, wafer_lot
from quality.domain.figures import FIGURES
from quality.domain.limit_sets import LimitAsked
from quality.domain.words import LimitKind, RuleSet, YieldScope
from quality.models import YieldFigure
from quality.selectors.control_charts import control_chart, unit_of
from quality.selectors.figure_lots import READERS, HistoryLot, Span, figure_lots
from quality.selectors.limit_asking import LimitWords, asked_for
from quality.selectors.limit_history import history_lots
from quality.selectors.limit_versions import limit_version
from quality.tests.building import NOW, Figures, bare_lot, ordinary_lots
from quality.tests.test_fallout import failing
from quality.tests.test_limit_versions import approved, prepared
from quality.tests.test_outliers import SIDE, sorted_lot
from supplychain.base.errors import MalformedError, MissingError
from testing.models import ReadingSummary, Run
from testing.services import record_burn_in
from testing.tests.conftest import Line
from testing.tests.test_record_burn_in import oven_load

pytestmark = pytest.mark.usefixtures("rules", "files_folder")

IMR = LimitKind.CHART_IMR


def asked(
    subject: str, kind: LimitKind = IMR, *, product: str = "TRN3", step: str = "FT-HOT", **more: Any
) -> LimitAsked:
    return asked_for(LimitWords(Product.objects.get(code=product), step, kind, subject, **more))


def of_dies(subject: str, step: str = "CP1", **more: Any) -> LimitAsked:
    return asked(subject, product="TRN3-DIE", step=step, **more)


def read(what: LimitAsked, **span: Any) -> list[HistoryLot]:
    return figure_lots(what, Span(60, **span))


def stayed(code: str, hours: float, *, came: float = 0, **rest: Any) -> Lot:
    """A wafer lot that came to bumping so many hours after the first, and left it."""
    lot = wafer_lot(code, step="RCV", **rest)
    for step, at in (("BUMP", came), ("CP1", came + hours)):
        to = Step.objects.get(route_version=lot.route_version_id, code=step)
        move_lot(lot=lot, to_step=to, command=command(hours=at))
        lot = again(lot)
    return lot


def test_every_figure_of_the_list_is_read_from_somewhere() -> None:
    assert READERS.keys() == FIGURES.keys()


def test_retests_are_counted_of_the_units_and_recoveries_of_the_retests() -> None:
    Figures(passed=190, first_passed=180).of(bare_lot("A"))
    Figures(passed=198, first_passed=195, days=1).of(bare_lot("FEW"))
    (again_, _) = read(asked("retest-share"))
    assert (again_.passed, again_.tested) == (20, 200)
    (recovered,) = read(asked("recovered-share"))
    assert (recovered.lot_code, recovered.passed, recovered.tested) == ("A", 10, 20)


def test_failed_dies_are_counted_for_each_wafer() -> None:
    sorted_lot(1, bad={(0, 0), (3, 3)})
    (lot,) = read(of_dies("fails-per-wafer"))
    assert (lot.passed, lot.tested, lot.ratio) == (2, 1, 2.0)
    assert read(of_dies("fails-per-wafer", units_min=2)) == []


def test_wafers_are_counted_lot_by_lot_from_the_newest_on(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for number, wafers in enumerate([3, 1, 0, 2]):
        by_wafer(f"L{number}", wafers, days=number)
    what = asked("fails-per-wafer")
    with django_assert_num_queries(1) as asked_for:
        found = read(what)
    assert [(lot.lot_code, lot.passed, lot.tested) for lot in found] == [
        ("L0", 20, 3), ("L1", 20, 1), ("L3", 20, 2),
    ]  # fmt: skip
    (query,) = asked_for.captured_queries
    grouped = query["sql"].split("GROUP BY ")[1:]
    assert [told[:3] for told in grouped] == ["U0."], "by lot, beside the lots that are taken"
    several = figure_lots(asked("fails-per-wafer", units_min=2), Span(1))
    assert [lot.lot_code for lot in several] == ["L3"]


def by_wafer(code: str, count: int, days: float) -> None:
    """A lot of which 20 dies failed, with figures of so many wafers and of one that is past."""
    lot_step = Figures(passed=180, days=days).of(bare_lot(code))
    whole = YieldFigure.objects.get(lot_step=lot_step)
    for number in range(count + 1):
        whole.pk, whole.scope, whole.scope_key = None, YieldScope.WAFER, f"{code}-{number}"
        whole.is_current = number < count
        whole.save(force_insert=True)


def test_the_mean_of_a_test_is_that_of_all_its_values() -> None:
    sorted_lot(1)
    values = np.random.default_rng(1).normal(10, 0.1, (SIDE, SIDE))
    what = of_dies("test-mean 100")
    (lot,) = read(what)
    assert lot.value == pytest.approx(values.mean())
    assert lot.tested == SIDE * SIDE
    assert what.subject == "test-mean 100 idd"
    assert unit_of(what) == "A"
    assert of_dies(what.subject) == what, "an address says it in the same words"


def test_the_median_of_a_test_lies_among_those_of_its_summaries() -> None:
    sorted_lot(1)
    medians = set(ReadingSummary.objects.values_list("median", flat=True))
    (lot,) = read(of_dies("test-median 100"))
    assert lot.value in medians
    assert lot.value == pytest.approx(10, abs=0.1)


def test_values_of_a_run_that_was_taken_back_do_not_count() -> None:
    sorted_lot(1)
    sorted_lot(2)
    Run.objects.filter(lot_step__lot__code="V1").update(is_withdrawn=True)
    assert [lot.lot_code for lot in read(of_dies("test-mean 100"))] == ["V2"]


def test_too_few_values_are_left_out() -> None:
    sorted_lot(1)
    assert read(of_dies("test-mean 100", units_min=SIDE * SIDE + 1)) == []


def test_fallout_is_counted_by_the_last_load_of_each_unit(line: Line) -> None:
    record_burn_in(failing(oven_load(line, "C1", "C2", "C3"), "C1", "C3"))
    record_burn_in(oven_load(line, "C1", start_hour=10, source_sha256="d" * 64))
    what = asked("burn-in-fallout", LimitKind.CHART_P, step="BI", units_min=3)
    (lot,) = read(what)
    assert (lot.lot_code, lot.passed, lot.tested) == ("AS-1", 1, 3)
    assert read(what, since=NOW + timedelta(days=999)) == []
    assert read(asked("burn-in-fallout", LimitKind.CHART_P, step="BI")) == []


def test_hours_run_from_coming_to_a_step_to_leaving_it() -> None:
    stayed("SHORT", 20)
    stayed("LONG", 90)
    found = read(of_dies("step-hours", step="BUMP"))
    assert [(lot.lot_code, lot.value) for lot in found] == [("SHORT", 20.0), ("LONG", 90.0)]
    assert found[0].lot_step_id is None
    since = found[1].started_at
    assert [lot.lot_code for lot in read(of_dies("step-hours", step="BUMP"), since=since)] == [
        "LONG"
    ]


def test_lots_at_the_step_engineering_lots_and_moves_taken_back_have_no_hours() -> None:
    wafer_lot("HERE", step="BUMP")
    stayed("TRIAL", 20, purpose=LotPurpose.ENGINEERING)
    stayed("BACK", 20)
    move = Event.objects.get(lot__code="BACK", step_from__code="BUMP")
    correct_event(event=move, command=command(hours=21, reason="wrong lot"))
    assert read(of_dies("step-hours", step="BUMP")) == []


def test_who_was_split_off_at_the_step_never_came_to_it() -> None:
    lot = stayed("MOTHER", 20)
    third = Selection(wafers=(3,))
    split_lot(lot=lot, child_code="CHILD", selection=third, command=command(hours=21))
    child = Lot.objects.get(code="CHILD")
    to = Step.objects.get(route_version=lot.route_version_id, code="CP2")
    move_lot(lot=child, to_step=to, command=command(hours=30))
    assert read(of_dies("step-hours")) == []


def test_limits_on_hours_are_frozen_with_the_lots_and_why_one_was_left_out() -> None:
    for number, hours in enumerate([20, 24, 22, 26, 21, 25]):
        stayed(f"S{number}", hours, came=100 * number)
    stayed("FLOOD", 400, came=700)
    what = of_dies("step-hours", step="BUMP")
    version = limit_version(prepared(what, left_out={"FLOOD": "fab under water"}).pk)
    last = list(version.lots.all())[-1]
    assert (last.lot_code, last.value, last.left_out) == ("FLOOD", 400.0, "fab under water")
    assert last.lot_step is None
    assert prepared(what, left_out={"FLOOD": "fab under water"}) == version, "a second click"
    approved(version)
    stayed("LATE", 200, came=1200)
    chart = control_chart(what, RuleSet.LIMIT, NOW)
    assert chart is not None
    assert chart.version == version
    assert [lot.lot.lot_code for lot in chart.signals] == ["LATE"]
    assert [lot.lot.left_out for lot in chart.lots if not lot.points] == ["fab under water"]
    assert [lot.is_history for lot in chart.lots] == [True] * 7 + [False]


def test_a_test_is_charted_by_frozen_limits() -> None:
    for number in range(5):
        sorted_lot(number)
    what = of_dies("test-mean 100")
    version = approved(prepared(what))
    sorted_lot(9, odd={(x, y): 11 for x in range(SIDE) for y in range(SIDE)})
    chart = control_chart(what, RuleSet.LIMIT, NOW)
    assert chart is not None
    assert (chart.version, chart.limits.method) == (version, "imr-v1")
    assert [lot.lot.lot_code for lot in chart.signals] == ["V9"]


@pytest.mark.parametrize("subject", ["retest-share", "recovered-share", "final-yield", "5"])
def test_queries_of_counts_do_not_grow_with_lots(
    subject: str, django_assert_num_queries: Any
) -> None:
    ordinary_lots(12)
    what = asked(subject, LimitKind.CHART_P, units_min=1)
    with django_assert_num_queries(2):
        assert len(history_lots(what, {})) == 12


@pytest.mark.parametrize(
    ("subject", "step", "count"),
    [("fails-per-wafer", "CP1", 2), ("test-mean 100", "CP1", 5), ("step-hours", "BUMP", 3)],
)
def test_queries_of_others_do_not_grow_with_lots(
    subject: str, step: str, count: int, django_assert_max_num_queries: Any
) -> None:
    for number in range(3):
        sorted_lot(number)
        stayed(f"S{number}", 20 + number)
    what = of_dies(subject, step=step)
    with django_assert_max_num_queries(count):
        assert len(history_lots(what, {})) == 3


@pytest.mark.parametrize(
    ("subject", "kind", "error", "words"),
    [
        ("step-hours", LimitKind.CHART_P, MalformedError, "chart-imr, chart-ewma, chart-cusum"),
        ("final-yield", LimitKind.CHART_U, MalformedError, "Final yield can be charted by"),
        ("loudness", IMR, MalformedError, "the number of a hard bin"),
        ("test-mean", IMR, MalformedError, "test-mean with the number of a test"),
        ("test-mean 99", IMR, MissingError, "No test 99"),
        ("12345678901", LimitKind.CHART_P, MalformedError, "by its number"),
    ],
)
def test_what_cannot_be_charted_is_refused_in_words(
    subject: str, kind: LimitKind, error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        asked(subject, kind)


def test_small_lots_are_left_out_as_fits_the_figure() -> None:
    assert asked("recovered-share").units_min == 8
    assert of_dies("fails-per-wafer").units_min == 1
    assert asked("final-yield").units_min == 20
    assert asked("final-yield", units_min=3).units_min == 3
