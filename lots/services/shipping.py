"""A lot leaves for another company or a customer."""

from __future__ import annotations

from uuid import uuid4

from lots.domain.balance import lines_of
from lots.domain.commands import Command, check_text
from lots.domain.words import LotState, Title, Verb
from lots.models import Event, Lot, Supplier
from lots.services.frame import Draft, holding_of, locked_lot, once, plain_values, waits_told
from lots.services.gating import refuse_unfit_for_customer
from lots.services.ordering import refuse_overtaken
from supplychain.base.errors import RefusedError


def ship_lot(
    *, lot: Lot, to: Supplier, customer: str, command: Command, title: Title | None = None
) -> Event:
    """Send the whole lot. It stays with its custodian's name until it arrives.

    title: when it becomes ours, while it is its supplier's; None: as agreed with that supplier.

    RefusedError to where it is already, unless a customer is named who gets it there. GateError
    to a customer, past a closed gate of what comes before shipping.
    """
    check_text("customer", customer, 120)
    wish = {"lot": lot.code, "to": to.code, "customer": customer}
    if title is not None:
        wish["title"] = title
    return once(Verb.SHIP, wish, command, lambda: _ship(lot, to, customer, title, command))


def _ship(lot: Lot, to: Supplier, customer: str, title: Title | None, command: Command) -> Draft:
    lot = locked_lot(lot, Verb.SHIP, command)
    refuse_overtaken(lot, command)
    if to.pk == lot.custodian_id and not (customer or lot.customer):
        raise RefusedError(
            f"Lot {lot.code} is at {to.code} already. Name the customer it goes to, or another "
            "company.",
            lot=lot.code,
            to=to.code,
        )
    event_id, waits = uuid4(), {}
    if customer or to.pk == lot.custodian_id:
        refuse_unfit_for_customer(lot, command, event_id=event_id)
        waits = waits_told([lot])
    before = plain_values(lot, "state", *(["customer"] if customer else []))
    lot.state, lot.customer = LotState.SHIPPED, customer or lot.customer
    return Draft(
        Verb.SHIP,
        lot,
        id=event_id,
        lines=lines_of(holding_of(lot)),
        step_from_id=lot.step_id,
        payload={
            "to": to.code,
            "customer": customer,
            "title": title or _agreed_title(lot),
            "before": before,
            **waits,
        },
        touched=(lot,),
    )


def _agreed_title(lot: Lot) -> str:
    return (lot.product.supplier or lot.custodian).title
