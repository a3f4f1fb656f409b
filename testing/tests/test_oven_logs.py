from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from testing.domain.burnin_series import Sample
from testing.models import BurnInRecount, BurnInRequirement, BurnInRun, LotStep, OvenReading
from testing.selectors import load_proof
from testing.services import OvenLog, record_burn_in, record_oven_log
from testing.tests.builders import START
from testing.tests.conftest import Line
from testing.tests.test_record_burn_in import oven_load


def every(minutes: int, value: float | None, until: int = 480, start: int = 0) -> list[Sample]:
    return [
        Sample(START + timedelta(minutes=minute), value)
        for minute in range(start, until + 1, minutes)
    ]


def oven_log(
    temperature: Sequence[Sample] = (), voltage: Sequence[Sample] = (), sha256: str = "d" * 64
) -> list[BurnInRecount]:
    return record_oven_log(OvenLog("OVEN-1", temperature, voltage, sha256, "oven.csv"))


def hours(run: BurnInRun) -> tuple[float, list[float]]:
    run.refresh_from_db()
    return run.chargeable_hours, [unit.chargeable_hours for unit in run.units.order_by("id")]


def test_a_log_that_comes_after_its_load_proves_its_hours(line: Line) -> None:
    run = record_burn_in(oven_load(line, "C1", log=()))
    assert hours(run) == (0, [0])
    revision = LotStep.objects.get().revision
    (recount,) = oven_log(every(5, 125), every(7, 1.0, 490))
    assert hours(run) == (8.0, [8.0])
    assert (recount.hours_before, recount.hours, recount.unit_count) == (0, 8.0, 1)
    assert LotStep.objects.get().revision == revision + 1


def test_a_log_that_came_before_its_load_counts_too(line: Line) -> None:
    assert oven_log(every(5, 125), every(5, 1.0)) == []
    assert record_burn_in(oven_load(line, "C1", log=())).chargeable_hours == 8.0


def test_the_same_samples_again_change_nothing(line: Line) -> None:
    record_burn_in(oven_load(line, "C1", log=()))
    oven_log(every(5, 125), every(5, None))
    count = OvenReading.objects.count()
    assert oven_log(every(5, 125), every(5, None), "e" * 64) == []
    assert OvenReading.objects.count() == count == 194


def test_one_quantity_alone_proves_nothing(line: Line) -> None:
    run = record_burn_in(oven_load(line, "C1", log=()))
    assert oven_log(every(5, 125)) == []
    assert hours(run) == (0, [0])


def test_a_log_that_contradicts_takes_hours_away(line: Line) -> None:
    run = record_burn_in(oven_load(line, "C1"))
    (recount,) = oven_log(every(10, 90, until=60))
    assert hours(run)[0] == hours(run)[1][0] == pytest.approx(8 - 70 / 60)
    assert recount.hours_before == 8.0


def test_a_log_fills_the_gaps_of_the_one_that_came_with_the_load(line: Line) -> None:
    whole = oven_load(line, "C1")
    run = record_burn_in(oven_load(line, "C1", log=(*whole.log[:10], *whole.log[20:])))
    assert run.chargeable_hours == pytest.approx(8 - 110 / 60)
    oven_log(every(10, 125), every(10, 1.0))
    assert hours(run)[0] == 8.0


def test_another_oven_or_another_day_touches_no_load(line: Line) -> None:
    record_burn_in(oven_load(line, "C1", log=()))
    day = 24 * 60
    assert oven_log(every(5, 125, 2 * day, day), every(5, 1.0, 2 * day, day)) == []
    other = OvenLog("OVEN-2", every(5, 125), every(5, 1.0), "d" * 64, "oven.csv")
    assert record_oven_log(other) == []


def test_an_empty_log_changes_nothing(line: Line) -> None:
    assert oven_log() == []


def test_recounts_are_only_added_to(line: Line) -> None:
    record_burn_in(oven_load(line, "C1", log=()))
    (recount,) = oven_log(every(5, 125), every(5, 1.0))
    for change in (recount.delete, recount.save):
        with pytest.raises(IntegrityError, match="only added to"), transaction.atomic():
            change()


def test_a_load_tells_hours_interruptions_and_read_points(line: Line) -> None:
    BurnInRequirement.objects.update(read_point_hours=[6, 2, 9])
    whole = oven_load(line, "C1")
    run = record_burn_in(oven_load(line, "C1", log=(*whole.log[:10], *whole.log[20:])))
    proof = load_proof(run)
    for stretches in proof.interruptions.values():
        assert [(one.minutes, one.reason) for one in stretches] == [(110, "gap")]
    assert [round(minutes) for _, _, minutes in proof.hours] == [60, 30, 0, 40, 60, 60, 60, 60]
    assert [
        (point.hours, point.reached_at and (point.reached_at - START) / timedelta(minutes=1))
        for point in proof.read_points
    ] == [(2, 230), (6, 470), (9, None)]


@pytest.mark.parametrize("value", [{"hours": 24}, [0], ["24"], [True], [None], [1e9], 24])
def test_read_points_are_hours(line: Line, value: object) -> None:
    requirement = BurnInRequirement.objects.get()
    requirement.read_point_hours = value
    with pytest.raises(ValidationError, match="like"):
        requirement.full_clean()


def test_read_points_may_be_none_or_some(line: Line) -> None:
    requirement = BurnInRequirement.objects.get()
    for value in ([], [24, 48.5]):
        requirement.read_point_hours = value
        requirement.full_clean()
