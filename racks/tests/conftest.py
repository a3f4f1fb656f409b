from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pytest

from lots.domain.commands import AssemblyOrder, Build, Command, HoldOrder, LotOrder, Material, Part
from lots.domain.orders import Reissue, ReissueOrder
from lots.domain.words import HoldClass, LotKind, Source, UnitOfMeasure
from lots.models import Event, Hold, Lot, Unit
from lots.services import assemble_units, hold_lot, receive_lot, reissue_material
from racks.services import RackOrder, place_rack, place_unit
from racks.tests.builders import INSTALLED_AT
from tests.kept_rows import kept, load_kept

BUILT_AT = datetime(2026, 2, 1, tzinfo=UTC)


@dataclass
class Floor:
    """A chip lot of eight, two 4-chip servers built of it, a switch and an inference system."""

    chips: Lot
    servers: list[Unit]
    switch: Unit
    system: Unit

    def rack(self, serial: str = "R1", position: str = "A01", **changes: Any) -> str:
        """A rack of four slots that stands in a position."""
        order: dict[str, Any] = {
            "site_code": "PDX1",
            "site_name": "Portland 1",
            "country": "US",
            "hall_code": "H1",
            "position_code": position,
            "row": position[0],
            "column": int(position[1:]),
            "rack_serial": serial,
            "slot_count": 4,
            "installed_at": INSTALLED_AT,
        }
        place_rack(order=RackOrder(**{**order, **changes}))
        return serial

    def place(self, *units: Unit, rack: str = "R1") -> None:
        """Units into the slots of a rack, from the bottom up."""
        for number, unit in enumerate(units, 1):
            place_unit(unit=unit, rack_serial=rack, slot_number=number, at=INSTALLED_AT)

    def hold(self, lot: Lot, reason: str = "particles") -> Hold:
        """A quality hold on a lot."""
        order = HoldOrder(hold_class=HoldClass.QUALITY, reason=reason)
        event = hold_lot(lot=lot, order=order, command=command(f"hold {lot} {reason}"))
        return Hold.objects.get(placed_by=event)


@pytest.fixture
def floor(db: None) -> Floor:
    load_kept("lots", "racks")
    return kept("floor", make_floor)


def make_floor() -> Floor:
    chips = received("CHIPS", "TRN3", UnitOfMeasure.PACKAGE, [f"C{n}" for n in range(8)])
    servers = built(
        "SERVERS", "TRN3-SRV4", {"S1": ["C0", "C1", "C2", "C3"], "S2": ["C4", "C5", "C6", "C7"]}
    )
    switch = received("SWITCHES", "NSW-1", UnitOfMeasure.SWITCH, ["N1"]).units.get()
    system = received("SYSTEMS", "CS-SYS", UnitOfMeasure.SYSTEM, ["X1"]).units.get()
    return Floor(chips, servers, switch, system)


def command(key: str) -> Command:
    return Command(op_key=key, occurred_at=BUILT_AT, source=Source.FEED)


def received(code: str, product: str, unit: UnitOfMeasure, serials: Sequence[str]) -> Lot:
    order = LotOrder(
        code=code,
        kind=LotKind.PART,
        product_code=product,
        route_code="C",
        step_code="RCV",
        custodian_code="OPS",
        unit_of_measure=unit,
        quantity=len(serials),
        serials=tuple(serials),
    )
    return receive_lot(order=order, command=command(f"receive {code}")).lot


def built(
    code: str, product: str, parts: dict[str, list[str]], materials: tuple[Material, ...] = ()
) -> list[Unit]:
    order = AssemblyOrder(
        lot_code=code,
        product_code=product,
        route_code="E",
        step_code="SERVER",
        custodian_code="ODM1",
        builds=tuple(
            Build(serial, tuple(Part(part, f"P{place}") for place, part in enumerate(inside)))
            for serial, inside in parts.items()
        ),
        materials=materials,
    )
    assemble_units(order=order, command=command(f"build {code}"))
    return list(Unit.objects.filter(serial__in=parts).order_by("serial"))


def server_with_cpu() -> tuple[Lot, Unit]:
    """A lot of five CPUs without serials, and server S9 that was built with one of them."""
    cpu_lot("CPUS")
    serials = ["D0", "D1", "D2", "D3"]
    received("MORE", "TRN3", UnitOfMeasure.PACKAGE, serials)
    (server,) = built("BUILT", "TRN3-SRV4", {"S9": serials}, (Material("CPUS", 1),))
    return Lot.objects.get(code="CPUS"), server


def cpu_lot(code: str) -> Lot:
    """Five CPUs without serials."""
    order = LotOrder(
        code=code,
        kind=LotKind.PART,
        product_code="CPU-1",
        route_code="P",
        step_code="STOCK",
        custodian_code="ODM1",
        unit_of_measure=UnitOfMeasure.COMPONENT,
        quantity=5,
    )
    return receive_lot(order=order, command=command(f"receive {code}")).lot


def retold(server: Unit, returned_to: str, issued_from: str) -> Event:
    """The one CPU of the server came from another lot."""
    order = ReissueOrder((Reissue(returned_to, issued_from, 1),))
    asked = replace(command(f"reissue {issued_from}"), reason="wrong-lot")
    return reissue_material(event=server.created_by, order=order, command=asked)
