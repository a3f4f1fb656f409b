"""Tools that cost yield, found on lots as they are recorded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import pytest
from django.db import transaction

from lots.domain.commands import Command, LotOrder
from lots.domain.words import LotKind, Source, UnitOfMeasure
from lots.models import Lot, Product
from lots.services import receive_lot
from quality.detectors import frame
from quality.detectors.equipment import EquipmentYield
from quality.detectors.frame import register_lot_detector
from quality.domain.discovery import Weighed
from quality.models import Issue, Sighting
from quality.services import summarise_owed
from quality.tests.building import NOW, bare_lot
from quality.tests.test_any_order import caught_up
from testing.domain.records import BurnInUnitRecord
from testing.domain.words import Outcome
from testing.services import record_burn_in, record_run
from testing.tests.builders import Part, Session
from testing.tests.conftest import RECEIVED_AT, Line
from testing.tests.test_record_burn_in import oven_load

pytestmark = pytest.mark.usefixtures("rules")

UNITS = 40
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
    for number in range(12):
        run_on(number, dict.fromkeys(PAIRS[number % 4], 3))
    last = [
        run_on(20 + number, {"T2": 16, other: 3}) for number, other in enumerate(("T1", "T4", "T1"))
    ]
    (one,) = weighed(last[-1])
    (found,) = one.findings
    assert found.cause_key == "equipment-yield:TRN3:FT-HOT:tester:T2"
    assert (
        found.title == "Tester T2 passes 60.0% of 3 lots at FT-HOT, other testers beside it 92.5%"
    )
    assert (found.lot_id, found.step_id) == (last[-1].pk, last[-1].step_id)
    assert one.p_value == found.evidence.p_value
    assert found.evidence.n == 3 * UNITS
    facts = found.evidence.as_json()["facts"]
    assert isinstance(facts, dict)
    assert (facts["tester"], facts["compared"], facts["units_lost"]) == ("T2", "within lots", 39)
    assert facts["lots_on_it"][0] == {
        "lot": "E-20", "units": UNITS, "yield_on_it": 0.6, "yield_beside_it": 0.925,
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


def test_a_lot_without_a_known_tool_is_not_weighed(line: Line) -> None:
    record_burn_in(oven_load(line, "C1", "C2"))
    assert weighed(line.chip_lot) == []


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """This detector and no other."""
    monkeypatch.setattr(frame, "_registry", frame.Registry(whole={}, by_lot={}))
    register_lot_detector(EquipmentYield())


LOTS, LATE = 14, 7
OVENS = (("OV-1", "OV-2"), ("OV-3", "OV-4"), ("OV-1", "OV-3"), ("OV-2", "OV-4"))


class Bakery:
    """Lots of units that were in two ovens each, then tested; those out of OV-2 fail at last. One
    is baked when the others had long been, and tested in its turn."""

    def __init__(self, line: Line) -> None:
        self.line, self.lots = line, [self._received(number) for number in range(LOTS)]

    def bake(self, *numbers: int) -> None:
        for number in numbers:
            lot = self.lots[number]
            for half, oven in enumerate(OVENS[number % 4]):
                load = oven_load(
                    self.line, lot_id=lot.pk, oven=oven, source_sha256=f"{number:062x}b{half}",
                    start_hour=48 * number if number == LATE else number,
                )  # fmt: skip
                units = tuple(
                    BurnInUnitRecord(
                        serial, f"BIB-{number % 3}", str(place), load.started_at,
                        load.finished_at, Outcome.PASS,
                    )
                    for place, serial in enumerate(self._serials(number, half))
                )  # fmt: skip
                record_burn_in(replace(load, units=units))

    def test(self) -> None:
        for number, lot in enumerate(self.lots):
            parts = [
                part
                for half, oven in enumerate(OVENS[number % 4])
                for part in parts_of(
                    self._serials(number, half), 10 if oven == "OV-2" and number > 6 else 2
                )
            ]
            step = lot.route_version.steps.get(code="FT-COLD")
            session = self.line.tested(
                *parts, lot_id=lot.pk, step_id=step.pk, sha256=f"{number:063x}c",
                hours=48 * number + 24,
            )  # fmt: skip
            record_run(session.record())

    def _received(self, number: int) -> Lot:
        serials = tuple(serial for half in (0, 1) for serial in self._serials(number, half))
        order = LotOrder(
            code=f"B-{number:02d}", kind=LotKind.ASSEMBLY, product_code="TRN3", route_code="A",
            step_code="START", custodian_code="TSMC", unit_of_measure=UnitOfMeasure.PACKAGE,
            quantity=len(serials), serials=serials,
        )  # fmt: skip
        command = Command(op_key=order.code, occurred_at=RECEIVED_AT, source=Source.FEED)
        return receive_lot(order=order, command=command).lot

    @staticmethod
    def _serials(number: int, half: int) -> list[str]:
        return [f"B{number:02d}-{half}-{place:02d}" for place in range(UNITS)]


def standing(*arrivals: Callable[[], None]) -> set[tuple[str, str]]:
    """Causes that stand once all of it arrived in this order, and the lots that show it."""
    with transaction.atomic():
        for arrive in arrivals:
            arrive()
            caught_up()
        found = set(Sighting.objects.values_list("cause_key", "lot__code"))
        assert {cause for cause, _ in found} == set(
            Issue.objects.values_list("cause_key", flat=True)
        )
        transaction.set_rollback(True)
    return found


@pytest.mark.usefixtures("alone")
def test_an_oven_is_found_at_the_test_behind_it_whenever_its_loads_are_told(line: Line) -> None:
    bakery = Bakery(line)
    late, rest = partial(bakery.bake, LATE), partial(bakery.bake, *set(range(LOTS)) - {LATE})
    in_time = standing(rest, late, bakery.test)
    cause = "equipment-yield:TRN3:FT-COLD:oven:OV-2"
    assert in_time == {(cause, "B-11"), (cause, "B-12")}
    assert standing(rest, bakery.test, late) == in_time
    assert standing(bakery.test, rest, late) == in_time
