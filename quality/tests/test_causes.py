"""Likely causes of an issue, from the runs that its lots went through."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lots.models import Product
from quality.detectors.causes import with_causes
from quality.selectors.exposures import exposures
from quality.services import summarise_owed
from quality.tests.building import NOW, bare_lot, finding
from testing.domain.words import Outcome
from testing.models import LotStep
from testing.services import record_run
from testing.tests.builders import Part, Session

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


def test_two_lots_are_inconclusive() -> None:
    lot_steps = [lot_on_two_testers(number, 12) for number in range(2)]
    summarise_owed(now=NOW)
    assert len(exposures(lot_steps[-1])) == 2
    one = finding(lot_id=lot_steps[-1].lot_id, step_id=lot_steps[-1].step_id)
    facts = with_causes("yield-drift", [one])[0].evidence.facts
    assert facts == {"commonality": "inconclusive: 2 lots, 3 are needed"}


def test_findings_about_other_things_stay_as_they_are() -> None:
    assert with_causes("stale-wip", [one := finding()]) == [one]
