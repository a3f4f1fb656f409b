"""Waits of lots of which a step was told late: as they were in the order of time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from uuid import UUID

from lots.domain.words import Verb
from lots.models import Event, Lot, Step
from lots.selectors.placing import placings_of
from lots.selectors.queue_history import told_late


@dataclass(frozen=True, slots=True)
class Stay:
    """A lot at a step. event: what it left by, None where it is still; tracked_in_at: work begun.

    until: when it left, or work began.
    """

    lot: Lot
    step: Step
    since: datetime
    until: datetime
    event: Event | None
    tracked_in_at: datetime | None = None


@dataclass(slots=True)
class Retold:
    """Stays that late moves tell otherwise than the events by which the lots left, or stand.

    origins: event → the step that it really led from.
    """

    stays: list[Stay] = field(default_factory=list)
    events: set[UUID] = field(default_factory=set)
    standing: set[int] = field(default_factory=set)
    origins: dict[UUID, int] = field(default_factory=dict)

    def replaces(self, lot: Lot, event: Event | None) -> bool:
        """Whether the word of this event, or of the lot as it stands, counts no more."""
        return lot.pk in self.standing if event is None else event.pk in self.events

    def origin(self, event: Event) -> int | None:
        return self.origins.get(event.pk, event.step_from_id)


def retold_stays(lot_ids: Sequence[int]) -> Retold:
    """Of these lots; nothing more is asked where no step was told late."""
    retold = Retold()
    late = told_late(lot_ids)
    rows = placings_of(late) if late else []
    for _, told in groupby(rows, attrgetter("lot_id")):
        _retell(list(told), retold)
    return retold


def _retell(events: Sequence[Event], retold: Retold) -> None:
    """events: what placed one lot, in the order of time."""
    late: list[Event] = []
    for before, event in zip([None, *events], events, strict=False):
        if before is not None and before.verb == Verb.LATE_MOVE:
            retold.origins[event.pk] = _led_to(before).pk
        if event.verb == Verb.LATE_MOVE:
            late.append(event)
        elif late:
            stays = list(_stays(late, event))
            retold.stays += stays
            retold.events.update(event.pk for _ in stays[:1])
            late = []
    if late:
        retold.stays += _stays_until_now(late)
        retold.standing.add(late[0].lot_id)


def _stays(late: Sequence[Event], left: Event) -> Iterator[Stay]:
    """Until the lot left by the last event. Work told at the step before the late moves stands.

    None of an event that is too old to tell since when the lot stood there.
    """
    before = left.payload.get("before", {})
    work = before.get("tracked_in_at")
    begun = datetime.fromisoformat(work) if work else None
    if left.step_from is None or "step_entered_at" not in before:
        return
    if begun and begun <= late[0].occurred_at:
        return
    yield from _cut(late, left.step_from, _since(before))
    last, step = late[-1], _led_to(late[-1])
    yield Stay(last.lot, step, last.occurred_at, begun or left.occurred_at, left, begun)


def _stays_until_now(late: Sequence[Event]) -> Iterator[Stay]:
    """What brought the lot on from there was corrected."""
    lot, last = late[-1].lot, late[-1]
    yield from _cut(late, lot.step, lot.waits_since)
    if lot.tracked_in_at is not None:
        begun = lot.tracked_in_at
        yield Stay(lot, _led_to(last), last.occurred_at, begun, None, begun)


def _cut(late: Sequence[Event], step: Step, since: datetime) -> Iterator[Stay]:
    """Each of these ended a stay, the first of them that at the step."""
    for event in late:
        yield Stay(event.lot, step, min(since, event.occurred_at), event.occurred_at, event)
        step, since = _led_to(event), event.occurred_at


def _led_to(move: Event) -> Step:
    assert move.step_to is not None, "a move leads to a step"
    return move.step_to


def _since(before: Mapping[str, str]) -> datetime:
    return datetime.fromisoformat(before.get("waiting_since") or before["step_entered_at"])
