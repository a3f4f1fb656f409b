"""Tools that cost yield, found on lots as they are recorded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain

import pytest

from lots.domain.commands import Command, LotOrder
from lots.domain.words import LotKind, Source, UnitOfMeasure
from lots.models import Lot, Product
from lots.services import receive_lot
from quality.detectors.equipment import EquipmentYield
from quality.domain.discovery import Weighed
from quality.models import YieldPart
from quality.services import summarise_owed
from quality.tests.building import NOW, bare_lot
from testing.domain.records import BurnInUnitRecord
from testing.domain.words import Outcome
from testing.services import record_burn_in, record_run
from testing.tests.builders import Part, Session
from testing.tests.conftest import RECEIVED_AT, Line
from testing.tests.test_record_burn_in import oven_load

pytestmark = pytest.mark.usefixtures("rules")

UNITS = 40
OTHERS = ("OV-1", "OV-3", "OV-4")
PAIRS = (("T1", "T2"), ("T3", "T4"), ("T1", "T3"), ("T2", "T4"))


def parts_of(names: Sequence[str], failed: int) -> list[Part]:
    return [
        Part(part_id=name, outcome=Outcome.FAIL if place < failed else Outcome.PASS)
        for place, name in enumerate(names)
    ]


def run_on(number: int, failed: dict[str, int]) -> Lot:
    """A lot with 40 units on each of these testers, of which so many fail."""
    lot = bare_lot(f"E-{number:02d}")
    for tester, bad in failed.items():
        session = Session(
            lot_id=lot.pk,
            step_id=lot.step_id or 0,
            product_id=Product.objects.get(code="TRN3").pk,
            parts=parts_of([f"{tester}-{n}" for n in range(UNITS)], bad),
            sha256=f"{number}{tester}".rjust(64, "0"),
            hours=24 * number,
        )
        record_run(replace(session.record(), tester=tester))
    return lot


def weighed(*lots: Lot) -> list[Weighed]:
    summarise_owed(now=NOW)
    return EquipmentYield().weigh([lot.pk for lot in lots], {}, NOW)


def test_a_tester_that_costs_yield_is_one_cause_with_its_lots_and_a_picture() -> None:
    for number in range(24):
        run_on(number, dict.fromkeys(PAIRS[number % 4], 2 + number % 3))
    last = [
        run_on(30 + number, {"T2": 20, other: 3}) for number, other in enumerate(("T1", "T4", "T1"))
    ]
    (one,) = weighed(last[-1])
    (found,) = one.findings
    assert found.cause_key == "equipment-yield:TRN3:FT-HOT:tester:T2"
    assert (
        found.title
        == "Tester T2 passes 50.0% of its units of 3 lots at FT-HOT, other testers beside it 92.5%"
    )
    assert (found.lot_id, found.step_id) == (last[-1].pk, last[-1].step_id)
    assert one.p_value == found.evidence.p_value
    assert found.evidence.n == 3 * UNITS
    facts = found.evidence.as_json()["facts"]
    assert isinstance(facts, dict)
    assert (facts["tester"], facts["compared"], facts["units_lost"]) == ("T2", "within lots", 51)
    assert facts["lots_on_it"][0] == {
        "lot": "E-30", "units": UNITS, "yield_on_it": 0.5, "yield_beside_it": 0.925,
    }  # fmt: skip
    (picture,) = found.evidence.pictures
    assert {point.name: point.is_flagged for point in picture.points} == {
        "T1": False, "T2": True, "T4": False,
    }  # fmt: skip


def test_ordinary_lots_are_weighed_and_flag_nothing() -> None:
    lots = [
        run_on(number, dict.fromkeys(PAIRS[number % 4], 2 + number % 3)) for number in range(14)
    ]
    (one,) = weighed(lots[-1])
    assert (one.p_value, one.findings) == (None, ())


def test_a_first_lot_is_not_weighed() -> None:
    assert weighed(run_on(0, {"T1": 3, "T2": 20})) == []


def test_a_lot_of_few_units_is_not_weighed(line: Line) -> None:
    record_burn_in(oven_load(line, "C1", "C2"))
    assert weighed(line.chip_lot) == []


def test_a_lot_whose_tools_were_not_counted_is_not_weighed() -> None:
    lots = [run_on(number, dict.fromkeys(PAIRS[number % 4], 3)) for number in range(14)]
    assert len(weighed(lots[-1])) == 1
    YieldPart.objects.filter(lot_step__lot=lots[-1]).delete()
    assert weighed(lots[-1]) == []


def baked(line: Line, number: int, failed: dict[str, int]) -> Lot:
    """A lot whose units were in these ovens, of which so many fail there."""
    serials = {oven: [f"B{number:02d}-{oven}-{n:02d}" for n in range(UNITS)] for oven in failed}
    order = LotOrder(
        code=f"B-{number:02d}", kind=LotKind.ASSEMBLY, product_code="TRN3", route_code="A",
        step_code="START", custodian_code="TSMC", unit_of_measure=UnitOfMeasure.PACKAGE,
        quantity=UNITS * len(failed), serials=tuple(chain.from_iterable(serials.values())),
    )  # fmt: skip
    command = Command(op_key=order.code, occurred_at=RECEIVED_AT, source=Source.FEED)
    lot = receive_lot(order=order, command=command).lot
    for place, (oven, bad) in enumerate(failed.items()):
        load = oven_load(
            line, lot_id=lot.pk, oven=oven, source_sha256=f"{number:062x}b{place}",
            start_hour=24 * number,
        )  # fmt: skip
        units = tuple(
            BurnInUnitRecord(
                serial, "BIB-1", str(n), load.started_at, load.finished_at,
                Outcome.FAIL if n < bad else Outcome.PASS,
            )
            for n, serial in enumerate(serials[oven])
        )  # fmt: skip
        record_burn_in(replace(load, units=units))
    return lot


def test_an_oven_that_fails_more_is_told_at_burn_in(line: Line) -> None:
    for number in range(12):
        baked(line, number, {"OV-3": 3, "OV-4": 3 + number % 2})
    last = [baked(line, 20 + number, {"OV-2": 20, other: 3}) for number, other in enumerate(OTHERS)]
    (one,) = weighed(last[-1])
    (found,) = one.findings
    assert found.cause_key == "equipment-yield:TRN3:BI:oven:OV-2"
    assert found.evidence.n == 3 * UNITS
