"""What brought a lot from one place to another, by the ledger."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from django.db.models import F, Q, QuerySet

from lots.domain.words import Verb
from lots.models import Event, EventLine, Lot, Step
from lots.selectors.rules import split_ancestors, split_ancestors_of

PLACED = (
    Verb.MOVE, Verb.SHIP, Verb.TRACK_OUT, Verb.REWORK_OUT, Verb.REWORK_IN, Verb.REROUTE,
    Verb.LATE_MOVE,
)  # fmt: skip
"""Verbs that say where a lot is; so does RECEIVE when it says where from."""


def placing_events(lot: Lot) -> QuerySet[Event]:
    """What brought the lot from one place to another, and still stands."""
    arrivals = Q(verb=Verb.RECEIVE, step_from__isnull=False)
    return _standing(lot).filter(Q(verb__in=PLACED) | arrivals)


def placings_of(lot_ids: Iterable[int]) -> QuerySet[Event]:
    """What brought each of these lots to a step, with its steps, in the order of time."""
    arrivals = Q(verb=Verb.RECEIVE, step_from__isnull=False)
    return (
        Event.objects.filter(Q(verb__in=PLACED) | arrivals, lot__in=lot_ids, step_to__isnull=False)
        .exclude(corrections__verb=Verb.CORRECT)
        .select_related(
            "lot__step__route_version", "step_from__route_version", "step_to__route_version"
        )
        .order_by("lot", "occurred_at", "seq")
    )


def works_done(
    lot_ids: Sequence[int], step_ids: Iterable[int]
) -> dict[tuple[int, int], list[tuple[datetime, int]]]:
    """(lot, step) → instant and seq of each event as of `work_done`; two queries for all lots."""
    above = split_ancestors_of(lot_ids)
    stayed = Q(verb=Verb.TRACK_OUT, step_to=F("step_from")) | Q(verb=Verb.DICE)
    events = Event.objects.filter(
        stayed, lot__in={one for family in above.values() for one in family}, step_from__in=step_ids
    ).exclude(corrections__verb=Verb.CORRECT)
    told: dict[int, list[Event]] = defaultdict(list)
    for event in events.only("lot_id", "step_from_id", "occurred_at", "seq"):
        told[event.lot_id].append(event)
    found: dict[tuple[int, int], list[tuple[datetime, int]]] = defaultdict(list)
    for lot_id, family in above.items():
        for event in (work for one in family for work in told[one]):
            assert event.step_from_id is not None, "work is done at a step"
            found[lot_id, event.step_from_id].append((event.occurred_at, event.seq))
    return found


def events_after(lot: Lot, at: datetime, verbs: Collection[Verb]) -> QuerySet[Event]:
    """Events of the lot by these verbs that happened later, and still stand."""
    return _standing(lot).filter(verb__in=verbs, occurred_at__gt=at)


def was_worked_on(lot: Lot) -> bool:
    """Whether the lot, which stands at its step, was tracked out or diced there since it came."""
    return work_done(lot, lot.step_id, lot.waits_since).exists()


def work_done(lot: Lot, step_id: int, since: datetime) -> QuerySet[Event]:
    """What tracked the lot out, to stay at the step, or diced it there, and still stands.

    What was split off was worked on with the lot that it came from.
    """
    at = {"step_from": step_id}
    stayed = Q(verb=Verb.TRACK_OUT, step_to=step_id, **at) | Q(verb=Verb.DICE, **at)
    events = Event.objects.filter(stayed, lot__in=split_ancestors(lot), occurred_at__gte=since)
    return events.exclude(corrections__verb=Verb.CORRECT)


def place_at(lot: Lot, at: datetime) -> Step | None:
    """Where the lot stood: by the last of its own events until then, else where it began.

    None for a lot of which nothing stands.
    """
    came = _standing(lot).filter(step_to__isnull=False, occurred_at__lte=at)
    last = (
        came.exclude(verb=Verb.CORRECT)
        .select_related("step_to")
        .order_by("-occurred_at", "-seq")
        .first()
    )
    if last is not None:
        return last.step_to
    lines = EventLine.objects.filter(lot=lot).exclude(event__verb=Verb.CORRECT)
    began = (
        lines.exclude(event__corrections__verb=Verb.CORRECT)
        .select_related("event__step_to", "event__step_from")
        .order_by("id")
        .first()
    )
    return (began.event.step_to or began.event.step_from) if began else None


def _standing(lot: Lot) -> QuerySet[Event]:
    return Event.objects.filter(lot=lot).exclude(corrections__verb=Verb.CORRECT)
