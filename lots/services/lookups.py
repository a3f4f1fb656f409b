"""Codes to rows, with an answer to act on when there is none."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import attrgetter

from django.db import IntegrityError, transaction
from django.db.models import Subquery

from lots.domain.words import VersionState
from lots.models import Bill, Genealogy, Lot, Product, RouteVersion, Step, Supplier, Unit, Wafer
from supplychain.base.copying import copy_rows, reserved_ids
from supplychain.base.errors import ConflictError, MissingError

NAMED_AT_MOST = 5
UNIT_COLUMNS = {
    "id": "int8",
    "serial": "text",
    "kind": "text",
    "product_id": "int8",
    "lot_id": "int8",
    "wafer_id": "int8",
    "x": "int2",
    "y": "int2",
    "state": "text",
    "trust": "text",
    "declared_lot": "text",
    "declared_wafer": "text",
    "created_by_id": "uuid",
}
EDGE_COLUMNS = {
    "parent_id": "int8",
    "child_id": "int8",
    "position": "text",
    "valid_from": "timestamptz",
    "opened_by_id": "uuid",
}


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
    """New wafers. ConflictError naming codes that exist already."""
    try:
        with transaction.atomic():
            Wafer.objects.bulk_create(wafers)
    except IntegrityError as error:
        taken = Wafer.objects.filter(code__in=[wafer.code for wafer in wafers]).order_by("code")
        named = list(taken.values_list("code", flat=True)[:NAMED_AT_MOST])
        if not named:
            raise
        raise ConflictError(
            f"Wafers exist already: {', '.join(named)}. A wafer belongs to one lot.", wafers=named
        ) from error


def insert_units(units: Sequence[Unit]) -> list[Unit]:
    """New units. ConflictError naming serials that exist already."""
    try:
        with transaction.atomic():
            return _copied(units)
    except IntegrityError as error:
        serials = [unit.serial for unit in units]
        taken = Unit.objects.filter(serial__in=serials).order_by("serial")
        named = list(taken.values_list("serial", flat=True)[:NAMED_AT_MOST])
        if not named:
            raise
        raise ConflictError(
            f"Serials exist already: {', '.join(named)}. A unit is registered once.", serials=named
        ) from error


def _copied(units: Sequence[Unit]) -> list[Unit]:
    """The same, with ids."""
    if not units:
        return []
    for unit, pk in zip(units, reserved_ids(Unit, len(units)), strict=True):
        unit.pk = pk
    values = attrgetter(*UNIT_COLUMNS)
    copy_rows(Unit, UNIT_COLUMNS, (values(unit) for unit in units))
    return list(units)


def insert_edges(edges: Iterable[Genealogy]) -> None:
    """New open edges."""
    values = attrgetter(*EDGE_COLUMNS)
    copy_rows(Genealogy, EDGE_COLUMNS, (values(edge) for edge in edges))
