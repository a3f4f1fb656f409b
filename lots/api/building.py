"""Orders that make lots, or make something else of what is in one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from lots.api import lot_shapes, shapes
from lots.api.typed import typed
from lots.domain.commands import (
    AssemblyOrder,
    Build,
    Command,
    Declaration,
    DieOrder,
    LotOrder,
    Material,
    Part,
)
from lots.domain.words import LotKind, LotPurpose, Trust, UnitOfMeasure, Verb
from lots.models import Event, Lot
from lots.services import assemble_units, dice_lot, receive_lot
from lots.services.lookups import product_by_code

Asked = dict[str, Any]


def dice(lot: Lot, asked: Asked, command: Command) -> Event:
    """Wafers become dies."""
    dies = [DieOrder(die["wafer"], die["x"], die["y"], die["is_good"]) for die in asked["dies"]]
    product = product_by_code(asked["die_product"])
    return dice_lot(lot=lot, dies=dies, die_product=product, command=command)


def add_builds(lot: Lot, asked: Asked, command: Command) -> Event:
    """More things built into a lot that is there."""
    order = AssemblyOrder(
        lot.code,
        lot.product.code,
        lot.route_version.route.code,
        lot.step.code,
        lot.custodian.code,
        _builds(asked["builds"]),
        LotPurpose(lot.purpose),
        _materials(asked.get("materials", ())),
    )
    return assemble_units(order=order, command=command)


def _assemble(asked: Asked, command: Command) -> Event:
    order = AssemblyOrder(
        asked["code"],
        asked["product"],
        asked["route"],
        asked["step"],
        asked["custodian"],
        _builds(asked["builds"]),
        LotPurpose(asked["purpose"]),
        _materials(asked.get("materials", ())),
    )
    return assemble_units(order=order, command=command)


def _builds(asked: Sequence[Asked]) -> tuple[Build, ...]:
    return tuple(
        Build(
            build["serial"],
            tuple(Part(part["serial"], part["position"]) for part in build["parts"]),
        )
        for build in asked
    )


def _materials(asked: Sequence[Asked]) -> tuple[Material, ...]:
    return tuple(Material(one["lot"], one["quantity"]) for one in asked)


def _receive(asked: Asked, command: Command) -> Event:
    order = LotOrder(
        code=asked["code"],
        kind=LotKind(asked["kind"]),
        product_code=asked["product"],
        route_code=asked["route"],
        step_code=asked["step"],
        custodian_code=asked["custodian"],
        unit_of_measure=UnitOfMeasure(asked["unit_of_measure"]),
        quantity=asked["quantity"],
        purpose=LotPurpose(asked["purpose"]),
        wafers=tuple(asked["wafers"]),
        wafer_codes=tuple(asked["wafer_codes"]),
        serials=tuple(asked["serials"]),
        declarations=tuple(Declaration(**one) for one in asked["declarations"]),
        trust=Trust(asked["trust"]),
        due_on=asked["due_on"],
        is_hot=asked["is_hot"],
        customer=asked["customer"],
    )
    return receive_lot(order=order, command=command)


@dataclass(frozen=True, slots=True)
class Start:
    """One way a lot begins: the right it asks for, the shape of its body, and its service."""

    right: str
    serializer: type[shapes.OrderSerializer]
    carry_out: Callable[[Asked, Command], Event]


STARTS: dict[str, Start] = {
    Verb.RECEIVE: Start(
        "lots.receive_lot", typed(Verb.RECEIVE, lot_shapes.ReceiveLotSerializer, "Lot"), _receive
    ),
    Verb.ASSEMBLE: Start(
        "lots.assemble_lot",
        typed(Verb.ASSEMBLE, lot_shapes.AssembleLotSerializer, "Lot"),
        _assemble,
    ),
}
"""A lot that is split or binned off begins by an order to the lot it comes from."""
