"""Rows into a table by PostgreSQL's binary COPY."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from django.db import connection, models
from psycopg import sql


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
