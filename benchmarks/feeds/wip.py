"""Rows a second of a WIP report, read and applied by one worker."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Sequence
from uuid import uuid4

import psycopg
from django.db import connection

from benchmarks.lots.recording import Statement
from benchmarks.lots.telling import tell
from benchmarks.lots.verbs import (
    hot_lot,
    scrap_one,
    statements_of_a_verb,
    tell_lots_apart,
    verb,
)
from intake.domain.words import Door, RowState
from intake.models import FeedRow
from intake.services import drain, receive_file
from lots.models import Lot
from lots.services import load_reference

LOTS = 20
ROUNDS = 3
WARM_UP = 50
VERSIONS = 400
"""So that the version of the lot that is recorded is no other number in its statements."""
HEADER = "event_id,occurred_at,supplier,verb,lot,step,quantity,reason"
AT = "2026-01-01T00:00:00+00:00"


def main(row_count: int, waiting_count: int) -> None:
    """Print rows/s beside both floors, then with many rows waiting beside none."""
    load_reference()
    tell_lots_apart()
    lots = [hot_lot(f"FEED-{number}") for number in range(LOTS)]
    through_the_door(lots, WARM_UP)
    for _ in range(VERSIONS):
        scrap_one(lots[0])
    statements = statements_of_a_verb(lots[0])
    rounds = [
        (
            through_the_door(lots, row_count),
            each(lots, row_count, scrap_one),
            by_bare_psycopg(statements, lots, row_count),
        )
        for _ in range(ROUNDS)
    ]
    door, service, bare = (max(column) for column in zip(*rounds, strict=True))
    tell("WIP rows beside the verbs by service", door, service, "rows/s", "file read and applied")
    tell("WIP rows beside bare psycopg", door, bare, "rows/s", "the verb's statements alone")
    park(waiting_count)
    loaded = max(through_the_door(lots, row_count) for _ in range(ROUNDS))
    what = f"WIP rows while {waiting_count:,} others wait"
    tell(what, loaded, door, "rows/s", "asked: 100 rows/s, ratio near 1")


def through_the_door(lots: Sequence[Lot], count: int) -> float:
    """Received, read and applied: rows a second."""
    rows = [
        f"{uuid4()},{AT},ODM1,scrap,{lots[number % len(lots)].code},,1,broken"
        for number in range(count)
    ]
    before = applied_count()
    begun = time.perf_counter()
    hand_in(rows)
    while drain():
        pass
    seconds = time.perf_counter() - begun
    assert applied_count() - before == count, "rows were not applied"
    return count / seconds


def applied_count() -> int:
    """Rows applied so far."""
    return FeedRow.objects.filter(state=RowState.APPLIED).count()


def park(count: int) -> None:
    """Rows of lots that never come."""
    hand_in([f"{uuid4()},{AT},ODM1,move,NEVER-{number},RCV,," for number in range(count)])
    while drain():
        pass
    assert FeedRow.objects.filter(state=RowState.WAITING).count() == count, "rows did not park"


def hand_in(rows: Sequence[str]) -> None:
    """One report."""
    content = "\n".join([HEADER, *rows, ""]).encode()
    receive_file(stream=io.BytesIO(content), name=f"{uuid4()}.wip.csv", door=Door.COMMAND)


def each(lots: Sequence[Lot], count: int, work: Callable[[Lot], None]) -> float:
    """The same verbs by service: a second."""
    begun = time.perf_counter()
    for number in range(count):
        work(lots[number % len(lots)])
    return count / (time.perf_counter() - begun)


def by_bare_psycopg(statements: Sequence[Statement], lots: Sequence[Lot], count: int) -> float:
    """The verbs' statements alone, on a connection of their own."""
    settings = connection.get_connection_params()
    for name in ("cursor_factory", "context", "prepare_threshold"):
        settings.pop(name, None)
    with psycopg.connect(**settings) as bare, bare.cursor() as cursor:
        begun = time.perf_counter()
        for number in range(count):
            verb(cursor, statements, lots[number % len(lots)].pk)
            bare.commit()
        return count / (time.perf_counter() - begun)
