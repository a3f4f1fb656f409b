"""Waits of lots that ended too late, each by what ended it and under which waiver."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import F, Q, QuerySet

from lots.domain.gates import hours_waited, least_wait
from lots.domain.words import Gate, GateMode, LotPurpose, Verb
from lots.models import Event, Lot, QueueClock, Step, WaiverUse
from lots.selectors.placing import works_done
from lots.selectors.rules import families_of
from quality.selectors.late_moves import Retold, Stay, retold_stays
from quality.selectors.queues import CLOCK, hours_of

BEGINNING = frozenset({Verb.TRACK_IN, Verb.DICE, Verb.ASSEMBLE, Verb.SHIP})
LEFT_AT_WORK = (Verb.TRACK_OUT, Verb.MOVE, Verb.REWORK_OUT)
LEAVING = (Verb.TRACK_OUT, Verb.MOVE, Verb.RECEIVE, Verb.REROUTE, Verb.REWORK_IN)
GOING_ON = (Verb.MOVE, Verb.TRACK_OUT, Verb.RECEIVE, Verb.LATE_MOVE)
USING = (Verb.DICE, Verb.ASSEMBLE, Verb.SHIP)
"""Verbs whose event says since when the lots waited that it took on."""


@dataclass(frozen=True, slots=True)
class LateStart:
    """A wait at a step that ended too late. event: what took the lot on; None while at work.

    work_days: where no work was begun, how long it took at most; None where it was, and where
    nothing was done.
    """

    lot: Lot
    step: Step
    entered_at: datetime
    started_at: datetime
    event: Event | None
    is_begun: bool = True
    work_days: float | None = None

    @property
    def hours(self) -> float:
        hours = hours_waited(self.entered_at, self.started_at)
        return hours if self.work_days is None else least_wait(hours, self.work_days)


@dataclass(frozen=True, slots=True)
class LateSpan:
    """Work on a lot that began too late after an earlier step, by the event that ended the wait.

    origin_id: the step that the event led from.
    """

    clock: QueueClock
    event: Event
    origin_id: int | None

    @property
    def is_begun(self) -> bool:
        return self.event.verb in BEGINNING

    @property
    def ended_a_wait(self) -> bool:
        """Not by leaving the first step once more, nor in another version before the last step."""
        limit, verb = self.clock.limit, self.event.verb
        if verb == Verb.REROUTE:
            return self.origin_id == limit.to_step_id
        return not (verb in GOING_ON and self.origin_id == limit.from_step_id)

    @property
    def hours(self) -> float:
        hours = hours_waited(self.clock.since, self.event.occurred_at)
        last = self.clock.limit.to_step
        is_unseen = last.is_outsourced and self.origin_id == last.pk and not self.is_begun
        return least_wait(hours, last.days_max) if is_unseen else hours


def late_starts(lot_ids: Sequence[int]) -> list[LateStart]:
    """Where a wait of these lots ended beyond the limit of its step; corrected events apart.

    Left out is what a waiver let pass: that pass alone.
    """
    retold = retold_stays(lot_ids)
    known = [*_begun(lot_ids), *_done(lot_ids), *_unworked(lot_ids), *_used(lot_ids)]
    ended = [one for one in known if not retold.replaces(one.lot, one.event)]
    return _unwaived(_late([*ended, *_retold(retold)]))


def late_spans(lot_ids: Sequence[int]) -> list[LateSpan]:
    """Where work on these lots began too late after an earlier step, or never did.

    Left out is what a waiver let pass: that pass alone. To leave the first step once
    more, to merge and to go on in another version that has the limit too end no wait.
    """
    clocks = (
        QueueClock.objects.filter(
            lot__in=lot_ids,
            ended_by__corrections__isnull=True,
            started_by__corrections__isnull=True,
            carried_by__corrections__isnull=True,
            ended_by__occurred_at__gt=F("since") + hours_of("limit__hours_max"),
        )
        .exclude(ended_by__verb=Verb.MERGE)
        .exclude(limit__to_step__gate_mode=GateMode.OFF)
        .exclude(lot__purpose=LotPurpose.ENGINEERING)
        .select_related("ended_by", *CLOCK)
        .order_by("pk")
    )
    retold = retold_stays(lot_ids)
    spans = [
        LateSpan(clock, clock.ended_by, retold.origin(clock.ended_by))
        for clock in clocks
        if clock.ended_by is not None
    ]
    over = [span for span in spans if span.hours > span.clock.limit.hours_max]
    late = [span for span in over if span.ended_a_wait]
    waived = _waived_by([span.event.pk for span in late])
    return [span for span in late if (span.event.pk, span.clock.limit.to_step_id) not in waived]


def _late(ended: Sequence[LateStart]) -> list[LateStart]:
    """Those beyond the limit of their step, unless work was done there before."""
    over = [one for one in ended if _is_over(one)]
    unworked = [one for one in over if not one.is_begun]
    if not unworked:
        return over
    lots, steps = ({getattr(one, name).pk for one in unworked} for name in ("lot", "step"))
    done = works_done(sorted(lots), steps)
    return [one for one in over if one.is_begun or not _was_worked(one, done)]


def _is_over(one: LateStart) -> bool:
    limit = one.step.queue_hours_max
    return limit is not None and one.step.gate_mode != GateMode.OFF and one.hours > limit


def _was_worked(
    one: LateStart, done: Mapping[tuple[int, int], Sequence[tuple[datetime, int]]]
) -> bool:
    assert one.event is not None, "what ends a wait without work is told"
    return any(
        one.entered_at <= at <= one.started_at and seq < one.event.seq
        for at, seq in done.get((one.lot.pk, one.step.pk), ())
    )


def _retold(retold: Retold) -> Iterator[LateStart]:
    """Waits of lots of which a step was told late."""
    for stay in retold.stays:
        if stay.lot.purpose == LotPurpose.ENGINEERING:
            continue
        if stay.tracked_in_at is None:
            yield from _left_unworked(stay)
        elif stay.event is None or stay.event.verb in LEFT_AT_WORK:
            yield LateStart(stay.lot, stay.step, stay.since, stay.until, stay.event)


def _left_unworked(stay: Stay) -> Iterator[LateStart]:
    event, step = stay.event, stay.step
    if event is not None and event.verb in (*LEAVING, Verb.LATE_MOVE) and _goes_on(event, step):
        yield _without_work(stay.lot, step, stay.since, event)


def _without_work(lot: Lot, step: Step, since: datetime, event: Event) -> LateStart:
    days = step.days_max if step.is_outsourced else None
    return LateStart(lot, step, since, event.occurred_at, event, is_begun=False, work_days=days)


def _unwaived(late: Sequence[LateStart]) -> list[LateStart]:
    """Those that no waiver let pass: one covers the pass that used it, and no later one."""
    if not late:
        return []
    ended = _waived_by([one.event.pk for one in late if one.event and not one.is_begun])
    begun = _waived_begins([one for one in late if one.is_begun])
    return [
        one
        for one in late
        if not (one.event and (one.event.pk, one.step.pk) in ended)
        and not (one.is_begun and (one.lot.pk, one.step.pk, one.started_at) in begun)
    ]


def _queue_uses() -> QuerySet[WaiverUse]:
    return WaiverUse.objects.filter(waiver__gate=Gate.QUEUE_TIME, event__corrections__isnull=True)


def _waived_by(event_ids: Sequence[UUID]) -> set[tuple[UUID, int]]:
    """Event and step of each wait that one of these events ended under a waiver."""
    if not event_ids:
        return set()
    uses = _queue_uses().filter(event__in=event_ids)
    return set(uses.values_list("event_id", "waiver__step_id"))


def _waived_begins(begun: Sequence[LateStart]) -> set[tuple[int, int, datetime]]:
    """Lot, step and instant of each track-in under a waiver, of the lot or what it was split from.

    A part of a lot that was tracked in began when that did.
    """
    uses = _queue_uses().filter(
        event__verb=Verb.TRACK_IN,
        waiver__step__in={one.step.pk for one in begun},
        event__occurred_at__in={one.started_at for one in begun},
    )
    rows = list(uses.values_list("event__lot_id", "waiver__step_id", "event__occurred_at"))
    if not rows:
        return set()
    families = families_of(list({lot for lot, _, _ in rows} | {one.lot.pk for one in begun}))
    known = {(families.get(lot), step, at) for lot, step, at in rows}
    return {
        (one.lot.pk, one.step.pk, one.started_at)
        for one in begun
        if (families.get(one.lot.pk), one.step.pk, one.started_at) in known
    }


def _begun(lot_ids: Sequence[int]) -> Iterator[LateStart]:
    """Work under way."""
    lots = Lot.objects.select_related("step").exclude(purpose=LotPurpose.ENGINEERING)
    for lot in lots.filter(pk__in=lot_ids, step__queue_hours_max__isnull=False):
        if lot.tracked_in_at is not None:
            yield LateStart(lot, lot.step, lot.waits_since, lot.tracked_in_at, None)


def _ended(lot_ids: Sequence[int]) -> QuerySet[Event]:
    """What took these lots from a step that limits the wait; it tells how they stood before."""
    events = Event.objects.select_related("lot", "step_from__route_version", "step_to").filter(
        lot__in=lot_ids, step_from__queue_hours_max__isnull=False, corrections__isnull=True
    )
    return events.exclude(lot__purpose=LotPurpose.ENGINEERING).order_by("seq")


def _done(lot_ids: Sequence[int]) -> Iterator[LateStart]:
    """Work that an event ended."""
    events = _ended(lot_ids).filter(
        verb__in=LEFT_AT_WORK, payload__before__tracked_in_at__isnull=False
    )
    for event in events:
        before = event.payload["before"]
        if event.step_from is not None and before["tracked_in_at"]:
            started = datetime.fromisoformat(before["tracked_in_at"])
            yield LateStart(event.lot, event.step_from, _since(before), started, event)


def _unworked(lot_ids: Sequence[int]) -> Iterator[LateStart]:
    """Waits that ended without work: the lot went on."""
    events = _ended(lot_ids).filter(
        verb__in=LEAVING,
        payload__before__tracked_in_at=None,
        payload__before__step_entered_at__isnull=False,
    )
    for event in events:
        first = event.step_from
        if first is not None and _goes_on(event, first):
            yield _without_work(event.lot, first, _since(event.payload["before"]), event)


def _goes_on(event: Event, first: Step) -> bool:
    """Not back, and not on a route of free order; tracked out, it is done."""
    if event.verb == Verb.TRACK_OUT:
        return True
    if first.route_version.is_free or event.step_to is None:
        return False
    is_other = event.step_to.route_version_id != first.route_version_id
    return is_other or event.step_to.sequence > first.sequence


def _since(before: Mapping[str, str]) -> datetime:
    return datetime.fromisoformat(before.get("waiting_since") or before["step_entered_at"])


def _used(lot_ids: Sequence[int]) -> Iterator[LateStart]:
    """Waits of lots that were cut, sent to a customer, or gave parts, as the event tells them."""
    lots = {lot.code: lot for lot in Lot.objects.filter(pk__in=lot_ids)}
    events = Event.objects.filter(
        Q(lot__in=lot_ids) | Q(lines__lot__in=lot_ids),
        verb__in=USING,
        payload__has_key="waits",
        corrections__isnull=True,
    )
    waits = [
        (event, lots[code], told)
        for event in events.order_by("seq").distinct()
        for code, told in event.payload["waits"].items()
        if code in lots and lots[code].purpose != LotPurpose.ENGINEERING
    ]
    steps = Step.objects.in_bulk({told["step_id"] for _, _, told in waits})
    for event, lot, told in waits:
        step, since = steps[told["step_id"]], datetime.fromisoformat(told["since"])
        yield _without_work(lot, step, since, event)
