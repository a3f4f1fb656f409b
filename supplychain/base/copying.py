"""Rows into a table, and out of a query, by PostgreSQL's COPY."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping, Sequence
from typing import Any

from django.db import connection, models
from psycopg import OperationalError, pq, sql

LINES_AT_ONCE = 1000


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


def copied_out(statement: str, parameters: Sequence[Any]) -> Generator[list[bytes]]:
    """The lines of `COPY (…) TO STDOUT`, with their line ends, in lists of about LINES_AT_ONCE.

    Neither we nor the database hold them all. Closing the iterator cancels the statement.
    """
    with (
        connection.wrap_database_errors,
        connection.cursor() as cursor,
        cursor.copy(statement, parameters) as copy,
    ):
        pgconn = cursor.connection.pgconn
        lines: list[bytes] = []
        is_going = True
        # psycopg waits for one line at a time; what came with it is taken without waiting.
        while is_going and (line := copy.read()):
            lines.append(bytes(line))
            is_going = _take(pgconn, lines)
            if len(lines) >= LINES_AT_ONCE:
                yield lines
                lines = []
        yield lines


def _take(pgconn: pq.abc.PGconn, lines: list[bytes]) -> bool:
    """Add the lines that have arrived. Whether more may come."""
    size, line = pgconn.get_copy_data(1)
    while size > 0:
        lines.append(bytes(line))
        size, line = pgconn.get_copy_data(1)
    if size == 0:
        return True
    for result in list(iter(pgconn.get_result, None)):
        if result.status != pq.ExecStatus.COMMAND_OK:
            raise OperationalError(result.error_message.decode(errors="replace"))
    return False
