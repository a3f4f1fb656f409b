"""Suppliers, products, bills and routes, loaded from files and frozen once released."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction

from lots.domain.words import UnitKind, VersionState
from lots.models import (
    Bill,
    BillLine,
    MergeRule,
    Product,
    ReasonCode,
    Route,
    RouteVersion,
    Step,
    Supplier,
)
from lots.selectors.comparing import content_of
from supplychain.base.errors import ConflictError

FOLDER = Path(__file__).resolve().parent.parent / "reference"
ENGINEERING_FAMILY = "Engineering"
OPTIONAL_OF_STEP = (
    "gate_mode",
    "track_depth",
    "queue_hours_max",
    "sampling_every",
    "is_outsourced",
)

Rows = list[dict[str, Any]]


@transaction.atomic
def load_reference(*, folder: Path = FOLDER) -> None:
    """Bring the reference rows to what the files say; a second time changes nothing.

    Merge rules and reason codes are only added: what people changed since stays. ConflictError
    when a file gives a released bill or route version other content.
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
    _add_absent_rules(folder, products)


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
        product=products[row["product"]], version=row["version"]
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
        _release(bill, row)
        return
    stands = bill.lines.order_by("id").values_list("component_id", "quantity", "is_serialised")
    _refuse_change(f"Bill of materials {bill}", list(stands), wanted)


def _load_route(row: dict[str, Any], suppliers: dict[str, Supplier]) -> None:
    route, _ = Route.objects.update_or_create(code=row["code"], defaults={"name": row["name"]})
    is_rework = row.get("is_rework", False)
    version, is_new = RouteVersion.objects.get_or_create(
        route=route,
        version=row["version"],
        defaults={"is_free": row["is_free"], "is_rework": is_rework},
    )
    steps = [_step(version, number, step, suppliers) for number, step in enumerate(row["steps"], 1)]
    if is_new:
        Step.objects.bulk_create(steps)
        _release(version, row)
        return
    stands = [content_of(step) for step in version.steps.order_by("sequence")]
    _refuse_change(f"Route {version}", stands, [content_of(step) for step in steps])
    kinds = (version.is_free, version.is_rework)
    _refuse_change(f"Route {version}", kinds, (row["is_free"], is_rework))


def _release(made: Bill | RouteVersion, row: dict[str, Any]) -> None:
    """Content first, release second: what is released takes no more content."""
    made.state = VersionState.RELEASED
    made.released_at = datetime.fromisoformat(row["released_at"])
    made.save(update_fields=["state", "released_at"])


def _step(
    version: RouteVersion, number: int, row: dict[str, Any], suppliers: dict[str, Supplier]
) -> Step:
    """What the file leaves out is as the model has it."""
    low, high = row["days"]
    said = {name: row[name] for name in OPTIONAL_OF_STEP if name in row}
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
        **said,
    )


def _add_absent_rules(folder: Path, products: dict[str, Product]) -> None:
    for row in _rows(folder / "merge_rules.json"):
        product = products[row["product"]] if row["product"] else None
        MergeRule.objects.get_or_create(attribute=row["attribute"], product=product)
    for row in _rows(folder / "reason_codes.json"):
        ReasonCode.objects.get_or_create(verb=row.pop("verb"), code=row.pop("code"), defaults=row)


def _refuse_change(name: str, stands: object, wanted: object) -> None:
    if stands != wanted:
        raise ConflictError(
            f"{name} is released and differs from its file. Add a new version instead.",
            name=name,
        )
