"""Units that pass for a lesser product only."""

from __future__ import annotations

from uuid import uuid4

from lots.domain.commands import Command, Selection, check_code
from lots.domain.errors import QuantityError
from lots.domain.words import LineageKind, Verb
from lots.models import Event, Lot, Product
from lots.services.frame import Draft, born_as, locked_lot, once
from lots.services.lookups import insert_lot, product_by_code, released_bill
from lots.services.removing import listed_reason
from lots.services.selecting import chosen, refuse_coarse
from lots.services.splitting import child_of, part_lines, take_part


def bin_down(
    *, lot: Lot, child_code: str, product_code: str, selection: Selection, command: Command
) -> Event:
    """Part of the lot, or all of it, goes on as a lot of another product of the same kind.

    The units are of that product from now on. ReasonError unless command.reason is an active reason
    code for bin-down; QuantityError for another kind of thing, for the same product, and for more
    than there is; HeldError under any hold.
    """
    check_code(child_code)
    wish = {
        "lot": lot.code,
        "child": child_code,
        "product": product_code,
        **selection.told(),
    }
    return once(
        Verb.BIN,
        wish,
        command,
        lambda: _bin(lot, child_code, product_by_code(product_code), selection, command),
    )


def _bin(
    lot: Lot, child_code: str, product: Product, selection: Selection, command: Command
) -> Draft:
    lot = locked_lot(lot, Verb.BIN, command)
    listed_reason(Verb.BIN, command.reason)
    _refuse_unlike_product(lot, product)
    refuse_coarse(lot, selection)
    part = chosen(lot, selection)
    if not 0 < part.quantity <= lot.quantity:
        raise QuantityError(
            f"Lot {lot.code} has {lot.quantity}; {part.quantity} cannot be binned down.",
            lot=lot.code,
            quantity=lot.quantity,
        )
    event_id = uuid4()
    child = child_of(lot, child_code, part.quantity)
    child.product, child.bill = product, released_bill(product)
    child = insert_lot(child)
    if part.units is not None:
        part.units.filter(kind=product.kind).update(product=product)
    take_part(lot, child, part, LineageKind.BIN, event_id)
    return Draft(
        Verb.BIN,
        lot,
        id=event_id,
        lines=part_lines(lot, child, part, Verb.BIN),
        step_from_id=lot.step_id,
        payload={
            "child": child.code,
            "product_from": lot.product.code,
            "product_to": product.code,
            "bill": born_as(child)["bill"],
            **selection.told(),
            **part.told(),
        },
        touched=(lot,),
    )


def _refuse_unlike_product(lot: Lot, product: Product) -> None:
    if product.pk == lot.product_id:
        raise QuantityError(f"Lot {lot.code} is {product} already. Split it instead.", lot=lot.code)
    if product.kind != lot.product.kind:
        raise QuantityError(
            f"Lot {lot.code} holds {lot.product}, a {lot.product.kind}; {product} is a "
            f"{product.kind}. Bin down to a product of the same kind.",
            lot=lot.code,
            product=product.code,
        )
