"""A deployed fleet, filled in by COPY: lots with their ledger, units, edges, racks and tests.

A group is four wafer lots of 25 wafers with 64 dies, every die good: 3,200 chips, mixed over
UltraServers of 64 chips, each in a rack, or (one group in four) of 144, each over two racks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.db import connection
from psycopg import sql

from benchmarks.lots import fleet_lots, fleet_tests, fleet_units
from benchmarks.lots.fleet_rows import COLUMNS, Catalogue, Group, Rows, read_catalogue
from lots.models import LedgerHead
from racks.services import store_contents

NEXT_ID = "SELECT setval(pg_get_serial_sequence({0}, 'id'), (SELECT max(id) FROM {1}))"
ANALYZE = "VACUUM (ANALYZE)"


@dataclass(slots=True)
class Fleet:
    """What stands so far. chips: in racks."""

    groups: list[Group] = field(default_factory=list)

    @property
    def chips(self) -> int:
        return sum(group.deployed for group in self.groups)

    def grow(self, chips: int) -> None:
        """Whole groups until so many chips are in racks; checked and analysed at the end.

        Guards, foreign keys and secondary indexes of these tables are away meanwhile, which only
        the owner of a throw-away database may do: `verify_ledger` proves the ledger afterwards.
        """
        catalogue = read_catalogue()
        with without_guards():
            while self.chips < chips:
                group = Group(len(self.groups))
                copy(rows_of(group, catalogue))
                self.groups.append(group)
        with connection.cursor() as cursor:
            for table in sorted(COLUMNS.keys() - {"lots_event"}):
                cursor.execute(sql.SQL(NEXT_ID).format(sql.Literal(table), sql.Identifier(table)))
            cursor.execute("INSERT INTO racks_rackowed (rack_id) SELECT id FROM racks_rack")
            cursor.execute(ANALYZE)
        while store_contents():
            pass


def rows_of(group: Group, catalogue: Catalogue) -> Rows:
    """Everything of one group; the ledger's head goes on."""
    rows: Rows = {table: [] for table in COLUMNS}
    head = LedgerHead.objects.get()
    times = fleet_lots.add(rows, group, catalogue, head)
    fleet_units.add(rows, group, catalogue, times)
    fleet_tests.add(rows, group, catalogue)
    head.save()
    return rows


def copy(rows: Rows) -> None:
    """One COPY a table."""
    with connection.cursor() as cursor:
        for table, lines in rows.items():
            with cursor.copy(f"COPY {table} ({COLUMNS[table]}) FROM STDIN") as stream:
                stream.write("".join(lines))


@contextmanager
def without_guards() -> Iterator[None]:
    """Triggers off, keys and indexes but the primary ones dropped; made again, checked, after."""
    tables = sorted(COLUMNS)
    with connection.cursor() as cursor:
        keys = _found(cursor, KEYS, tables)
        indexes = _found(cursor, INDEXES, tables)
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        for table, name, _ in keys:
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        for _, name, _ in indexes:
            cursor.execute(f"DROP INDEX {name}")
        yield
        cursor.execute("SET maintenance_work_mem = '1GB'")
        for _, _, definition in indexes:
            cursor.execute(definition)
        for table, name, definition in keys:
            cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


KEYS = """
    SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)
    FROM pg_constraint AS key
    WHERE conrelid = ANY(%s::regclass[])
        AND (contype = 'f' OR contype = 'u' AND NOT EXISTS (
            SELECT FROM pg_constraint AS pointing
            WHERE pointing.contype = 'f' AND pointing.conindid = key.conindid
        ))
    ORDER BY contype
"""
INDEXES = """
    SELECT indrelid::regclass::text, indexrelid::regclass::text, pg_get_indexdef(indexrelid)
    FROM pg_index
    WHERE indrelid = ANY(%s::regclass[])
        AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
"""


def _found(cursor: object, statement: str, tables: Sequence[str]) -> list[tuple[str, str, str]]:
    cursor.execute(statement, [tables])  # type: ignore[attr-defined]
    return cursor.fetchall()  # type: ignore[attr-defined, no-any-return]
