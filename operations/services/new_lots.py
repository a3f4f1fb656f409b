"""A lot received on a page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import connection, transaction

from lots.domain.commands import Command, LotOrder
from lots.domain.words import LotKind, LotPurpose, UnitOfMeasure
from lots.models import Event
from lots.services import receive_lot
from operations.domain.changes import Change, changes
from operations.services.lot_facts import facts_of


def receive_new(*, answers: Mapping[str, Any], command: Command) -> Event:
    """The lot that the answers describe."""
    step = answers["step"]
    order = LotOrder(
        code=answers["code"],
        kind=LotKind(answers["kind"]),
        product_code=answers["product"].code,
        route_code=step.route_version.route.code,
        step_code=step.code,
        custodian_code=answers["custodian"].code,
        unit_of_measure=UnitOfMeasure(answers["unit_of_measure"]),
        quantity=answers["quantity"],
        purpose=LotPurpose(answers["purpose"]),
        wafers=answers["wafers"],
        serials=answers["serials"],
        due_on=answers["due_on"],
        is_hot=answers["is_hot"],
        customer=answers["customer"],
    )
    return receive_lot(order=order, command=command)


def try_receiving(*, answers: Mapping[str, Any], command: Command) -> list[Change]:
    """The facts of the lot it would be. Nothing is kept; refusals come as they would."""
    with transaction.atomic():
        event = receive_new(answers=answers, command=command)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        facts = facts_of([event.lot])
        transaction.set_rollback(True)
    return changes({}, facts)
