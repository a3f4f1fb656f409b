"""What the clocks between steps of lots follow from, read to have them run anew."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from uuid import UUID

from django.db import connection
from django.db.models import F, Q

from lots.domain.queue_history import Happening, Limit, Link, Ran, Stop
from lots.domain.words import LineageKind, LineKind, Verb
from lots.models import Event, EventLine, LotLineage, QueueClock, QueueLimit, Step

_MADE_FROM = (Path(__file__).resolve().parent.parent / "sql" / "lots_made_from.sql").read_text()
LINKING = (Verb.SPLIT, Verb.MERGE, Verb.BIN, Verb.ASSEMBLE)


def lots_made_from(lot_ids: Collection[int]) -> set[int]:
    """These lots and all that came of them, by split, merge, assembly or binning; in one query."""
    with connection.cursor() as cursor:
        cursor.execute(_MADE_FROM, {"lots": list(lot_ids)})
        return {lot_id for (lot_id,) in cursor.fetchall()}


def told_late(lot_ids: Iterable[int]) -> set[int]:
    """Those of the lots of which a step was told late at some time, be it corrected since."""
    rows = Event.objects.filter(lot__in=lot_ids, verb=Verb.LATE_MOVE)
    return set(rows.values_list("lot_id", flat=True))


def limits_on_the_way(lot_ids: Collection[int]) -> dict[int, Limit]:
    """Limits of every version that the lots were on, and of every clock that they have, by id."""
    steps = Event.objects.filter(lot__in=lot_ids, step_to__isnull=False)
    versions = steps.values_list("step_to__route_version", flat=True)
    begun = LotLineage.objects.filter(child__in=lot_ids)
    versions_begun = begun.values_list("event__step_from__route_version", flat=True)
    rows = QueueLimit.objects.filter(
        Q(route_version__in=versions)
        | Q(route_version__in=versions_begun)
        | Q(pk__in=QueueClock.objects.filter(lot__in=lot_ids).values("limit"))
    )
    return {
        row.pk: Limit(row.pk, _stop(row.from_step), _stop(row.to_step))
        for row in rows.select_related("from_step", "to_step").order_by("pk")
    }


def happenings_of(lot_ids: Collection[int], old: Sequence[QueueClock]) -> list[Happening]:
    """What stands of the lots' own events and of those that made them. old: their clocks so far."""
    links = _links(lot_ids)
    events = (
        Event.objects.filter(Q(lot__in=lot_ids) | Q(pk__in=links))
        .exclude(verb=Verb.CORRECT)
        .exclude(corrections__verb=Verb.CORRECT)
        .select_related("step_from", "step_to")
        .annotate(
            return_code=F("payload__return_step"),
            customer=F("payload__customer"),
        )
        .defer("payload")
    )
    told = list(events)
    returns = _returns(told)
    ended = {one.ended_by_id for one in old}
    return [
        Happening(
            id=event.pk,
            seq=event.seq,
            at=event.occurred_at,
            verb=Verb(event.verb),
            lot_id=event.lot_id,
            step_from=_stop(event.step_from) if event.step_from else None,
            step_to=_stop(event.step_to) if event.step_to else None,
            comes_back_at=returns.get(event.pk),
            is_for_customer=event.verb == Verb.SHIP and bool(event.customer or event.pk in ended),
            links=links.get(event.pk, ()),
        )
        for event in told
    ]


def _links(lot_ids: Collection[int]) -> Mapping[UUID, tuple[Link, ...]]:
    rows = LotLineage.objects.filter(
        Q(parent__in=lot_ids) | Q(child__in=lot_ids), event__verb__in=LINKING
    ).order_by("pk")
    told = list(rows.values_list("event_id", "parent_id", "child_id", "kind"))
    good = EventLine.objects.filter(
        event__in={event for event, *_ in told}, kind=LineKind.GOOD, quantity__gt=0
    )
    rests = set(good.values_list("event_id", "lot_id"))
    found: dict[UUID, tuple[Link, ...]] = defaultdict(tuple)
    for event, parent, child, kind in told:
        found[event] += (Link(parent, child, LineageKind(kind), (event, parent) in rests),)
    return found


def _returns(events: Iterable[Event]) -> dict[UUID, Stop]:
    """Event that sent a lot to rework → the step of its own route where it was to come back."""
    sent = {
        event.pk: (event.step_from.route_version_id, event.return_code)  # type: ignore[attr-defined]
        for event in events
        if event.verb == Verb.REWORK_OUT and event.step_from
    }
    steps = Step.objects.filter(route_version__in={version for version, _ in sent.values()})
    stops = {(step.route_version_id, step.code): _stop(step) for step in steps}
    return {key: stops[place] for key, place in sent.items()}


def carried_from_elsewhere(
    lot_ids: Collection[int], happenings: Sequence[Happening], old: Sequence[QueueClock]
) -> list[Ran]:
    """Of the clocks so far, those that a link brought from a lot that is not among these."""
    rows = [_ran(one) for one in old]
    found = []
    for event in happenings:
        outside = {link.child_id for link in event.links if link.parent_id not in lot_ids}
        inside = {link.parent_id for link in event.links if link.parent_id in lot_ids}
        known = {(one.limit_id, one.started_by) for one in rows if one.lot_id in inside}
        found += [
            one
            for one in rows
            if one.carried_by == event.id
            and one.lot_id in outside
            and (one.limit_id, one.started_by) not in known
        ]
    return found


def _ran(clock: QueueClock) -> Ran:
    """As it began, whatever ended it."""
    return Ran(clock.lot_id, clock.limit_id, clock.since, clock.started_by_id, clock.carried_by_id)


def _stop(step: Step) -> Stop:
    return Stop(step.pk, step.route_version_id, step.sequence, step.code)
