"""Assemblies with material, and what is told of it anew."""

from __future__ import annotations

from dataclasses import replace

from lots.domain.commands import AssemblyOrder, Command, Material
from lots.domain.moments import Moment
from lots.domain.orders import Reissue, ReissueOrder
from lots.models import Event, Lot
from lots.selectors import materials_of
from lots.selectors.as_of import lot_as_of
from lots.services import (
    assemble_units,
    reissue_material,
)
from lots.tests.making import (
    chip_order,
    command,
)

WRONG = "wrong-lot"


def assembled(*materials: tuple[str, int], lot: str = "P1", first: int = 0) -> Event:
    """Two packages, which take eight stacks, an hour after everything was received."""
    dies = Lot.objects.get(code="W1").units.filter(state="good", parent_edges=None).order_by("id")
    order: AssemblyOrder = chip_order(lot, list(dies[:4]), first=first)
    order = replace(order, materials=tuple(Material(*one) for one in materials))
    return assemble_units(order=order, command=command(hours=1))


def reissue(
    event: Event,
    *changes: tuple[str, str, int],
    order: Command | None = None,
    is_exchange: bool = False,
) -> Event:
    """Three hours after everything was received."""
    wish = ReissueOrder(tuple(Reissue(*change) for change in changes), is_exchange)
    return reissue_material(
        event=event, order=wish, command=order or command(hours=3, reason=WRONG)
    )


def told(moment: Moment | None = None, serial: str = "P1-P0") -> dict[str, int]:
    return {one.lot_code: one.quantity for one in materials_of([serial], moment)}


def quantities(**rest: object) -> dict[str, int]:
    return {code: lot_as_of(code, **rest).quantity for code in ("HBM-1", "HBM-2")}  # type: ignore[arg-type]


def lot(code: str) -> Lot:
    return Lot.objects.get(code=code)
