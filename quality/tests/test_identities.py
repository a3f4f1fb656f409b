"""Dies built in that should not be, identities in conflict, and units nobody received."""

from __future__ import annotations

from datetime import timedelta

import pytest

from lots.domain.words import LotPurpose
from lots.models import Genealogy, Lot, Unit, Wafer
from quality.detectors.identities import (
    IdentitiesInConflict,
    NotReceived,
    WrongDieBuiltIn,
)
from quality.domain.findings import Finding
from quality.tests.building import NOW, T0, person
from quality.tests.test_fact_detectors import CHIPS, chip_lot
from testing.domain.words import ConflictVerdict, Outcome
from testing.models import IdentityConflict
from testing.services import record_run
from testing.tests.builders import Part
from testing.tests.conftest import Line

pytestmark = pytest.mark.usefixtures("rules")

BAD = Part(place=(0, 1, 1), outcome=Outcome.FAIL)
GOOD = Part(place=(0, 2, 1))


def built_in(line: Line, x: int, y: int, wafer: int = 0, into: str = "C1") -> Unit:
    """A die of this position, inside a chip."""
    host = Unit.objects.get(serial=into)
    die = Unit.objects.create(
        serial=f"D{wafer}-{x}-{y}", kind="die", product=line.die, lot=line.wafer_lot, x=x, y=y,
        wafer=line.wafers[wafer], created_by=host.created_by,
    )  # fmt: skip
    Genealogy.objects.create(
        parent=host,
        child=die,
        position=f"{wafer}-{x}-{y}",
        valid_from=T0,
        opened_by=host.created_by,
    )
    return die


def wrong(line: Line) -> list[Finding]:
    return WrongDieBuiltIn().judge([line.wafer_lot.pk], {}, NOW)


def test_a_die_that_failed_sort_and_is_built_in_is_found(line: Line) -> None:
    record_run(line.sorted(BAD, GOOD).record())
    built_in(line, 1, 1)
    built_in(line, 2, 1)
    (found,) = wrong(line)
    assert found.title == "Dies of N3-1 are built in that should not be: 1 failed CP1"
    assert found.wafer_id == line.wafers[0].pk
    assert found.evidence.facts["dies"] == [{"die": "D0-1-1", "in": "C1", "failed_at": "CP1"}]
    assert wrong(line)[0].revision == found.revision


def test_a_die_that_is_on_no_map_of_its_wafer_is_found(line: Line) -> None:
    record_run(line.sorted(GOOD).record())
    built_in(line, 9, 9)
    (found,) = wrong(line)
    assert found.title.endswith("1 on no map")
    assert found.evidence.facts["off_the_map_count"] == 1


def test_dies_of_several_wafers_are_one_cause(line: Line) -> None:
    record_run(line.sorted(BAD, Part(place=(1, 1, 1), outcome=Outcome.FAIL)).record())
    built_in(line, 1, 1)
    built_in(line, 1, 1, wafer=1)
    (found,) = wrong(line)
    assert (found.evidence.value, found.wafer_id) == (2, None)


def test_a_wafer_lot_has_one_finding_whichever_lot_asks(line: Line) -> None:
    record_run(line.sorted(BAD, Part(place=(0, 3, 1), outcome=Outcome.FAIL)).record())
    built_in(line, 1, 1)
    moved_on = built_in(line, 3, 1)
    moved_on.lot = line.chip_lot
    moved_on.save()
    (found,) = wrong(line)
    assert found.evidence.n == 2
    assert WrongDieBuiltIn().judge([line.chip_lot.pk], {}, NOW) == [found]


def test_good_dies_and_dies_of_a_wafer_without_results_may_be_built_in(line: Line) -> None:
    record_run(line.sorted(GOOD).record())
    built_in(line, 2, 1)
    built_in(line, 1, 1, wafer=1)
    assert wrong(line) == []


def test_a_die_that_passed_when_sorted_again_may_be_built_in(line: Line) -> None:
    record_run(line.sorted(BAD).record())
    record_run(line.sorted(Part(place=(0, 1, 1)), sha256="b" * 64, hours=3).record())
    built_in(line, 1, 1)
    assert wrong(line) == []


