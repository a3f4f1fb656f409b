"""A late or changed lot: every lot that it is among the measure of is judged again, by the same."""

from __future__ import annotations

from datetime import timedelta

import pytest

from lots.domain.words import BinKind, LotPurpose
from lots.models import Lot
from quality import tasks
from quality.models import PendingReview, PendingSeries, PendingTable
from quality.selectors import series
from quality.selectors.series import judged_figures
from quality.services import summarise_owed
from quality.services.series_reviews import follow_series, follow_tables
from quality.tests.building import NOW, T0, Figures, bare_lot, person
from testing.models import BinDefinition, ProgramRevision, Run
from testing.services import record_run
from testing.services.withdrawing import Withdrawal, withdraw_run
from testing.tests.builders import Part
from testing.tests.conftest import Line

pytestmark = pytest.mark.usefixtures("rules")


def lot_at(code: str, day: float, **given: str) -> Lot:
    lot = bare_lot(code, **given)
    Figures(passed=190, days=day).of(lot)
    return lot


def arrived(line: Line, day: float = 0, sha256: str = "a" * 64) -> None:
    record_run(line.tested(Part(part_id="C1"), hours=24 * day, sha256=sha256).record())
    summarise_owed(now=NOW)


def queued() -> set[str]:
    return set(PendingReview.objects.values_list("lot__code", flat=True))


def followed() -> set[str]:
    """Lots that wait for a review once all series are followed."""
    while follow_series(now=NOW):
        pass
    return queued()


def test_all_lots_behind_a_late_one_are_reviewed_so_many_at_a_time(line: Line) -> None:
    for number in range(1, 8):
        lot_at(f"L-{number}", number)
    lot_at("BEFORE", -1)
    lot_at("ELSEWHERE", 3, step="SLT")
    arrived(line)
    assert queued() == {"AS-1"}
    assert [follow_series(now=NOW, limit=3) for _ in range(4)] == [3, 3, 2, 0]
    assert queued() == {"AS-1", *(f"L-{number}" for number in range(1, 8))}


@pytest.mark.parametrize(("waits", "due"), [(1, 1), (60, 3 + 2)])
def test_asking_behind_a_late_lot_puts_no_review_off(line: Line, waits: int, due: int) -> None:
    lot = lot_at("L-1", 1)
    at = NOW + timedelta(minutes=waits)
    before = PendingReview.objects.create(lot=lot, due_at=at)
    before.refresh_from_db()
    arrived(line)
    follow_series(now=NOW + timedelta(minutes=3))
    after = PendingReview.objects.get(lot=lot)
    assert after.due_at == NOW + timedelta(minutes=due)
    assert after.asked != before.asked


def test_lots_that_began_at_once_are_not_parted(line: Line) -> None:
    for code in ("A", "B", "C"):
        lot_at(code, 1)
    arrived(line)
    assert [follow_series(now=NOW, limit=2) for _ in range(2)] == [4, 0]


def test_the_newest_lot_asks_for_no_other(line: Line) -> None:
    lot_at("BEFORE", -1)
    arrived(line)
    assert not PendingSeries.objects.exists()


def test_an_earlier_change_sets_the_series_back(line: Line) -> None:
    lot_at("L-1", 9)
    arrived(line, day=5)
    arrived(line, day=2, sha256="b" * 64)
    assert PendingSeries.objects.get().from_at == T0 + timedelta(days=2)
    assert str(PendingSeries.objects.get()).startswith("TRN3 at FT-HOT from 2026-03-03")


def test_a_lot_whose_results_are_taken_back_is_missed_by_those_behind_it(line: Line) -> None:
    arrived(line)
    lot_at("L-1", 1)
    by = Withdrawal(person(), "wrong lot", op_key="back", asked_sha256="")
    withdraw_run(run=Run.objects.get(), by=by)
    summarise_owed(now=NOW)
    assert followed() == {"AS-1", "L-1"}


def test_a_lot_that_is_no_measure_any_more_is_missed_too(line: Line) -> None:
    arrived(line)
    lot_at("L-1", 1)
    Lot.objects.filter(pk=line.chip_lot.pk).update(purpose=LotPurpose.ENGINEERING)
    summarise_owed(now=NOW)
    assert followed() == {"AS-1", "L-1"}


def test_the_task_reviews_the_lots_behind(line: Line) -> None:
    lot_at("L-1", 1)
    arrived(line)
    tasks.run_detectors(is_settled=True)
    assert not PendingReview.objects.exists()
    assert not PendingSeries.objects.exists()


def test_lots_are_reviewed_again_once_their_bin_table_grows(line: Line) -> None:
    lots = [bare_lot(code) for code in ("A", "B", "C")]
    for number, lot in enumerate(lots):
        session = line.tested(Part(part_id=lot.code), lot_id=lot.pk, sha256=f"{number:064x}")
        record_run(session.record())
    PendingTable.objects.all().delete()
    revision = ProgramRevision.objects.get()
    BinDefinition.objects.create(revision=revision, kind=BinKind.HARD, number=9)
    assert str(PendingTable.objects.get()).endswith("after lot 0")
    assert [follow_tables(now=NOW, limit=2) for _ in range(3)] == [2, 1, 0]
    assert queued() == {"A", "B", "C"}


@pytest.mark.parametrize("codes", ["AB", "BA"])
def test_lots_that_began_at_once_stand_in_order_of_their_codes(rules: None, codes: str) -> None:
    for code in codes:
        lot_at(code, 1)
    last = lot_at("C", 2)
    (judged,) = judged_figures([last.pk])
    assert judged.baseline == ("A", "B")
    assert [one.baseline for one in judged_figures([Lot.objects.get(code="B").pk])] == [("A",)]


def test_a_lot_is_measured_by_the_same_lots_whoever_is_judged_with_it(
    rules: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    lots = [lot_at(f"L-{number:02d}", number // 2) for number in range(14)]
    alone = [judged_figures([lot.pk], window=4)[0].baseline for lot in lots]
    monkeypatch.setattr(series, "SERIES_LOTS_MAX", 6)
    together = judged_figures([lot.pk for lot in lots], window=4)
    assert [one.baseline for one in together] == alone
    assert alone[-1] == ("L-09", "L-10", "L-11", "L-12")
