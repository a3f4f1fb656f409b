"""Clocks between steps are kept as lots go on, are split, merge and change their route."""

from __future__ import annotations

from pathlib import Path

from django.db import connection

from lots.domain.commands import Command
from lots.domain.queue_history import BEGINNING, clocks_as_run
from lots.domain.queues import Span, spans_begun, spans_done
from lots.domain.words import Verb
from lots.models import Event, QueueClock, QueueLimit, Step
from lots.selectors.queue_history import (
    carried_from_elsewhere,
    happenings_of,
    limits_on_the_way,
    lots_made_from,
    told_late,
)
from lots.selectors.queues import has_no_clocks, open_clocks
from lots.services.frame import follow_events

GOING_ON = frozenset({Verb.MOVE, Verb.TRACK_OUT, Verb.RECEIVE})
MAKING = frozenset({Verb.SPLIT, Verb.MERGE, Verb.BIN, Verb.ASSEMBLE})
_CARRY = (Path(__file__).resolve().parent.parent / "sql" / "lots_carry_clocks.sql").read_text()


def register() -> None:
    """Have every event begin, carry or end the clocks it concerns."""
    follow_events(keep_clocks)


def keep_clocks(event: Event, _: Command) -> None:
    """Clocks follow the order in which things are told, until a step of the lot is told late.

    Such a lot's clocks run anew. A correction needs nothing else: clocks go by what still stands.
    """
    verb = Verb(event.verb)
    if verb is Verb.LATE_MOVE or (verb is Verb.CORRECT and told_late([event.lot_id])):
        _run_anew(event.lot_id)
    elif verb in MAKING:
        with connection.cursor() as cursor:
            cursor.execute(_CARRY, {"event": event.pk})
    elif verb in BEGINNING or _was_done_there(event):
        if not has_no_clocks(event.lot.step):
            _end(event, limit__to_step=event.step_from_id)
    elif verb is Verb.SHIP:
        _end_for_customer(event)
    elif verb in GOING_ON and event.step_from_id and event.step_to_id:
        _go_on(event, event.step_from_id, event.step_to_id)
    elif verb in {Verb.REROUTE, Verb.REWORK_IN}:
        _change_route(event)


def _run_anew(lot_id: int) -> None:
    """Clocks of the lot, and of all that came of it, by what happened in the order of time.

    Whoever keeps clocks holds the ledger's head, so nobody else changes them meanwhile.
    """
    if not limits_on_the_way([lot_id]):
        return
    lot_ids = lots_made_from([lot_id])
    old = list(QueueClock.objects.filter(lot__in=lot_ids).order_by("pk"))
    happenings = happenings_of(lot_ids, old)
    given = carried_from_elsewhere(lot_ids, happenings, old)
    ran = clocks_as_run(happenings, limits_on_the_way(lot_ids), given)
    QueueClock.objects.filter(pk__in=[one.pk for one in old]).delete()
    QueueClock.objects.bulk_create(
        QueueClock(
            lot_id=one.lot_id,
            limit_id=one.limit_id,
            since=one.since,
            started_by_id=one.started_by,
            carried_by_id=one.carried_by,
            ended_by_id=one.ended_by,
        )
        for one in ran
        if one.lot_id in lot_ids
    )


def _was_done_there(event: Event) -> bool:
    """Tracked out at the last step, where the lot stays."""
    return event.verb == Verb.TRACK_OUT and event.step_from_id == event.step_to_id


def _end_for_customer(event: Event) -> None:
    """Nothing begins any more, once the lot is on its way to a customer."""
    to = event.payload["to"]
    _end(event, **({} if event.payload["customer"] else {"lot__custodian__code": to}))


def _end(event: Event, **which: object) -> None:
    rows = open_clocks().filter(lot=event.lot_id, **which).values("id")
    QueueClock.objects.filter(id__in=rows).update(ended_by=event)


def _go_on(event: Event, from_id: int, to_id: int) -> None:
    """From one step to another of the same version: a step left once more begins anew."""
    limits = QueueLimit.objects.filter(route_version=event.lot.route_version_id)
    spans = [
        Span(*row) for row in limits.values_list("id", "from_step__sequence", "to_step__sequence")
    ]
    if not spans:
        return
    steps = Step.objects.filter(id__in=[from_id, to_id])
    places = dict(steps.values_list("id", "sequence"))
    left, reached = places[from_id], places[to_id]
    begun = spans_begun(spans, left, reached)
    done = spans_done(spans, left, reached)
    _end(event, limit__in=[*begun, *done])
    QueueClock.objects.bulk_create(
        QueueClock(lot=event.lot, limit_id=key, since=event.occurred_at, started_by=event)
        for key in begun
        if key not in done
    )


def _change_route(event: Event) -> None:
    """Clocks of the version left end; the other one takes those over whose limit it has too."""
    assert event.step_from is not None, "a lot that changes its route stood at a step"
    left = event.step_from.route_version_id
    rows = open_clocks().filter(lot=event.lot_id, limit__route_version=left)
    clocks = list(rows.select_related("limit__from_step", "limit__to_step"))
    if not clocks:
        return
    QueueClock.objects.filter(id__in=[clock.pk for clock in clocks]).update(ended_by=event)
    if event.verb != Verb.REROUTE:
        return
    limits = QueueLimit.objects.filter(route_version=event.lot.route_version_id)
    there = {
        (one.from_step.code, one.to_step.code): one
        for one in limits.select_related("from_step", "to_step")
    }
    pairs = [
        (clock, there.get((clock.limit.from_step.code, clock.limit.to_step.code)))
        for clock in clocks
    ]
    QueueClock.objects.bulk_create(
        QueueClock(
            lot=event.lot,
            limit=limit,
            since=clock.since,
            started_by_id=clock.started_by_id,
            carried_by=event,
        )
        for clock, limit in pairs
        if limit is not None
    )
