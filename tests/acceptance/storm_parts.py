"""The storm among parts: wafers are diced, dies become chips, chips servers, and are swapped.

All players take from the same few lots, so that most of them come too late for what they chose.
"""

from __future__ import annotations

import random
import uuid
from dataclasses import replace

from lots.domain.commands import AssemblyOrder, Build, Part
from lots.domain.words import LotState, UnitKind, UnitOfMeasure, Verb
from lots.models import Genealogy, Lot, Unit
from lots.services.selecting import free_good
from lots.tests.making import built, chip_order, dice, die_orders, good_units, wafer_lot
from tests.acceptance.storm_wishes import Turn, Wish

WAFER_LOTS = "STORM-W"
CHIPS, SERVERS, RETURNED = "STORM-C", "STORM-S", "STORM-R"
PLACES = ("C0", "C1", "C2", "C3")
"""Of the chips in a server."""

DIES = 40
"""Of a wafer; a wafer lot has one wafer."""

CHOICE = 12
"""So many parts are looked at before one is chosen: few, so that players meet."""


def parts_for(wafer_lots: int) -> None:
    """Wafers to dice; one of them is diced, with chips of its dies and a server of those."""
    lots = [wafer_lot(f"{WAFER_LOTS}{n}", step="DICE", wafers=1) for n in range(wafer_lots)]
    dice(lots[0], die_orders(1, DIES))
    order = replace(chip_order(CHIPS, good_units(lots[0])[: 2 * CHOICE]), custodian_code="TSMC")
    chips = good_units(built(order))
    parts = tuple(Part(chip.serial, place) for chip, place in zip(chips, PLACES, strict=False))
    first = (Build(f"{SERVERS}-0", parts),)
    built(AssemblyOrder(SERVERS, "TRN3-SRV4", "E", "SERVER", "TSMC", first))


def cut(chance: random.Random, lot: Lot) -> Wish | None:
    """One wafer lot into dies, once most dies of those before are used."""
    if free(UnitKind.DIE, CHOICE + 1)[CHOICE:]:
        return None
    wafers = Lot.objects.filter(
        code__startswith=WAFER_LOTS, unit_of_measure=UnitOfMeasure.WAFER, quantity__gt=0
    ).first()
    if wafers is None:
        return None
    dies = [
        {"wafer": 1, "x": die.x, "y": die.y, "is_good": die.is_good} for die in die_orders(1, DIES)
    ]
    return Wish(Verb.DICE, {"die_product": "TRN3-DIE", "dies": dies}, lot=wafers, has_page=False)


def package(chance: random.Random, lot: Lot) -> Wish | None:
    """A chip of two dies, whatever wafer they are of."""
    return build(chance, CHIPS, UnitKind.DIE, ("D0", "D1"))


def server(chance: random.Random, lot: Lot) -> Wish | None:
    """A server of four chips, while more are free: an empty lot of chips would be finished."""
    if len(free(UnitKind.PACKAGE, CHOICE)) < 2 * len(PLACES):
        return None
    return build(chance, SERVERS, UnitKind.PACKAGE, PLACES)


def build(chance: random.Random, code: str, kind: UnitKind, places: tuple[str, ...]) -> Wish | None:
    """Into the lot of this code."""
    parts = some(chance, kind, len(places))
    into = Lot.objects.select_related("step", "product").get(code=code)
    if len(parts) < len(places):
        return None
    serial = f"{code}-{uuid.uuid4().hex[:10]}"
    named = [
        {"serial": part.serial, "position": place}
        for part, place in zip(parts, places, strict=True)
    ]
    words = [serial, *(f"{one['position']}={one['serial']}" for one in named)]
    answers = {
        "product": into.product_id,
        "lot_code": code,
        "at_step": into.step_id,
        "serials": " ".join(words),
        "materials": "",
    }
    page = f"/lots/{parts[0].lot.code}/do/assemble"  # type: ignore[union-attr]  # a free part is in one
    return Wish(
        Verb.ASSEMBLE,
        {"builds": [{"serial": serial, "parts": named}]},
        answers,
        lot=into,
        page=page,
    )


def swap(chance: random.Random, lot: Lot) -> Wish | None:
    """A chip of a server is exchanged for a free one."""
    edges = Genealogy.objects.filter(parent__lot__code=SERVERS, valid_to__isnull=True)
    edge = chance.choice(
        list(edges.select_related("parent__lot").order_by("-id")[:CHOICE]) or [None]
    )
    new = some(chance, UnitKind.PACKAGE, 1)
    if edge is None or not new:
        return None
    parent, place, serial = edge.parent.serial, edge.position, new[0].serial
    returned = returned_lot()
    asked = {"position": place, "new_serial": serial}
    return Wish(
        Verb.SWAP,
        {**asked, "parent": parent, "returned_lot": returned},
        {**asked, "parent": parent, "returned_lot_code": returned, "reason": ""},
        lot=edge.parent.lot,
        page=f"/units/{parent}/do/swap",
    )


def returned_lot() -> str:
    """One at hand for parts that come back, or a new one."""
    lots = Lot.objects.filter(code__startswith=RETURNED, state=LotState.ACTIVE)
    found = lots.values_list("code", flat=True).first()
    return found or f"{RETURNED}-{uuid.uuid4().hex[:6]}"


def some(chance: random.Random, kind: UnitKind, count: int) -> list[Unit]:
    """So many free parts by chance of the first few; all there are when they are fewer."""
    found = free(kind, CHOICE)
    return chance.sample(found, min(count, len(found)))


def free(kind: UnitKind, count: int) -> list[Unit]:
    """The first free good parts of the storm's lots, of none that would soon be empty."""
    units = Unit.objects.filter(kind=kind, lot__code__startswith="STORM-", lot__quantity__gt=CHOICE)
    return list(free_good(units).select_related("lot").order_by("id")[:count])


PART_TURNS: tuple[Turn, ...] = (cut, package, package, server, swap)