def test_a_bad_die_that_is_in_nothing_is_not_found(line: Line) -> None:
    record_run(line.sorted(BAD).record())
    chip = Unit.objects.get(serial="C1")
    Unit.objects.create(
        serial="D", kind="die", product=line.die, lot=line.wafer_lot, x=1, y=1,
        wafer=line.wafers[0], created_by=chip.created_by,
    )  # fmt: skip
    assert wrong(line) == []


def test_a_die_of_another_lot_is_not_this_ones(line: Line) -> None:
    record_run(line.sorted(BAD).record())
    built_in(line, 1, 1)
    assert WrongDieBuiltIn().judge([line.chip_lot.pk], {}, NOW) == []
    assert Wafer.objects.count() == 2


def conflicting(line: Line) -> list[Finding]:
    return IdentitiesInConflict().judge([line.wafer_lot.pk], {}, NOW)


def test_two_units_at_one_place_are_found_until_somebody_decides(line: Line) -> None:
    parts = [Part(place=(0, 1, 1), part_id=name) for name in ("E-001", "E-002")]
    record_run(line.sorted(*parts).record())
    (found,) = conflicting(line)
    assert found.title == "1 identities of N3-1 at CP1 contradict each other"
    assert conflicting(line)[0].revision == found.revision
    IdentityConflict.objects.update(
        verdict=ConflictVerdict.DIFFERENT, decided_by=person("ann"), decided_at=NOW, reason="seen"
    )
    assert conflicting(line) == []


def test_identities_that_agree_are_not_found(line: Line) -> None:
    record_run(line.sorted(GOOD, BAD).record())
    assert conflicting(line) == []


def unreceived(lot: Lot) -> list[Finding]:
    return NotReceived().judge([lot.pk], {}, NOW)


def test_a_serial_that_nobody_received_is_found(line: Line) -> None:
    record_run(line.tested(*CHIPS, Part(part_id="C99")).record())
    (found,) = unreceived(line.chip_lot)
    assert found.title == "Tested of AS-1 at FT-HOT: 1 serials that nobody received"
    assert found.evidence.facts["serials"] == ["C99"]


def test_serials_that_came_are_not_found(line: Line) -> None:
    record_run(line.tested(*CHIPS).record())
    assert unreceived(line.chip_lot) == []


def test_a_serial_that_was_announced_after_its_test_is_not_found(line: Line) -> None:
    record_run(line.tested(*CHIPS, Part(part_id="C99")).record())
    Unit.objects.create(
        serial="C99", kind="package", product=line.chip, lot=line.chip_lot,
        created_by=Unit.objects.get(serial="C1").created_by,
    )  # fmt: skip
    assert unreceived(line.chip_lot) == []


def test_a_late_notice_is_waited_for(line: Line) -> None:
    record_run(line.tested(Part(part_id="C99")).record())
    (found,) = unreceived(line.chip_lot)
    changed_at = line.chip_lot.lot_steps.get().changed_at
    assert found.not_before == changed_at + timedelta(minutes=60)


def counted(line: Line, quantity: int) -> Lot:
    lot = chip_lot("Q-1", quantity=quantity)
    record_run(line.tested(*CHIPS, lot_id=lot.pk).record())
    return lot


def test_a_counted_lot_of_which_more_was_tested_is_found(line: Line) -> None:
    (found,) = unreceived(counted(line, 2))
    assert found.title == "Tested of Q-1 at FT-HOT: 3 units, it never had more than 2"


def test_a_counted_lot_of_which_no_more_was_tested_is_not_found(line: Line) -> None:
    assert unreceived(counted(line, 3)) == []


def test_an_engineering_lot_may_begin_with_a_file(line: Line) -> None:
    lot = counted(line, 2)
    Lot.objects.filter(pk=lot.pk).update(purpose=LotPurpose.ENGINEERING)
    assert unreceived(lot) == []
