"""Lots of parts without serials, and what is built with them."""

from __future__ import annotations

from dataclasses import replace

from lots.domain.commands import AssemblyOrder, Build, LotOrder, Material, Part
from lots.domain.orders import Reissue, ReissueOrder
from lots.domain.words import LotKind, UnitOfMeasure
from lots.models import Event, Lot, Unit
from lots.services import assemble_units, receive_lot, reissue_material
from operations.tests.line import Line, command


def cpus(code: str, quantity: int) -> Lot:
    """A lot of host CPUs, which have no serials."""
    order = LotOrder(
        code=code,
        kind=LotKind.PART,
        product_code="CPU-1",
        route_code="P",
        step_code="STOCK",
        custodian_code="ODM1",
        unit_of_measure=UnitOfMeasure.COMPONENT,
        quantity=quantity,
    )
    return receive_lot(order=order, command=command(30)).lot


def server_with(line: Line, code: str, material: str, days_ago: float = 0) -> Unit:
    """A server of free chips built days ago, with a CPU of that lot; "" where nobody names it."""
    free = line.chip_lot.units.filter(state="good", parent_edges=None).order_by("id")[:4]
    parts = tuple(Part(unit.serial, f"C{number}") for number, unit in enumerate(free))
    order = AssemblyOrder(
        f"LOT-{code}",
        "TRN3-SRV4",
        "E",
        "SERVER",
        "ODM1",
        (Build(code, parts),),
        materials=(Material(material, 1),) if material else (),
    )
    return assemble_units(order=order, command=command(days_ago)).lot.units.get()


def retold(server: Unit, returned_to: str, issued_from: str, *, is_exchange: bool = False) -> Event:
    """The one CPU of the server came from another lot."""
    order = ReissueOrder((Reissue(returned_to, issued_from, 1),), is_exchange)
    asked = replace(command(0), reason="wrong-lot")
    return reissue_material(event=server.created_by, order=order, command=asked)
