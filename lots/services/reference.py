"""Suppliers, products, bills and routes, loaded from files and frozen once released."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction

from lots.domain.words import UnitKind, VersionState
from lots.models import Bill, BillLine, Product, Route, RouteVersion, Step, Supplier
from supplychain.base.errors import ConflictError

FOLDER = Path(__file__).resolve().parent.parent / "reference"
ENGINEERING_FAMILY = "Engineering"

Rows = list[dict[str, Any]]


@transaction.atomic
def load_reference(*, folder: Path = FOLDER) -> None:
    """Bring the reference rows to what the files say; a second time changes nothing.

    ConflictError when a file gives a released bill or route version other content.
    """
    for row in _rows(folder / "suppliers.json"):
        Supplier.objects.update_or_create(code=row.pop("code"), defaults=row)
    suppliers = {supplier.code: supplier for supplier in Supplier.objects.all()}
    for row in _rows(folder / "products.json"):
        row["supplier"] = suppliers[row["supplier"]] if row["supplier"] else None
        Product.objects.update_or_create(code=row.pop("code"), defaults=row)
    products = {product.code: product for product in Product.objects.all()}
    for row in _rows(folder / "bills.json"):
        _load_bill(row, products)
    for row in _rows(folder / "routes.json"):
        _load_route(row, suppliers)


def engineering_product(*, code: str, kind: UnitKind) -> Product:
    """The product of this code; made from a test file's word when there is none."""
    product, _ = Product.objects.get_or_create(
        code=code,
        defaults={
            "name": code,
            "family": ENGINEERING_FAMILY,
            "kind": kind,
            "is_engineering": True,
        },
    )
    return product


def _rows(path: Path) -> Rows:
    rows: Rows = json.loads(path.read_text())
    return rows


def _load_bill(row: dict[str, Any], products: dict[str, Product]) -> None:
    bill, is_new = Bill.objects.get_or_create(
        product=products[row["product"]],
        version=row["version"],
        defaults={
            "state": VersionState.RELEASED,
            "released_at": datetime.fromisoformat(row["released_at"]),
        },
    )
    wanted = [
        (products[line["component"]].pk, line["quantity"], line["is_serialised"])
        for line in row["lines"]
    ]
    if is_new:
        BillLine.objects.bulk_create(
            BillLine(bill=bill, component_id=component, quantity=count, is_serialised=is_serialised)
            for component, count, is_serialised in wanted
        )
        return
    stands = bill.lines.order_by("id").values_list("component_id", "quantity", "is_serialised")
    _refuse_change(f"Bill of materials {bill}", list(stands), wanted)


def _load_route(row: dict[str, Any], suppliers: dict[str, Supplier]) -> None:
    route, _ = Route.objects.update_or_create(code=row["code"], defaults={"name": row["name"]})
    version, is_new = RouteVersion.objects.get_or_create(
        route=route,
        version=row["version"],
        defaults={
            "state": VersionState.RELEASED,
            "released_at": datetime.fromisoformat(row["released_at"]),
            "is_free": row["is_free"],
        },
    )
    steps = [_step(version, number, step, suppliers) for number, step in enumerate(row["steps"], 1)]
    if is_new:
        Step.objects.bulk_create(steps)
        return
    stands = [_content(step) for step in version.steps.order_by("sequence")]
    _refuse_change(f"Route {version}", stands, [_content(step) for step in steps])
    _refuse_change(f"Route {version}", version.is_free, row["is_free"])


def _step(
    version: RouteVersion, number: int, row: dict[str, Any], suppliers: dict[str, Supplier]
) -> Step:
    low, high = row["days"]
    return Step(
        route_version=version,
        sequence=number * 10,
        code=row["code"],
        name=row["name"],
        kind=row["kind"],
        supplier=suppliers[row["supplier"]] if row["supplier"] else None,
        days_min=low,
        days_max=high,
        requires_results=row["requires_results"],
    )


def _content(step: Step) -> tuple[object, ...]:
    return (
        step.sequence,
        step.code,
        step.name,
        step.kind,
        step.supplier_id,
        step.days_min,
        step.days_max,
        step.requires_results,
    )


def _refuse_change(name: str, stands: object, wanted: object) -> None:
    if stands != wanted:
        raise ConflictError(
            f"{name} is released and differs from its file. Add a new version instead.",
            name=name,
        )
