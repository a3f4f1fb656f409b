"""Clocks between steps, run from what happened to lots."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from lots.domain.queue_history import Happening, Limit, Link, Ran, Stop, clocks_as_run
from lots.domain.words import LineageKind, Verb

T0 = datetime(2025, 3, 1, 8, tzinfo=UTC)
A, B, C, D = (Stop(key, 1, 10 * key, code) for key, code in enumerate("ABCD", 1))
OTHER = [Stop(10 + key, 2, 10 * key, code) for key, code in enumerate("ABCD", 1)]
STRIP = Stop(30, 3, 10, "STRIP")
LIMITS = {7: Limit(7, A, C), 8: Limit(8, OTHER[0], OTHER[2])}
LOT, PART = 1, 2


def event(number: int, verb: Verb, first: Stop | None, last: Stop | None, **rest: Any) -> Happening:
    """It happened so many hours after T0, and was told in the same order unless seq says so."""
    rest = {"seq": number, "lot_id": LOT, **rest}
    at = T0 + timedelta(hours=number)
    return Happening(id=UUID(int=number), at=at, verb=verb, step_from=first, step_to=last, **rest)


def link(kind: LineageKind, parent: int = LOT, child: int = PART, *, rest: bool = True) -> Link:
    return Link(parent, child, kind, rest)


BORN = event(0, Verb.RECEIVE, None, A)
LEFT = event(1, Verb.MOVE, A, B)


def run(*events: Happening, given: tuple[Ran, ...] = ()) -> list[tuple[int | None, ...]]:
    """Lot, limit and numbers of the events that began, brought and ended each clock."""
    return [
        (one.lot_id, one.limit_id, *map(number, (one.started_by, one.carried_by, one.ended_by)))
        for one in clocks_as_run(events, LIMITS, given)
    ]


def number(key: UUID | None) -> int | None:
    return key.int if key else None


def test_a_clock_begins_where_the_first_step_was_left_in_the_order_of_time() -> None:
    gone = event(5, Verb.MOVE, A, C, seq=1)
    late = event(1, Verb.LATE_MOVE, A, B, seq=2)
    assert run(gone, late, BORN) == run(BORN, LEFT, event(5, Verb.MOVE, B, C))
    assert run(gone, late, BORN) == [(LOT, 7, 1, None, None)]


def test_work_begun_ends_it() -> None:
    there = event(2, Verb.MOVE, B, C)
    for verb in (Verb.TRACK_IN, Verb.DICE):
        assert run(BORN, LEFT, there, event(3, verb, C, None)) == [(LOT, 7, 1, None, 3)]
    assert run(BORN, LEFT, there, event(3, Verb.TRACK_OUT, C, C)) == [(LOT, 7, 1, None, 3)]
    assert run(BORN, LEFT, there, event(3, Verb.MOVE, C, D)) == [(LOT, 7, 1, None, 3)]


def test_to_leave_once_more_begins_anew() -> None:
    back, again = event(2, Verb.MOVE, B, A), event(3, Verb.MOVE, A, B)
    assert run(BORN, LEFT, back, again) == [(LOT, 7, 1, None, 3), (LOT, 7, 3, None, None)]


def test_what_goes_to_a_customer_waits_no_more() -> None:
    sent = event(2, Verb.SHIP, B, None)
    gone = event(2, Verb.SHIP, B, None, is_for_customer=True)
    assert run(BORN, LEFT, sent) == [(LOT, 7, 1, None, None)]
    assert run(BORN, LEFT, gone) == [(LOT, 7, 1, None, 2)]


def test_another_version_takes_over_the_limit_that_it_has_too() -> None:
    changed = event(2, Verb.REROUTE, B, OTHER[1])
    assert run(BORN, LEFT, changed) == [(LOT, 7, 1, None, 2), (LOT, 8, 1, 2, None)]
    assert run(BORN, LEFT, event(2, Verb.REROUTE, B, STRIP)) == [(LOT, 7, 1, None, 2)]


def test_rework_leaves_the_clock_of_the_own_route_alone() -> None:
    out = event(2, Verb.REWORK_OUT, B, STRIP, comes_back_at=B)
    split = event(3, Verb.SPLIT, STRIP, None, links=(link(LineageKind.SPLIT),))
    back = event(4, Verb.REWORK_IN, STRIP, B)
    assert run(BORN, LEFT, out, split, back) == [(LOT, 7, 1, None, None), (PART, 7, 1, 3, None)]


def test_a_step_of_another_version_told_late_begins_nothing() -> None:
    late = event(1, Verb.LATE_MOVE, A, OTHER[1], seq=9)
    assert run(BORN, late) == []


def test_what_is_split_off_takes_the_clock_along_once() -> None:
    split = event(3, Verb.SPLIT, B, None, links=(link(LineageKind.SPLIT),))
    own = event(2, Verb.LATE_MOVE, A, B, seq=5, lot_id=PART)
    assert run(BORN, LEFT, split) == [(LOT, 7, 1, None, None), (PART, 7, 1, 3, None)]
    together = Happening(UUID(int=1), 1, own.at, Verb.MOVE, LOT, A, B)
    assert [lot for lot, *_ in run(BORN, together, own, split)] == [LOT, PART]


def test_what_merges_ends_and_the_other_goes_on_with_its_clock() -> None:
    other = event(2, Verb.RECEIVE, None, B, lot_id=PART)
    merged = event(3, Verb.MERGE, B, None, lot_id=PART, links=(link(LineageKind.MERGE),))
    assert run(BORN, LEFT, other, merged) == [(LOT, 7, 1, None, 3), (PART, 7, 1, 3, None)]


def test_lots_of_another_version_take_over_nothing() -> None:
    other = event(2, Verb.RECEIVE, None, OTHER[1], lot_id=PART)
    merged = event(3, Verb.MERGE, OTHER[1], None, lot_id=PART, links=(link(LineageKind.MERGE),))
    assert run(BORN, LEFT, other, merged) == [(LOT, 7, 1, None, 3)]


def built(at: Stop, *, rest: bool) -> Happening:
    made = (link(LineageKind.ASSEMBLE, rest=rest),)
    return event(3, Verb.ASSEMBLE, None, at, lot_id=PART, links=made)


def test_parts_built_in_wait_on_for_what_is_still_to_come() -> None:
    assert run(BORN, LEFT, built(C, rest=True)) == [(LOT, 7, 1, None, None), (PART, 7, 1, 3, None)]


def test_parts_built_in_beyond_the_last_step_wait_no_more_and_the_rest_does() -> None:
    assert run(BORN, LEFT, built(D, rest=False)) == [(LOT, 7, 1, None, 3)]
    assert run(BORN, LEFT, built(D, rest=True)) == [(LOT, 7, 1, None, 3), (LOT, 7, 1, 3, None)]


def test_what_came_from_elsewhere_has_the_clock_given() -> None:
    given = Ran(PART, 7, T0, UUID(int=90), UUID(int=3))
    split = event(3, Verb.SPLIT, B, None, lot_id=99, links=(link(LineageKind.SPLIT, 99),))
    begun = event(5, Verb.TRACK_IN, C, None, lot_id=PART)
    moved = event(4, Verb.MOVE, B, C, lot_id=PART)
    assert run(split, moved, begun, given=(given,)) == [(PART, 7, 90, 3, 5)]


def test_what_has_no_place_has_no_clock() -> None:
    unknown = event(3, Verb.MERGE, None, None, lot_id=PART, links=(link(LineageKind.MERGE),))
    elsewhere = event(3, Verb.MERGE, B, None, lot_id=PART, links=(link(LineageKind.MERGE, 99),))
    assert run(unknown) == run(elsewhere) == []
