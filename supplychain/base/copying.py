"""Rows into a table, and out of a query, by PostgreSQL's COPY."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping, Sequence
from typing import Any

from django.db import connection, models
from psycopg import Copy, OperationalError, pq, sql


def copy_rows(
    model: type[models.Model], columns: Mapping[str, str], rows: Iterable[Sequence[object]]
) -> None:
    """Write rows whose values are in the order of columns. columns: name → PostgreSQL type."""
    target = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)").format(
        sql.Identifier(model._meta.db_table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with (
        connection.wrap_database_errors,
        connection.cursor() as cursor,
        cursor.copy(target) as copy,
    ):
        copy.set_types(list(columns.values()))
        for row in rows:
            copy.write_row(row)


def reserved_ids(model: type[models.Model], count: int) -> list[int]:
    """Ids for new rows, which no other row will get."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
            [model._meta.db_table, count],
        )
        return [row[0] for row in cursor.fetchall()]


def copied_out(
    statement: str, parameters: Sequence[Any], lines_at_once: int
) -> Generator[tuple[bytearray, int]]:
    """What `COPY (…) TO STDOUT` gives: so many lines with their line ends, and how many they are.

    All but the last have lines_at_once; the last may be empty. Neither we nor the database hold
    them all. Closing the iterator cancels the statement.
    """
    with (
        connection.wrap_database_errors,
        connection.cursor() as cursor,
        cursor.copy(statement, parameters) as copy,
    ):
        held, count = bytearray(), 0
        for line in _lines(copy, cursor.connection.pgconn):
            held += line
            count += 1
            if count == lines_at_once:
                yield held, count
                held, count = bytearray(), 0
        yield held, count


def _lines(copy: Copy, pgconn: pq.abc.PGconn) -> Generator[bytes | bytearray | memoryview]:
    """psycopg waits for one line at a time; what came with it is taken without waiting."""
    while line := copy.read():
        yield line
        size, line = pgconn.get_copy_data(1)
        while size > 0:
            yield line
            size, line = pgconn.get_copy_data(1)
        if size < 0:
            _refuse_broken(pgconn)
            return


def _refuse_broken(pgconn: pq.abc.PGconn) -> None:
    for result in list(iter(pgconn.get_result, None)):
        if result.status != pq.ExecStatus.COMMAND_OK:
            raise OperationalError(result.error_message.decode(errors="replace"))
