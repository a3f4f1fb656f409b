"""What was tested stands in the way of taking back what made it known."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from lots.domain.commands import Command
from lots.domain.words import Source
from lots.models import Event, Lot, Unit
from lots.selectors.uses import Origin
from lots.services import correct_event
from supplychain.base.errors import ConflictError
from testing.selectors.uses import first_test
from testing.services import record_burn_in, record_run
from testing.tests.builders import START, Part
from testing.tests.conftest import RECEIVED_AT, Line
from testing.tests.test_record_burn_in import oven_load


def chips(line: Line) -> Origin:
    return Origin(units=Unit.objects.filter(lot=line.chip_lot))


def whole(lot: Lot) -> Origin:
    return Origin(units=Unit.objects.none(), lot=lot)


def test_nothing_tested_is_told_as_nothing(line: Line) -> None:
    assert first_test(chips(line)) == first_test(whole(line.wafer_lot)) == ""


def test_a_tested_unit_is_named_with_its_file(line: Line) -> None:
    run = record_run(line.tested(Part(part_id="C2")).record())
    assert first_test(chips(line)).startswith(f"C2 was tested at FT-HOT in {run.source_name}, 2026")


def test_an_oven_load_counts_as_a_test(line: Line) -> None:
    record_burn_in(oven_load(line, "C1"))
    assert first_test(chips(line)).startswith("C1 was tested at BI in oven ")
    assert first_test(whole(line.chip_lot)).startswith("lot AS-1 was tested at BI in oven ")


def test_a_sorted_wafer_is_named(line: Line) -> None:
    record_run(line.sorted(Part(place=(0, 1, 1))).record())
    ids = tuple(wafer.pk for wafer in line.wafers)
    told = first_test(Origin(units=Unit.objects.none(), wafer_ids=ids))
    assert told.startswith("N3-1-01 was tested at CP1 in ")


@pytest.mark.parametrize(("hours", "is_told"), [(0, True), (1, False)])
def test_only_what_was_tested_since_counts_where_that_is_asked(
    line: Line, hours: int, is_told: bool
) -> None:
    record_run(line.tested(Part(part_id="C2")).record())
    since = START + timedelta(hours=hours)
    for origin in (chips(line), whole(line.chip_lot)):
        assert bool(first_test(replace(origin, since=since))) is is_told


def test_a_receipt_stands_once_its_units_were_tested(line: Line) -> None:
    record_run(line.tested(Part(part_id="C2")).record())
    event = Event.objects.get(lot=line.chip_lot)
    command = Command("k", RECEIVED_AT + timedelta(days=60), Source.PERSON, reason="wrong")
    with pytest.raises(ConflictError, match="not taken back: C2 was tested at FT-HOT"):
        correct_event(event=event, command=command)
