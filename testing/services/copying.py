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
    with connection.cursor() as cursor, cursor.copy(target) as copy:
        copy.set_types(list(columns.values()))
        for row in rows:
            copy.write_row(row)
