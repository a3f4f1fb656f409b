"""Lots that waited, or wait, longer at a step, or between two, than is allowed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import DurationField, ExpressionWrapper, F, QuerySet, Value
from django.db.models.expressions import Combinable

from lots.domain.gates import hours_waited
from lots.domain.words import Gate, GateMode, LotPurpose, LotState, Verb
from lots.models import Event, Lot, QueueClock, Step, WaiverUse
from lots.selectors.queues import running_clocks

_CLOCK = ("lot__custodian", "limit__from_step", "limit__to_step")
LEAVING = (Verb.TRACK_OUT, Verb.MOVE)


@dataclass(frozen=True, slots=True)
class LateStart:
    """Work on a lot that began too late at a step. event: what took it on; None while at it."""

    lot: Lot
    step: Step
    entered_at: datetime
    started_at: datetime
    event: Event | None

    @property
    def hours(self) -> float:
        return hours_waited(self.entered_at, self.started_at)


@dataclass(frozen=True, slots=True)
class LateSpan:
    """Work on a lot that began too late after an earlier step, by the event that began it."""

    clock: QueueClock
    event: Event

    @property
    def hours(self) -> float:
        return hours_waited(self.clock.since, self.event.occurred_at)


def limited_lots() -> QuerySet[Lot]:
    """Active lots not tracked in at a step that limits the wait, longest there first.

    Left out: steps that a supplier does, as nobody says when its work begins; gates switched off;
    engineering and empty lots.
    """
    return (
        Lot.objects.filter(
            state=LotState.ACTIVE,
            quantity__gt=0,
            tracked_in_at__isnull=True,
            step__queue_hours_max__isnull=False,
            step__is_outsourced=False,
        )
        .exclude(step__gate_mode=GateMode.OFF)
        .exclude(purpose=LotPurpose.ENGINEERING)
        .select_related("step", "custodian")
        .order_by("step_entered_at", "pk")
    )


def is_limited(lot: Lot) -> bool:
    """Whether the lot is one of those; its step is at hand."""
    return (
        lot.state == LotState.ACTIVE
        and lot.quantity > 0
        and lot.tracked_in_at is None
        and lot.step.queue_hours_max is not None
        and not lot.step.is_outsourced
        and lot.step.gate_mode != GateMode.OFF
        and lot.purpose != LotPurpose.ENGINEERING
    )


def overdue_lots(now: datetime) -> QuerySet[Lot]:
    """Those that wait longer than their step allows."""
    allowed = _hours("step__queue_hours_max")
    return limited_lots().filter(step_entered_at__lt=Value(now) - allowed)


def lots_with_running_clocks() -> QuerySet[Lot]:
    """Lots for which a limit between steps runs, in order of their rows."""
    lots = Lot.objects.filter(pk__in=running_clocks().values("lot"))
    return lots.select_related("product", "step", "custodian").order_by("pk")


def overdue_clocks(now: datetime) -> QuerySet[QueueClock]:
    """Clocks between steps that run for longer than their limit allows, oldest first."""
    allowed = _hours("limit__hours_max")
    rows = running_clocks().filter(since__lt=Value(now) - allowed)
    return rows.select_related(*_CLOCK).order_by("since", "pk")


def _hours(name: str) -> Combinable:
    return ExpressionWrapper(F(name) * Value(timedelta(hours=1)), output_field=DurationField())


def late_starts(lot_ids: Sequence[int]) -> list[LateStart]:
    """Where work on these lots began beyond the limit, without a waiver; corrected events apart."""
    waived = _waived(lot_ids)
    begun = [*_begun(lot_ids), *_done(lot_ids)]
    return [one for one in begun if _is_late(one) and (one.lot.pk, one.step.pk) not in waived]


def late_spans(lot_ids: Sequence[int]) -> list[LateSpan]:
    """Where work on these lots began too late after an earlier step, without a waiver."""
    clocks = (
        QueueClock.objects.filter(
            lot__in=lot_ids,
            ended_by__verb=Verb.TRACK_IN,
            ended_by__step_from=F("limit__to_step"),
            ended_by__corrections__isnull=True,
            started_by__corrections__isnull=True,
            carried_by__corrections__isnull=True,
            ended_by__occurred_at__gt=F("since") + _hours("limit__hours_max"),
        )
        .exclude(limit__to_step__gate_mode=GateMode.OFF)
        .exclude(lot__purpose=LotPurpose.ENGINEERING)
        .select_related("ended_by", *_CLOCK)
        .order_by("pk")
    )
    waived = _waived(lot_ids) if clocks else set()
    return [
        LateSpan(clock, clock.ended_by)
        for clock in clocks
        if clock.ended_by is not None and (clock.lot_id, clock.limit.to_step_id) not in waived
    ]


def _waived(lot_ids: Sequence[int]) -> set[tuple[int, int]]:
    """Lot and step of each wait that a waiver let pass."""
    uses = WaiverUse.objects.filter(
        event__lot__in=lot_ids, event__corrections__isnull=True, waiver__gate=Gate.QUEUE_TIME
    )
    return set(uses.values_list("event__lot_id", "waiver__step_id"))


def _is_late(one: LateStart) -> bool:
    limit = one.step.queue_hours_max
    return limit is not None and one.step.gate_mode != GateMode.OFF and one.hours > limit


def _begun(lot_ids: Sequence[int]) -> Iterator[LateStart]:
    """Work under way."""
    lots = Lot.objects.select_related("step").exclude(purpose=LotPurpose.ENGINEERING)
    for lot in lots.filter(pk__in=lot_ids, step__queue_hours_max__isnull=False):
        if lot.tracked_in_at is not None:
            yield LateStart(lot, lot.step, lot.step_entered_at, lot.tracked_in_at, None)


def _done(lot_ids: Sequence[int]) -> Iterator[LateStart]:
    """Work that an event ended; it tells how the lot stood before."""
    events = (
        Event.objects.select_related("lot", "step_from")
        .filter(
            lot__in=lot_ids,
            verb__in=LEAVING,
            step_from__queue_hours_max__isnull=False,
            payload__before__tracked_in_at__isnull=False,
            corrections__isnull=True,
        )
        .exclude(lot__purpose=LotPurpose.ENGINEERING)
        .order_by("seq")
    )
    for event in events:
        before = event.payload["before"]
        if event.step_from is not None and before["tracked_in_at"]:
            entered, started = (
                datetime.fromisoformat(before[name])
                for name in ("step_entered_at", "tracked_in_at")
            )
            yield LateStart(event.lot, event.step_from, entered, started, event)
