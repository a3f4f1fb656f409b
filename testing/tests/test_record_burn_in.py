from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from lots.models import Unit
from supplychain.base.errors import ConflictError, MalformedError, MissingError, RefusedError
from testing.domain.records import BurnInRecord, BurnInUnitRecord, LogLine
from testing.domain.words import Outcome
from testing.models import BurnInReading, BurnInRequirement, BurnInRun, LotStep
from testing.selectors import burn_in_fallout, burn_in_hours, burn_in_proof
from testing.services import record_burn_in
from testing.tests.builders import START
from testing.tests.conftest import Line


def oven_load(
    line: Line, *serials: str, hours: int = 8, start_hour: int = 0, **changes: Any
) -> BurnInRecord:
    """Units in the oven for the hours of a log that is in window throughout."""
    started_at = START + timedelta(hours=start_hour)
    finished_at = started_at + timedelta(hours=hours)
    units = tuple(
        BurnInUnitRecord(serial, "BIB-1", str(socket), started_at, finished_at, Outcome.PASS)
        for socket, serial in enumerate(serials)
    )
    values: dict[str, Any] = {
        "lot_id": line.chip_lot.pk,
        "step_id": line.burn_in.pk,
        "oven": "OVEN-1",
        "started_at": started_at,
        "finished_at": finished_at,
        "source_sha256": "c" * 64,
        "units": units,
        "log": tuple(
            LogLine(started_at + timedelta(minutes=minute), 125.0, 1.0)
            for minute in range(0, hours * 60 + 1, 10)
        ),
    }
    return BurnInRecord(**{**values, **changes})


def test_oven_and_units_are_charged_with_proven_hours(line: Line) -> None:
    run = record_burn_in(oven_load(line, "C1", "C2"))
    assert run.chargeable_hours == 8.0
    assert [unit.chargeable_hours for unit in run.units.all()] == [8.0, 8.0]
    assert run.readings.count() == 49


def test_the_same_log_again_changes_nothing(line: Line) -> None:
    load = oven_load(line, "C1")
    assert record_burn_in(load) == record_burn_in(load)
    assert (BurnInRun.objects.count(), LotStep.objects.get().revision) == (1, 1)


def test_the_same_log_under_another_step_is_refused(line: Line) -> None:
    record_burn_in(oven_load(line, "C1"))
    with pytest.raises(ConflictError):
        record_burn_in(oven_load(line, "C1", step_id=line.final_test.pk))


def test_units_that_are_not_known_are_named(line: Line) -> None:
    with pytest.raises(MissingError) as refusal:
        record_burn_in(oven_load(line, "C1", "C9"))
    assert refusal.value.fields == {"serials": ["C9"]}
    assert not BurnInRun.objects.exists()


def test_a_product_without_a_requirement_is_refused(line: Line) -> None:
    BurnInRequirement.objects.all().delete()
    with pytest.raises(RefusedError, match="requirement"):
        record_burn_in(oven_load(line, "C1"))


def test_a_requirement_of_the_step_comes_before_one_of_any_step(line: Line) -> None:
    for version, code in ((7, line.burn_in.code), (8, ""), (9, line.final_test.code)):
        requirement = BurnInRequirement.objects.earliest("version")
        requirement.pk, requirement.version, requirement.step_code = None, version, code
        requirement.save()
    assert record_burn_in(oven_load(line, "C1")).requirement.version == 7


def test_fallout_is_judged_by_the_requirement_of_the_newest_load(line: Line) -> None:
    run = record_burn_in(oven_load(line, "C1"))
    requirement = BurnInRequirement.objects.get()
    requirement.pk, requirement.version, requirement.failed_ratio_max = None, 2, 0.5
    requirement.save()
    record_burn_in(oven_load(line, "C2", start_hour=10, source_sha256="d" * 64))
    lost = burn_in_fallout([run.lot_step_id])[run.lot_step_id]
    assert (lost.submitted, lost.ratio_max, lost.judged.allowed) == (2, 0.5, 1)


def test_the_newest_requirement_counts(line: Line) -> None:
    old = BurnInRequirement.objects.get()
    new = BurnInRequirement.objects.get(pk=old.pk)
    new.pk, new.version, new.hours = None, 2, 24
    new.save()
    assert record_burn_in(oven_load(line, "C1")).requirement == new


def test_log_lines_of_one_instant_are_kept_as_one(line: Line) -> None:
    twice = (LogLine(START, 125.0, 1.0), LogLine(START, 90.0, 1.0))
    record_burn_in(oven_load(line, "C1", log=twice))
    assert BurnInReading.objects.get().temperature_celsius is None


def test_hours_of_a_unit_add_up_over_its_loads(line: Line) -> None:
    record_burn_in(oven_load(line, "C1", "C2", hours=5, source_sha256="1"))
    run = record_burn_in(oven_load(line, "C1", hours=3, source_sha256="2", start_hour=5))
    found = {row.serial: row for row in burn_in_hours([run.lot_step_id])}
    assert (found["C1"].chargeable_hours, found["C1"].is_short) == (8.0, False)
    assert (found["C2"].chargeable_hours, found["C2"].is_short) == (5.0, True)
    assert found["C1"].failures == 0


def test_hours_that_two_logs_tell_of_are_not_charged_twice(line: Line) -> None:
    record_burn_in(oven_load(line, "C1", "C2", hours=5, source_sha256="1"))
    with pytest.raises(ConflictError, match="1 units were in another oven load"):
        record_burn_in(oven_load(line, "C3", "C1", hours=5, start_hour=4, source_sha256="2"))
    assert BurnInRun.objects.count() == 1


@pytest.mark.parametrize("serials", [("C1", "C1"), ("C1", "C2")])
def test_a_serial_or_a_socket_named_twice_is_refused(line: Line, serials: tuple[str, ...]) -> None:
    load = oven_load(line, *serials)
    units = tuple(replace(unit, socket="7" * 20) for unit in load.units)
    with pytest.raises(MalformedError, match="named twice"):
        record_burn_in(replace(load, units=units))


def test_proof_of_a_unit_lists_its_loads(line: Line) -> None:
    record_burn_in(oven_load(line, "C1"))
    unit = Unit.objects.get(serial="C1")
    assert [proof.socket for proof in burn_in_proof(unit)] == ["0"]
