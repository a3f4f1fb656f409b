"""Likely causes of an issue, from the runs that its lots went through."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lots.models import Product
from quality.detectors.causes import with_causes
from quality.domain.commonality import NOT_SURE
from quality.domain.dispersion import Count
from quality.domain.exposure import Factor, Tool
from quality.models import YieldPart
from quality.selectors.exposures import exposures
from quality.services import raise_findings, resolve_issue, summarise_owed
from quality.tests.building import NOW, bare_lot, finding, person, rule
from testing.domain.words import Outcome
from testing.models import LotStep
from testing.services import record_burn_in, record_run
from testing.tests.builders import Part, Session
from testing.tests.conftest import Line
from testing.tests.test_record_burn_in import oven_load

pytestmark = pytest.mark.usefixtures("rules")

UNITS = 40


def lot_on_two_testers(number: int, failed: int) -> LotStep:
    """40 units on each of two testers: one fails 2 of them, the other as many as said."""
    lot = bare_lot(f"C-{number}")
    for tester, bad in (("T1", 2), ("T2", failed)):
        parts = [
            Part(part_id=f"{tester}-{n}", outcome=Outcome.FAIL if n < bad else Outcome.PASS)
            for n in range(UNITS)
        ]
        session = Session(
            lot_id=lot.pk,
            step_id=lot.step_id or 0,
            product_id=Product.objects.get(code="TRN3").pk,
            parts=parts,
            sha256=f"{number}{tester}".rjust(64, "0"),
            hours=24 * number,
        )
        record_run(replace(session.record(), tester=tester))
    return LotStep.objects.get(lot=lot)


def test_finding_on_lots_of_a_bad_tester_names_it() -> None:
    lot_steps = [lot_on_two_testers(number, 12) for number in range(3)]
    summarise_owed(now=NOW)
    last = lot_steps[-1]
    one = finding(lot_id=last.lot_id, step_id=last.step_id)
    facts = with_causes("yield-below-limit", [one])[0].evidence.as_json()["facts"]
    assert isinstance(facts, dict)
    assert facts["likely_causes"][0]["cause"] == "tester T2"
    assert facts["likely_causes"][0]["units"] == 3 * UNITS
    assert facts["likely_causes"][0]["how_sure"] == NOT_SURE
    assert facts["likely_causes"][0]["yield_effect_before"] == "not known"


def test_two_lots_are_inconclusive() -> None:
    lot_steps = [lot_on_two_testers(number, 12) for number in range(2)]
    summarise_owed(now=NOW)
    assert len(exposures(lot_steps[-1])) == 2
    one = finding(lot_id=lot_steps[-1].lot_id, step_id=lot_steps[-1].step_id)
    facts = with_causes("yield-drift", [one])[0].evidence.facts
    assert facts == {"commonality": "inconclusive: 2 lots, 3 are needed"}


def test_lots_that_are_explained_and_those_behind_do_not_count() -> None:
    lot_steps = [lot_on_two_testers(number, 12) for number in range(4)]
    summarise_owed(now=NOW)
    assert [one.lot for one in exposures(lot_steps[2])] == ["C-0", "C-1", "C-2"]
    told = finding(lot_id=lot_steps[1].lot_id, step_id=lot_steps[1].step_id)
    (issue,) = raise_findings(rule=rule("site-yield"), findings=[told], now=NOW)
    resolve_issue(issue=issue, actor=person(), cause="worn socket", note="replaced")
    assert [one.lot for one in exposures(lot_steps[2])] == ["C-0", "C-2"]


def test_a_lot_of_which_no_tool_is_known_has_no_causes() -> None:
    lot_step = lot_on_two_testers(1, 12)
    assert exposures(lot_step) == []
    summarise_owed(now=NOW)
    assert len(exposures(lot_step)) == 1
    YieldPart.objects.all().delete()
    assert exposures(lot_step) == []
    one = finding(lot_id=lot_step.lot_id, step_id=lot_step.step_id)
    facts = with_causes("yield-drift", [one])[0].evidence.facts
    assert facts == {"commonality": "inconclusive: it is not known what the lot was on"}


def test_a_unit_counts_with_the_oven_that_it_was_in_last_before_its_test(line: Line) -> None:
    """C1 twice, C2 once, C3 again behind its test."""
    for place, (oven, hour, serials) in enumerate(
        [("OV-1", 0, ("C1", "C3")), ("OV-2", 24, ("C1", "C2")), ("OV-4", 72, ("C3",))]
    ):
        load = oven_load(line, *serials, oven=oven, start_hour=hour, source_sha256=f"{place:064x}")
        record_burn_in(load)
    parts = [
        Part(part_id=name, outcome=Outcome.FAIL if name == "C1" else Outcome.PASS)
        for name in ("C1", "C2", "C3")
    ]
    run = record_run(line.tested(*parts, hours=48).record())
    summarise_owed(now=NOW)
    (found,) = exposures(run.lot_step)
    assert {tool.name: on for tool, on in found.tools.items() if tool.factor is Factor.OVEN} == {
        "OV-1": Count(1, 1), "OV-2": Count(1, 2),
    }  # fmt: skip
    assert found.tools[Tool(Factor.BURN_IN_BOARD, "BIB-1")] == Count(2, 3)


def test_findings_about_other_things_stay_as_they_are() -> None:
    assert with_causes("stale-wip", [one := finding()]) == [one]
