"""Units that failed a required test and went on, and bins that no table names."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from lots.domain.commands import Selection
from lots.domain.words import BinKind, Gate, LotPurpose
from lots.models import Lot, Waiver, WaiverUse
from lots.services import scrap_units
from quality.detectors.bin_tables import BinUnnamed
from quality.detectors.escapes import EscapedUnits
from quality.domain.findings import Finding
from quality.tests.building import NOW, T0, person
from quality.tests.test_fact_detectors import CHIPS, chip_lot, command, moved
from quality.tests.test_fallout import failing
from testing.domain.words import Outcome
from testing.models import BinDefinition, ProgramRevision
from testing.services import record_burn_in, record_run
from testing.tests.builders import Part
from testing.tests.conftest import Line
from testing.tests.test_record_burn_in import oven_load

pytestmark = pytest.mark.usefixtures("rules")

BAD = Part(part_id="C2", outcome=Outcome.FAIL)


def escaped(lot: Lot) -> list[Finding]:
    return EscapedUnits().judge([lot.pk], {}, NOW)


def gone_on(line: Line, *parts: Part, to: str = "BI", **session: Any) -> Lot:
    """The chips tested hot, and their lot one step further."""
    record_run(line.tested(*parts, **session).record())
    return moved(line.chip_lot, to, 31)


def test_a_good_unit_that_failed_the_test_it_left_is_found(line: Line) -> None:
    (found,) = escaped(gone_on(line, CHIPS[0], BAD, CHIPS[2]))
    assert found.title == "1 good units of AS-1 failed FT-HOT and are now at BI"
    assert (found.step_id, found.evidence.value, found.evidence.n) == (line.final_test.pk, 1, 3)
    assert found.evidence.facts["serials"] == ["C2"]


def test_units_that_all_passed_are_no_escape(line: Line) -> None:
    assert escaped(gone_on(line, *CHIPS)) == []


def test_a_unit_that_passed_when_tested_again_is_no_escape(line: Line) -> None:
    record_run(line.tested(CHIPS[0], BAD, CHIPS[2]).record())
    assert escaped(gone_on(line, CHIPS[1], sha256="b" * 64, hours=2)) == []


def test_a_unit_that_was_scrapped_is_no_escape(line: Line) -> None:
    lot = gone_on(line, CHIPS[0], BAD, CHIPS[2])
    scrap = command("scrap", 32, reason="handling")
    scrap_units(lot=lot, selection=Selection(serials=("C2",)), command=scrap)
    assert escaped(lot) == []


def test_a_lot_that_still_stands_at_the_test_has_no_escape(line: Line) -> None:
    assert escaped(gone_on(line, BAD, to="FT-HOT")) == []


def test_an_engineering_lot_may_go_on(line: Line) -> None:
    Lot.objects.filter(pk=line.chip_lot.pk).update(purpose=LotPurpose.ENGINEERING)
    assert escaped(gone_on(line, BAD)) == []


def test_units_that_went_on_under_a_waiver_are_no_escape(line: Line) -> None:
    lot = gone_on(line, BAD)
    waiver = Waiver.objects.create(
        gate=Gate.RESULTS, step=line.final_test, lot=lot, reason="for bring-up", quantity=3,
        valid_from=T0, valid_to=T0 + timedelta(days=9), requested_by=person("ann"),
        approved_by=person("bob"), approved_at=T0, op_key="w", asked_sha256="a" * 64,
    )  # fmt: skip
    event = lot.events.latest("seq")
    WaiverUse.objects.create(waiver=waiver, event=event, quantity=3)
    assert escaped(lot) == []


def test_late_rejects_are_waited_for(line: Line) -> None:
    lot = gone_on(line, BAD)
    (found,) = escaped(lot)
    assert found.not_before == lot.events.latest("seq").recorded_at + timedelta(minutes=60)


def test_another_unit_that_went_on_is_new_evidence(line: Line) -> None:
    lot = gone_on(line, BAD)
    (first,) = escaped(lot)
    also = Part(part_id="C3", outcome=Outcome.FAIL)
    record_run(line.tested(also, sha256="b" * 64, hours=3).record())
    (second,) = escaped(lot)
    assert second.cause_key == first.cause_key
    assert second.revision != first.revision
    assert escaped(lot)[0].revision == second.revision


def test_a_unit_that_failed_burn_in_last_is_an_escape(line: Line) -> None:
    record_run(line.tested(*CHIPS).record())
    record_burn_in(failing(oven_load(line, "C1", "C2", "C3"), "C2"))
    (found,) = escaped(moved(line.chip_lot, "FT-COLD", 40))
    assert (found.step_id, found.evidence.facts["serials"]) == (line.burn_in.pk, ["C2"])


def counted(line: Line, quantity: int) -> Lot:
    """A lot without serials, two of three tested units passed."""
    lot = chip_lot("Q-1", quantity=quantity)
    record_run(line.tested(CHIPS[0], BAD, CHIPS[2], lot_id=lot.pk).record())
    return moved(lot, "BI", 31)


def test_a_lot_without_serials_has_more_good_units_than_passed(line: Line) -> None:
    (found,) = escaped(counted(line, 3))
    assert (found.evidence.value, found.evidence.n) == (1, 3)
    assert found.evidence.facts["serials"] == []


def test_a_lot_without_serials_left_its_fails_behind(line: Line) -> None:
    assert escaped(counted(line, 2)) == []


def unnamed(lot: Lot) -> list[Finding]:
    return BinUnnamed().judge([lot.pk], {}, NOW)


def test_a_hard_bin_that_the_table_does_not_name_is_found(line: Line) -> None:
    record_run(line.tested(CHIPS[0], BAD).record())
    (found,) = unnamed(line.chip_lot)
    assert found.title == "Hard bin 2 of AS-1 at FT-HOT is not in the table of sort 1"
    assert (found.evidence.value, found.evidence.facts["bins_in_the_table"]) == (1, "1")


def test_a_bin_that_the_table_names_is_not_found(line: Line) -> None:
    record_run(line.tested(*CHIPS).record())
    assert unnamed(line.chip_lot) == []


def test_a_program_without_a_table_misses_no_bin(line: Line) -> None:
    record_run(line.tested(CHIPS[0], BAD).record())
    BinDefinition.objects.all().delete()
    assert unnamed(line.chip_lot) == []


def test_soft_bins_have_a_table_of_their_own(line: Line) -> None:
    record_run(line.tested(Part(part_id="C1", soft_bin=77)).record())
    assert unnamed(line.chip_lot) == []
    revision = ProgramRevision.objects.get()
    BinDefinition.objects.create(revision=revision, kind=BinKind.SOFT, number=10)
    (found,) = unnamed(line.chip_lot)
    assert found.title.startswith("Soft bin 77 of AS-1")
