"""Codes to rows, with an answer to act on when there is none."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Subquery

from lots.domain.words import Trust, UnitState, VersionState
from lots.models import Bill, Genealogy, Lot, Product, RouteVersion, Step, Supplier, Unit, Wafer
from supplychain.base.copying import copy_rows, reserved_ids
from supplychain.base.errors import ConflictError, MissingError

AT_ONCE = 1000
NAMED_AT_MOST = 5
UNIT_TYPES = {
    "serial": "text",
    "kind": "text",
    "product_id": "int8",
    "lot_id": "int8",
    "created_by_id": "uuid",
    "wafer_id": "int8",
    "x": "int2",
    "y": "int2",
    "state": "text",
    "trust": "text",
    "declared_lot": "text",
    "declared_wafer": "text",
}
EDGE_TYPES = {
    "parent_id": "int8",
    "child_id": "int8",
    "position": "text",
    "valid_from": "timestamptz",
    "opened_by_id": "uuid",
}


class NewUnit(NamedTuple):
    """A unit to be written, in the order of UNIT_TYPES; a tuple, for they come by the 100,000."""

    serial: str
    kind: str
    product_id: int
    lot_id: int
    created_by_id: UUID
    wafer_id: int | None = None
    x: int | None = None
    y: int | None = None
    state: UnitState = UnitState.GOOD
    trust: Trust = Trust.SEEN
    declared_lot: str = ""
    declared_wafer: str = ""


class NewEdge(NamedTuple):
    """An edge to be written, open, in the order of EDGE_TYPES."""

    parent_id: int
    child_id: int
    position: str
    valid_from: datetime
    opened_by_id: UUID


def lot_by_code(code: str) -> Lot:
    """MissingError when there is none."""
    lot = Lot.objects.select_related("route_version__route").filter(code=code).first()
    if lot is None:
        raise MissingError(f"There is no lot {code}. Check the code, or receive it.", lot=code)
    return lot


def product_by_code(code: str) -> Product:
    """MissingError when there is none."""
    product = Product.objects.filter(code=code).first()
    if product is None:
        raise MissingError(f"There is no product {code}. Check the code or add it.", product=code)
    return product


def supplier_by_code(code: str) -> Supplier:
    """MissingError when there is none."""
    supplier = Supplier.objects.filter(code=code).first()
    if supplier is None:
        raise MissingError(f"There is no supplier {code}. Check the code or add it.", supplier=code)
    return supplier


def released_step(route_code: str, step_code: str) -> Step:
    """The step on the newest released version of the route. MissingError when there is none."""
    step = (
        Step.objects.select_related("route_version__route")
        .filter(code=step_code, route_version=_newest_released(route_code))
        .first()
    )
    if step is None:
        raise MissingError(
            f"No released route {route_code} has a step {step_code}. Check both codes.",
            route=route_code,
            step=step_code,
        )
    return step


def _newest_released(route_code: str) -> Subquery:
    versions = RouteVersion.objects.filter(route__code=route_code, state=VersionState.RELEASED)
    return Subquery(versions.order_by("-version").values("id")[:1])


def released_bill(product: Product) -> Bill | None:
    """The newest released bill of materials of the product."""
    return (
        Bill.objects.filter(product=product, state=VersionState.RELEASED)
        .order_by("-version")
        .first()
    )


def insert_lot(lot: Lot) -> Lot:
    """A new lot row. ConflictError when the code is taken, also by a simultaneous caller."""
    try:
        with transaction.atomic():
            lot.save(force_insert=True)
    except IntegrityError as error:
        if not Lot.objects.filter(code=lot.code).exists():
            raise
        raise ConflictError(
            f"Lot {lot.code} exists already. Choose another code.", lot=lot.code
        ) from error
    return lot


def insert_wafers(wafers: Sequence[Wafer]) -> None:
    """New wafers; those withdrawn come again. ConflictError naming codes that exist already."""
    try:
        with transaction.atomic():
            Wafer.objects.bulk_create(wafers)
    except IntegrityError as error:
        if again := withdrawn_wafers(wafers):
            insert_wafers([wafer for wafer in wafers if wafer.code not in again])
            return
        taken = Wafer.objects.filter(code__in=[wafer.code for wafer in wafers]).order_by("code")
        named = list(taken.values_list("code", flat=True)[:NAMED_AT_MOST])
        if not named:
            raise
        raise ConflictError(
            f"Wafers exist already: {', '.join(named)}. A wafer belongs to one lot.", wafers=named
        ) from error


def insert_units(units: Sequence[NewUnit]) -> list[int]:
    """Ids of the new units, in their order; those withdrawn come again.

    ConflictError naming serials that exist already.
    """
    ids = reserved_ids(Unit, len(units))
    rows = ((pk, *unit) for pk, unit in zip(ids, units, strict=True))
    try:
        with transaction.atomic():
            copy_rows(Unit, {"id": "int8", **UNIT_TYPES}, rows)
    except IntegrityError as error:
        if again := withdrawn_units(units):
            rest = [unit for unit in units if unit.serial not in again]
            again |= dict(zip((unit.serial for unit in rest), insert_units(rest), strict=True))
            return [again[unit.serial] for unit in units]
        serials = [unit.serial for unit in units]
        taken = Unit.objects.filter(serial__in=serials).order_by("serial")
        named = list(taken.values_list("serial", flat=True)[:NAMED_AT_MOST])
        if not named:
            raise
        raise ConflictError(
            f"Serials exist already: {', '.join(named)}. A unit is registered once.", serials=named
        ) from error
    return ids


def withdrawn_wafers(wafers: Sequence[Wafer]) -> set[str]:
    """Codes of those known and withdrawn, which are these wafers from now on."""
    codes = {wafer.code: wafer for wafer in wafers}
    gone = Wafer.objects.select_for_update(no_key=True).filter(code__in=codes, is_withdrawn=True)
    found = list(gone.order_by("id"))
    for wafer in found:
        new = codes[wafer.code]
        wafer.lot_id, wafer.number = new.lot_id, new.number
        wafer.is_scrapped = wafer.is_withdrawn = False
    Wafer.objects.bulk_update(found, ["lot", "number", "is_scrapped", "is_withdrawn"])
    return {wafer.code for wafer in found}


def withdrawn_units(units: Sequence[NewUnit]) -> dict[str, int]:
    """Serial → id of those known and withdrawn, which are these units from now on."""
    serials = {unit.serial: unit for unit in units}
    gone = Unit.objects.select_for_update(no_key=True).filter(
        serial__in=serials, state=UnitState.WITHDRAWN
    )
    found = dict(gone.order_by("id").values_list("serial", "id"))
    names = [name.removesuffix("_id") for name in UNIT_TYPES if name != "serial"]
    rows = [Unit(id=pk, **serials[serial]._asdict()) for serial, pk in found.items()]
    Unit.objects.bulk_update(rows, names, batch_size=AT_ONCE)
    return found


def insert_edges(edges: Iterable[NewEdge]) -> None:
    """New open edges."""
    copy_rows(Genealogy, EDGE_TYPES, edges)
