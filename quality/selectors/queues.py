"""Lots that wait longer at a step, or between two, than is allowed."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import DurationField, ExpressionWrapper, F, QuerySet, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from lots.domain.words import GateMode, LotPurpose, LotState
from lots.models import Lot, QueueClock
from lots.selectors.queues import running_clocks

_WAITS_SINCE = Coalesce("waiting_since", "step_entered_at")
CLOCK = ("lot__custodian", "limit__from_step", "limit__to_step")


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
        .order_by(_WAITS_SINCE, "pk")
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
    allowed = hours_of("step__queue_hours_max")
    return limited_lots().alias(since=_WAITS_SINCE).filter(since__lt=Value(now) - allowed)


def lots_with_running_clocks() -> QuerySet[Lot]:
    """Lots for which a limit between steps runs, in order of their rows."""
    lots = Lot.objects.filter(pk__in=running_clocks().values("lot"))
    return lots.select_related("product", "step", "custodian").order_by("pk")


def overdue_clocks(now: datetime) -> QuerySet[QueueClock]:
    """Clocks between steps that run for longer than their limit allows, oldest first."""
    allowed = hours_of("limit__hours_max")
    rows = running_clocks().filter(since__lt=Value(now) - allowed)
    return rows.select_related(*CLOCK).order_by("since", "pk")


def hours_of(name: str) -> Combinable:
    """The hours in a column, as an interval."""
    return ExpressionWrapper(F(name) * Value(timedelta(hours=1)), output_field=DurationField())
