"""Parts without serials that an assembly takes: from which lots, and how many."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from uuid import UUID

from django.db.models import Exists, OuterRef

from lots.domain.commands import AssemblyOrder, Material
from lots.domain.errors import PartError
from lots.domain.rules import refuse_unless_materials_as_billed
from lots.models import Bill, Lot, MaterialUse, Unit
from lots.services.lookups import NAMED_AT_MOST
from supplychain.base.errors import MissingError


def material_lots(materials: Sequence[Material]) -> dict[str, int]:
    """Lot code → id, not locked yet. MissingError naming lots that are not known."""
    return lots_by_code({material.lot_code for material in materials})


def lots_by_code(codes: Collection[str]) -> dict[str, int]:
    """Lot code → id. MissingError naming lots that are not known."""
    found = dict(Lot.objects.filter(code__in=codes).values_list("code", "id")) if codes else {}
    unknown = sorted(set(codes) - found.keys())
    if unknown:
        named = ", ".join(unknown[:NAMED_AT_MOST])
        raise MissingError(f"There is no lot {named}. Check the code.", lots=unknown)
    return found


def refuse_unfit_materials(order: AssemblyOrder, bill: Bill, lots: Mapping[str, Lot]) -> None:
    """BillError for another count than billed; PartError for a lot whose units have serials.

    lots: code → locked lot, of those that the order's materials name.
    """
    if not order.materials:
        return
    given: dict[str, int] = {}
    for material in order.materials:
        code = lots[material.lot_code].product.code
        given[code] = given.get(code, 0) + material.quantity
    lines = bill.lines.filter(is_serialised=False)
    needed = dict(lines.values_list("component__code", "quantity"))
    refuse_unless_materials_as_billed(order.product_code, len(order.builds), needed, given)
    refuse_named_units(lots.values())


def refuse_named_units(lots: Iterable[Lot]) -> None:
    """PartError for the first lot whose units have serials: those are named one by one."""
    units = Unit.objects.filter(lot=OuterRef("pk")).order_by()
    ids = [lot.pk for lot in lots]
    named = Lot.objects.filter(Exists(units), id__in=ids).order_by("id").first()
    if named is not None:
        raise PartError(
            f"The units of lot {named.code} have serials. Name those that were built in.",
            lot=named.code,
        )


def write_uses(materials: Iterable[Material], lots: Mapping[str, Lot], event_id: UUID) -> None:
    """What the event takes, for whoever asks later where a lot of material went."""
    MaterialUse.objects.bulk_create(
        MaterialUse(event_id=event_id, lot=lots[one.lot_code], quantity=one.quantity)
        for one in materials
    )
