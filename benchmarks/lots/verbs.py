"""Verbs a second on hot lots, against the same statements sent by bare psycopg."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from uuid import uuid4

import psycopg
from django.db import connection, connections
from django.utils import timezone

from benchmarks.lots.recording import Statement, named, recorded
from benchmarks.lots.telling import tell
from lots.domain.commands import Command, LotOrder, Selection
from lots.domain.words import LotKind, Source, UnitOfMeasure
from lots.models import Event, Lot
from lots.selectors.ledger import head_seq
from lots.services import load_reference, receive_lot, scrap_units

LOTS = 4
PROCESSES = 8
VERBS = 250
WARM_UP = 400
QUANTITY = 999_983
FIRST_ID = 700_001
BOUND = "asked: 0.35 or more"

Work = Callable[[int], float]


def main() -> None:
    """Print verbs/s of both, and the ratio."""
    load_reference()
    tell_lots_apart()
    lots = [hot_lot(f"HOT-{number}") for number in range(LOTS)]
    for _ in range(WARM_UP):
        scrap_one(lots[0])
    statements = statements_of_a_verb(lots[0])
    ids = [lot.pk for lot in lots]
    rounds = [
        (speed(lambda number: by_service(lots, number)), speed(lambda n: bare(statements, ids, n)))
        for _ in range(3)
    ]
    served, floor = (max(column) for column in zip(*rounds, strict=True))
    tell(f"scrap, {PROCESSES} processes on {LOTS} hot lots", served, floor, "verbs/s", BOUND)
    assert head_seq() == Event.objects.count(), "an event is missing"


def tell_lots_apart() -> None:
    """Numbers of lots that no other parameter of a statement is likely to have."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT setval(pg_get_serial_sequence('lots_lot', 'id'), %s)", [FIRST_ID])


def hot_lot(code: str) -> Lot:
    """Switches without serials."""
    order = LotOrder(
        code=code,
        kind=LotKind.PART,
        product_code="NSW-1",
        route_code="D",
        step_code="RCV",
        custodian_code="ODM1",
        unit_of_measure=UnitOfMeasure.SWITCH,
        quantity=QUANTITY,
    )
    return receive_lot(order=order, command=command()).lot


def command() -> Command:
    """A key of its own each time."""
    return Command(
        op_key=f"benchmark:{uuid4()}",
        occurred_at=datetime(2026, 1, 1, tzinfo=UTC),
        source=Source.SYSTEM,
        reason="handling",
    )


def scrap_one(lot: Lot) -> None:
    """The verb that is measured."""
    scrap_units(lot=lot, selection=Selection(quantity=1), command=command())


def statements_of_a_verb(lot: Lot) -> list[Statement]:
    """One scrap, with names for what differs from verb to verb."""
    lot = Lot.objects.get(pk=lot.pk)
    order = command()
    before = lot.events.latest("seq")
    found = recorded(lambda: scrap_units(lot=lot, selection=Selection(quantity=1), command=order))
    after = lot.events.latest("seq")
    known = {
        "lot": lot.pk,
        "version": lot.version + 1,
        "quantity_before": lot.quantity,
        "quantity": lot.quantity - 1,
        "op_key": order.op_key,
        "seq": after.seq,
        "previous": before.sha256,
        "event": after.pk,
        "sha256": after.sha256,
    }
    return named(found, known)


def speed(work: Work) -> float:
    """Verbs a second over all processes, from the first one's start to the last one's end."""
    context = multiprocessing.get_context("fork")
    connections.close_all()
    begun = time.perf_counter()
    running = [context.Process(target=work, args=(number,)) for number in range(PROCESSES)]
    for process in running:
        process.start()
    for process in running:
        process.join()
        assert process.exitcode == 0, "a process failed; see above"
    return PROCESSES * VERBS / (time.perf_counter() - begun)


def by_service(lots: Sequence[Lot], number: int) -> float:
    """One process' share through the service."""
    for turn in range(VERBS):
        scrap_one(lots[(number + turn) % len(lots)])
    return timezone.now().timestamp()


def bare(statements: Sequence[Statement], ids: Sequence[int], number: int) -> float:
    """The same share by bare psycopg."""
    settings = connection.get_connection_params()
    for name in ("cursor_factory", "context", "prepare_threshold"):
        settings.pop(name, None)
    with psycopg.connect(**settings) as bare_connection, bare_connection.cursor() as cursor:
        for turn in range(VERBS):
            verb(cursor, statements, ids[(number + turn) % len(ids)])
            bare_connection.commit()
    return timezone.now().timestamp()


def verb(cursor: psycopg.Cursor[Any], statements: Sequence[Statement], lot_id: int) -> None:
    """One transaction: every statement, with what the ones before have read."""
    values: dict[str, Any] = {"lot": lot_id, "op_key": f"bare:{uuid4()}", "event": uuid4()}
    for statement in statements:
        cursor.execute(statement.sql, statement.filled(values))
        if cursor.description and (row := cursor.fetchone()):
            names = [column.name for column in cursor.description]
            values |= read(dict(zip(names, row, strict=False)), values)


def read(row: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
    """What the row tells about the statements to come."""
    if "step_entered_at" in row:
        before = row["quantity"]
        version = row["version"] + 1
        return {"quantity_before": before, "quantity": before - 1, "version": version}
    if set(row) >= {"seq", "sha256"} and "verb" not in row:
        own = sha256(f"{row['sha256']}{values['op_key']}".encode()).hexdigest()
        return {"seq": row["seq"] + 1, "previous": row["sha256"], "sha256": own}
    return {}
