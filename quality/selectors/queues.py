"""Lots that waited, or wait, longer at a step than it allows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import DurationField, ExpressionWrapper, F, QuerySet, Value

from lots.domain.gates import hours_waited
from lots.domain.words import Gate, GateMode, LotPurpose, LotState, Verb
from lots.models import Event, Lot, Step, WaiverUse

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


def overdue_lots(now: datetime) -> QuerySet[Lot]:
    """Active lots not tracked in within the hours of their step, longest first.

    Left out: steps that a supplier does, as nobody says when its work begins; gates switched off;
    engineering and empty lots.
    """
    allowed = ExpressionWrapper(
        F("step__queue_hours_max") * Value(timedelta(hours=1)), output_field=DurationField()
    )
    return (
        Lot.objects.filter(
            state=LotState.ACTIVE,
            quantity__gt=0,
            tracked_in_at__isnull=True,
            step__queue_hours_max__isnull=False,
            step__is_outsourced=False,
            step_entered_at__lt=Value(now) - allowed,
        )
        .exclude(step__gate_mode=GateMode.OFF)
        .exclude(purpose=LotPurpose.ENGINEERING)
        .select_related("step", "custodian")
        .order_by("step_entered_at", "pk")
    )


def late_starts(lot_ids: Sequence[int]) -> list[LateStart]:
    """Where work on these lots began beyond the limit, without a waiver; corrected events apart."""
    uses = WaiverUse.objects.filter(
        event__lot__in=lot_ids, event__corrections__isnull=True, waiver__gate=Gate.QUEUE_TIME
    )
    waived = set(uses.values_list("event__lot_id", "waiver__step_id"))
    begun = [*_begun(lot_ids), *_done(lot_ids)]
    return [one for one in begun if _is_late(one) and (one.lot.pk, one.step.pk) not in waived]


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
