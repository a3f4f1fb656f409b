"""The ledger's own statements, written out: every verb of every door sends them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

from django.db import connection, models
from psycopg import sql

from lots.domain.balance import Line
from lots.models import Event, LedgerHead, Lot

HEAD = "lots"
_EVENT = Event._meta.concrete_fields
_INSERT_EVENT = (
    sql.SQL("INSERT INTO lots_event ({}) VALUES ({})")
    .format(
        sql.SQL(", ").join([sql.Identifier(str(one.column)) for one in _EVENT]),
        sql.SQL(", ").join([sql.Placeholder()] * len(_EVENT)),
    )
    .as_string(None)
)
_LOT = [one.attname for one in Lot._meta.concrete_fields]
_LOCK_LOT = (
    sql.SQL("SELECT {} FROM lots_lot WHERE id = %s FOR NO KEY UPDATE")
    .format(sql.SQL(", ").join(map(sql.Identifier, _LOT)))
    .as_string(None)
)
_INSERT_LINES = """
    INSERT INTO lots_eventline (event_id, lot_id, unit_of_measure, kind, quantity, expected)
    SELECT * FROM unnest(%s::uuid[], %s::bigint[], %s::text[], %s::text[], %s::int[], %s::int[])
"""


class Head(NamedTuple):
    """The last seq given out and the hash of that event."""

    seq: int
    sha256: str


def earlier_event(op_key: str) -> Event | None:
    """What the key was used for. The second of two simultaneous callers waits for the first."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [op_key])
        cursor.execute("SELECT id FROM lots_event WHERE op_key = %s", [op_key])
        row = cursor.fetchone()
    return Event.objects.select_related("lot").get(pk=row[0]) if row else None


def locked_row(lot_id: int) -> Lot | None:
    """The lot alone, locked as `locked_lots` locks it."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK_LOT, [lot_id])
        row = cursor.fetchone()
    return Lot.from_db(connection.alias, _LOT, row) if row else None


def locked_head() -> Head:
    """The head, which nobody else moves before this transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT seq, sha256 FROM lots_ledgerhead WHERE name = %s FOR UPDATE", [HEAD])
        row = cursor.fetchone()
    if row is None:
        LedgerHead.objects.get_or_create(name=HEAD)
        return locked_head()
    return Head(*row)


def save_lot(lot: Lot, fields: Sequence[str]) -> None:
    """These fields of a lot that is there."""
    columns, statement = _update(tuple(fields))
    with connection.cursor() as cursor:
        cursor.execute(statement, [*_values(lot, columns), lot.pk])


@cache
def _update(names: tuple[str, ...]) -> tuple[list[models.Field[Any, Any]], str]:
    columns = [one for one in Lot._meta.concrete_fields if one.name in names]
    assert len(columns) == len(set(names)), "fields of a lot, by name"
    changes = [sql.SQL("{} = %s").format(sql.Identifier(str(one.column))) for one in columns]
    statement = sql.SQL("UPDATE lots_lot SET {} WHERE id = %s").format(sql.SQL(", ").join(changes))
    return columns, statement.as_string(None)


def insert_event(event: Event, lines: Sequence[Line]) -> None:
    """The event, its lines, and the head moved on to it."""
    with connection.cursor() as cursor:
        cursor.execute(_INSERT_EVENT, _values(event, _EVENT))
        if lines:
            cursor.execute(_INSERT_LINES, _columns(event, lines))
        cursor.execute(
            "UPDATE lots_ledgerhead SET seq = %s, sha256 = %s WHERE name = %s",
            [event.seq, event.sha256, HEAD],
        )


def _columns(event: Event, lines: Sequence[Line]) -> list[list[object]]:
    rows = [
        (event.pk, one.lot_id, str(one.unit_of_measure), str(one.kind), one.quantity, one.expected)
        for one in lines
    ]
    return [list(column) for column in zip(*rows, strict=True)]


def _values(row: models.Model, columns: Sequence[models.Field[Any, Any]]) -> list[Any]:
    return [one.get_db_prep_save(getattr(row, one.attname), connection) for one in columns]
