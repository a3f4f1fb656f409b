"""What a verb would do: it is carried out, looked at, and taken back."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.db import connection, transaction

from lots.domain.moments import SEQ_MAX
from lots.models import Event, Hold, Lot
from lots.selectors.ledger import head_seq, ledger_events


@dataclass(frozen=True, slots=True)
class LotView:
    """A lot as a preview shows it. holds: reasons of those open."""

    code: str
    product: str
    route: str
    step: str
    state: str
    quantity: int
    unit_of_measure: str
    custodian: str
    customer: str
    is_tracked_in: bool
    version: int
    holds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """The event a verb would write, those that it would set off, and its lots on both sides.

    before lacks lots that would be new. Nothing of it was kept; seq may be another in the end.
    """

    event: Event
    set_off: tuple[Event, ...]
    before: tuple[LotView, ...]
    after: tuple[LotView, ...]


def preview(work: Callable[[], Event]) -> Preview:
    """Do the work, with every check the database makes, and undo it. Refusals come as they would.

    work: one call of a service; a key used before shows the first answer, and no change.
    """
    with transaction.atomic():
        head, savepoint = head_seq(), transaction.savepoint()
        try:
            event = work()
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            written = _written(event, head)
            ids = {event.lot_id, *(line.lot_id for one in written for line in one.lines.all())}
            after = _views(ids)
        finally:
            transaction.savepoint_rollback(savepoint)
        return Preview(written[0], tuple(written[1:]), _views(ids), after)


def _written(event: Event, head: int) -> list[Event]:
    """The event and those it set off: whoever writes one keeps others from the ledger's head."""
    last = event.seq if event.seq <= head else SEQ_MAX
    return list(ledger_events().filter(seq__range=(event.seq, last)).order_by("seq"))


def _views(ids: Iterable[int]) -> tuple[LotView, ...]:
    lots = Lot.objects.select_related("product", "route_version__route", "step", "custodian")
    holds: dict[int, list[str]] = {}
    wanted = list(ids)
    for lot_id, reason in (
        Hold.objects.filter(lot__in=wanted, released_at__isnull=True)
        .order_by("id")
        .values_list("lot_id", "reason")
    ):
        holds.setdefault(lot_id, []).append(reason)
    return tuple(
        LotView(
            code=lot.code,
            product=lot.product.code,
            route=str(lot.route_version),
            step=lot.step.code,
            state=lot.state,
            quantity=lot.quantity,
            unit_of_measure=lot.unit_of_measure,
            custodian=lot.custodian.code,
            customer=lot.customer,
            is_tracked_in=lot.tracked_in_at is not None,
            version=lot.version,
            holds=tuple(holds.get(lot.pk, [])),
        )
        for lot in lots.filter(id__in=wanted).order_by("id")
    )
