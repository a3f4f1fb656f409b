"""Rows that many tests begin with: made once in each process, then filled in as they were made.

Rows are filled in by COPY with triggers silent, because all that triggers did or would check stands
in the rows already. That takes the right to set `session_replication_role`, which `./run test`
gives on its own server; elsewhere everything is made anew each time, and flushed as Django does.

Numbers stay free: sequences go back neither with a rolled back test nor with a flush, so what is
inserted later has a number above all that were ever filled in.
"""

from __future__ import annotations

import copy
import shutil
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar, cast

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import OperationalError, connection, transaction
from django.db.backends.utils import CursorWrapper

ROOMS = ["lots", "testing", "quality", "racks", "finance", "operations"]
OF_OPERATIONS = (
    "auth_group",
    "auth_group_permissions",
    "django_celery_beat_intervalschedule",
    "django_celery_beat_periodictask",
    "django_celery_beat_periodictasks",
)
"""Tables that the reference rows of operations are in; they ask no others, but for rights."""
LOOSE = ["auth_user"]
"""Rows of others do no harm here: their names differ, and nothing kept knows them."""

FLUSH_TRIES = 10
"""A page that still loads as its test ends may hold a table that the flush wants, and want another
that it holds: a deadlock, which ends one of the two."""

MAY_SILENCE = """
    SELECT current_setting('server_version_num')::int >= 150000
        AND has_parameter_privilege('session_replication_role', 'SET')
"""
COLUMNS = """
    SELECT class.relname, string_agg(quote_ident(attname), ', ' ORDER BY attnum),
        bool_or(attname = 'id' AND atttypid IN ('integer'::regtype, 'bigint'::regtype))
    FROM pg_class AS class JOIN pg_attribute ON attrelid = class.oid
    WHERE class.relnamespace = 'public'::regnamespace AND class.relkind = 'r'
        AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
        AND class.relname <> 'django_migrations'
    GROUP BY class.relname
    ORDER BY class.relname
"""

T = TypeVar("T")
Rows = dict[str, list[bytes]]
"""Table → its rows as COPY writes them, in the order in which they lie."""
State = tuple[Any, ...]
"""Count and highest number of each table; numbers are given once, so no other rows have these."""


@dataclass(frozen=True, slots=True)
class Difference:
    """added: tables that only got rows. whole: tables in which rows changed or went."""

    added: Rows
    whole: Rows


@dataclass(frozen=True, slots=True)
class Kept:
    difference: Difference
    files: Path | None
    value: object


@dataclass(slots=True)
class Base:
    """The database as migrated. columns: of every table, those that are not reckoned.

    tight: what tells the state of each table, but for loose ones. state: before the first test.
    filled: asks for the tables that hold rows.
    """

    columns: dict[str, str] = field(default_factory=dict)
    rows: Rows = field(default_factory=dict)
    tight: dict[str, str] = field(default_factory=dict)
    state: State = ()
    filled: str = ""


BASE = Base()
KNOWN: set[State] = set()
KEPT: dict[tuple[str, State], Kept] = {}


def remember_base() -> None:
    """Before the first test of a process."""
    with connection.cursor() as cursor:
        cursor.execute(MAY_SILENCE)
        if not cursor.fetchone()[0]:
            return
        cursor.execute(COLUMNS)
        found = cursor.fetchall()
    BASE.columns = {table: columns for table, columns, _ in found}
    BASE.rows = read_rows()
    BASE.tight = {
        table: f"(SELECT ROW(count(*), {'max(id)' if has_id else '0'})::text FROM {table})"  # noqa: S608
        for table, _, has_id in found
        if table not in LOOSE
    }
    BASE.filled = " UNION ALL ".join(
        f"SELECT '{table}' WHERE EXISTS (SELECT FROM {table})"  # noqa: S608
        for table in BASE.columns
    )
    BASE.state = _state()
    KNOWN.add(BASE.state)


