"""Clocks between steps as they ran, by what happened to lots in the order in which it did."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from lots.domain.queues import Span, spans_begun, spans_done
from lots.domain.words import LineageKind, Verb

GOING_ON = frozenset({Verb.MOVE, Verb.TRACK_OUT, Verb.RECEIVE, Verb.LATE_MOVE})
BEGINNING = frozenset({Verb.TRACK_IN, Verb.DICE})


@dataclass(frozen=True, slots=True)
class Stop:
    """A step on the way of a lot. sequence: how far along its version of the route."""

    id: int
    version_id: int
    sequence: int
    code: str


@dataclass(frozen=True, slots=True)
class Limit:
    """The longest time between two steps of one version."""

    id: int
    first: Stop
    last: Stop


@dataclass(frozen=True, slots=True)
class Link:
    """A lot that came of another, or of part of it. is_rest: something of the parent stayed."""

    parent_id: int
    child_id: int
    kind: LineageKind
    is_rest: bool


@dataclass(frozen=True, slots=True)
class Happening:
    """An event that stands. is_for_customer: from then on nobody waits for anything.

    comes_back_at: of a lot sent to rework, the step named.
    """

    id: UUID
    seq: int
    at: datetime
    verb: Verb
    lot_id: int
    step_from: Stop | None
    step_to: Stop | None
    comes_back_at: Stop | None = None
    is_for_customer: bool = False
    links: tuple[Link, ...] = ()


@dataclass(slots=True)
class Ran:
    """A clock of a lot, by the events that began, brought and ended it."""

    lot_id: int
    limit_id: int
    since: datetime
    started_by: UUID
    carried_by: UUID | None = None
    ended_by: UUID | None = None


@dataclass(slots=True)
class _Line:
    """Where every lot stands, comes back at after rework, and the clocks of all of them."""

    limits: Mapping[int, Limit]
    given: Sequence[Ran]
    places: dict[int, Stop] = field(default_factory=dict)
    returns: dict[int, Stop] = field(default_factory=dict)
    clocks: list[Ran] = field(default_factory=list)

    def open_of(self, lot_id: int) -> list[Ran]:
        return [one for one in self.clocks if one.lot_id == lot_id and one.ended_by is None]

    def tell(self, event: Happening) -> None:
        place = self.places.get(event.lot_id) or event.step_from or event.step_to
        if place is None:
            return
        self.places[event.lot_id] = place
        if event.links:
            self._make(event)
        elif event.verb in BEGINNING or (event.verb is Verb.TRACK_OUT and event.step_to == place):
            self._end(event, [key for key, one in self.limits.items() if one.last == place])
        elif event.is_for_customer:
            self._end(event, self.limits)
        elif event.verb in GOING_ON and event.step_from and event.step_to:
            self._go_on(event, place, event.step_to)
        elif event.verb in {Verb.REROUTE, Verb.REWORK_IN}:
            self._change_route(event, place)
        self._stand(event)

    def _stand(self, event: Happening) -> None:
        if event.step_to is not None:
            self.places[event.lot_id] = event.step_to
        if event.verb is Verb.REWORK_OUT and event.comes_back_at:
            self.returns[event.lot_id] = event.comes_back_at
        elif event.verb is Verb.REWORK_IN:
            self.returns.pop(event.lot_id, None)

    def _end(self, event: Happening, limits: Iterable[int]) -> None:
        wanted = set(limits)
        for one in self.open_of(event.lot_id):
            if one.limit_id in wanted:
                one.ended_by = event.id

    def _go_on(self, event: Happening, left: Stop, reached: Stop) -> None:
        if left.version_id != reached.version_id:
            return
        spans = [
            Span(key, one.first.sequence, one.last.sequence)
            for key, one in self.limits.items()
            if one.first.version_id == left.version_id
        ]
        begun = spans_begun(spans, left.sequence, reached.sequence)
        done = spans_done(spans, left.sequence, reached.sequence)
        self._end(event, [*begun, *done])
        self.clocks += [
            Ran(event.lot_id, key, event.at, event.id) for key in begun if key not in done
        ]

    def _change_route(self, event: Happening, left: Stop) -> None:
        assert event.step_to is not None, "it comes to a step"
        there = {
            (one.first.code, one.last.code): key
            for key, one in self.limits.items()
            if one.first.version_id == event.step_to.version_id
        }
        for one in self.open_of(event.lot_id):
            limit = self.limits[one.limit_id]
            if limit.first.version_id != left.version_id:
                continue
            one.ended_by = event.id
            key = there.get((limit.first.code, limit.last.code))
            if event.verb is Verb.REROUTE and key is not None:
                self.clocks.append(replace(one, limit_id=key, carried_by=event.id, ended_by=None))

    def _make(self, event: Happening) -> None:
        """What lots are made of others take over; what stays of parts built in waits on."""
        self.clocks += [replace(one) for one in self.given if one.carried_by == event.id]
        for link in event.links:
            parent = self.places.get(link.parent_id)
            stands = event.step_to if link.kind is LineageKind.ASSEMBLE else parent
            if stands is not None:
                self.places.setdefault(link.child_id, stands)
            if link.parent_id in self.returns and link.kind is not LineageKind.ASSEMBLE:
                self.returns.setdefault(link.child_id, self.returns[link.parent_id])
            if parent is not None:
                self._hand_on(event, link, self.returns.get(link.parent_id, parent))

    def _hand_on(self, event: Happening, link: Link, place: Stop) -> None:
        """place: of the parent, on its own route."""
        is_built_in = link.kind is LineageKind.ASSEMBLE
        had = {(one.limit_id, one.since) for one in self.open_of(link.child_id)}
        for one in self.open_of(link.parent_id):
            limit = self.limits[one.limit_id]
            goes_on = self._goes_on(limit, link, place)
            is_known = link.kind is not LineageKind.MERGE and (one.limit_id, one.since) in had
            if goes_on and not is_known:
                self.clocks.append(replace(one, lot_id=link.child_id, carried_by=event.id))
            is_used_up = is_built_in and not goes_on and _is_waiting(limit, place)
            if is_used_up and link.is_rest:
                self.clocks.append(replace(one, carried_by=event.id))
            if is_used_up or link.kind is LineageKind.MERGE:
                one.ended_by = event.id

    def _goes_on(self, limit: Limit, link: Link, place: Stop) -> bool:
        stands = self.places.get(link.child_id)
        back = self.returns.get(link.child_id)
        versions = {one.version_id for one in (stands, back) if one is not None}
        if limit.last.version_id not in versions:
            return False
        if link.kind is not LineageKind.ASSEMBLE:
            return True
        return stands is not None and limit.last != place and limit.last.sequence >= stands.sequence


def _is_waiting(limit: Limit, place: Stop) -> bool:
    return limit.first.version_id == place.version_id and limit.first.sequence < place.sequence


def clocks_as_run(
    happenings: Iterable[Happening], limits: Mapping[int, Limit], given: Sequence[Ran] = ()
) -> list[Ran]:
    """Every clock that ran for the lots of these events, in the order in which they began.

    happenings: what stands, in any order; where several happened at one instant they count as told.
    given: clocks that links bring from lots whose own events are not among them.
    """
    line = _Line(limits, given)
    for event in sorted(happenings, key=lambda one: (one.at, one.seq)):
        line.tell(event)
    return line.clocks