def kept(
    name: str, make: Callable[[], T], files: Path | None = None, own: tuple[str, ...] = ()
) -> T:
    """What make gives, the rows that it writes, and the files below this folder.

    name: tells it apart from all others. Only the database as migrated, or what was kept before,
    is filled in; on other rows, make is called. own: where given, make has to do with these tables
    alone, and only they must be as migrated.
    """
    if not BASE.columns or (state := _state(own)) not in KNOWN | {_base_state(own)}:
        return make()
    if (name, state) not in KEPT:
        before = read_rows()
        value = make()
        difference = _difference(before, read_rows())
        KEPT[name, state] = Kept(difference, _put_aside(files), copy.deepcopy(value))
        if not own:
            KNOWN.add(_state())
        assert not own or {*difference.added, *difference.whole} <= set(own)
        return value
    found = KEPT[name, state]
    fill(found.difference)
    if files and found.files:
        shutil.copytree(found.files, files, dirs_exist_ok=True)
    return cast(T, copy.deepcopy(found.value))


def load_kept(*rooms: str) -> None:
    """Reference rows of these rooms, in this order, as their services load them."""

    def load() -> None:
        for room in rooms:
            import_module(f"{room}.services").load_reference()

    own = OF_OPERATIONS if rooms == ("operations",) else ()
    kept(f"reference of {' '.join(rooms)}", load, own=own)


def read_rows() -> Rows:
    """Of every table, as they are once what was put off is checked."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        return {table: _read(cursor, table) for table in BASE.columns}


def fill(rows: Difference) -> None:
    with transaction.atomic(), connection.cursor() as cursor, silent_triggers(cursor):
        for table, lines in rows.whole.items():
            cursor.execute(f"DELETE FROM {table}")  # noqa: S608
            _write(cursor, table, lines)
        for table, lines in rows.added.items():
            _write(cursor, table, lines)


def flush() -> bool:
    """Leave the database as migrated; False where we may not."""
    if not BASE.columns:
        return False
    for tries_left in reversed(range(FLUSH_TRIES)):
        try:
            _empty()
            break
        except OperationalError:
            if not tries_left:
                raise
    ContentType.objects.clear_cache()
    return True


def _empty() -> None:
    with transaction.atomic(), connection.cursor() as cursor, silent_triggers(cursor):
        cursor.execute(f"LOCK TABLE {', '.join(BASE.columns)}")  # waits for whoever still writes
        cursor.execute(BASE.filled)
        for table in [row[0] for row in cursor.fetchall()]:
            cursor.execute(f"DELETE FROM {table}")  # noqa: S608
            _write(cursor, table, BASE.rows[table])


@contextmanager
def silent_triggers(cursor: CursorWrapper) -> Iterator[None]:
    cursor.execute("SET LOCAL session_replication_role = replica")
    yield
    cursor.execute("SET LOCAL session_replication_role = origin")


def _state(own: tuple[str, ...] = ()) -> State:
    with connection.cursor() as cursor:
        if BASE.state and connection.in_atomic_block:
            # What tests commit is flushed, so before its first write a test finds the base.
            cursor.execute("SELECT pg_current_xact_id_if_assigned() IS NULL")
            if cursor.fetchone()[0]:
                return _base_state(own)
        asked = [ask for table, ask in BASE.tight.items() if not own or table in own]
        cursor.execute(f"SELECT {', '.join(asked)}")
        return tuple(cursor.fetchone())


def _base_state(own: tuple[str, ...]) -> State:
    if not own:
        return BASE.state
    return tuple(told for table, told in zip(BASE.tight, BASE.state, strict=True) if table in own)


def _put_aside(files: Path | None) -> Path | None:
    """A copy that lasts as long as the process's own folder."""
    if files is None:
        return None
    aside: Path = Path(settings.VAR) / "kept" / uuid.uuid4().hex
    shutil.copytree(files, aside)
    return aside


def _difference(before: Rows, after: Rows) -> Difference:
    added, whole = {}, {}
    for table, lines in after.items():
        gone = Counter(before[table]) - Counter(lines)
        if gone:
            whole[table] = lines
        elif len(lines) > len(before[table]):
            known = set(before[table])
            added[table] = [line for line in lines if line not in known]
    return Difference(added, whole)


def _read(cursor: CursorWrapper, table: str) -> list[bytes]:
    with cursor.copy(f"COPY {table} ({BASE.columns[table]}) TO STDOUT") as source:
        return b"".join(source).splitlines(keepends=True)


def _write(cursor: CursorWrapper, table: str, lines: list[bytes]) -> None:
    if lines:
        with cursor.copy(f"COPY {table} ({BASE.columns[table]}) FROM STDIN") as target:
            target.write(b"".join(lines))
