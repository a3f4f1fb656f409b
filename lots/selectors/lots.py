"""Where lots stand, what holds them, and which have stood too long."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import (
    Count,
    DateTimeField,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    Min,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Sum,
    Value,
)

from lots.domain.words import HoldScope, LotState
from lots.models import Hold, Lot
from lots.selectors.materials import links_now
from lots.selectors.queues import with_clocks

STALE_FACTOR = 2


@dataclass(frozen=True, slots=True)
class StepWip:
    """Work in process at one step. oldest_at: when the lot longest there came."""

    step_id: int
    route_code: str
    step_code: str
    step_name: str
    sequence: int
    unit_of_measure: str
    lot_count: int
    quantity: int
    held_count: int
    oldest_at: datetime


def listed_lots() -> QuerySet[Lot]:
    """Lots with what a list shows of them, and is_on_hold on each."""
    held = Hold.objects.filter(lot=OuterRef("pk"), released_at__isnull=True)
    return Lot.objects.select_related(
        "product", "step", "custodian", "route_version__route"
    ).annotate(is_on_hold=Exists(held))


def lots_with_details() -> QuerySet[Lot]:
    """The same with clocks, and with holds, wafers and ancestry in one query each."""
    return with_clocks(listed_lots()).prefetch_related(
        Prefetch("holds", Hold.objects.select_related("owner", "releasing_role")),
        "wafers",
        Prefetch("parent_links", links_now().select_related("parent").order_by("id")),
        Prefetch("child_links", links_now().select_related("child").order_by("id")),
    )


def open_holds(lot: Lot) -> QuerySet[Hold]:
    """Holds on the lot that nobody released, oldest first."""
    return (
        Hold.objects.select_related("owner", "placed_by")
        .filter(lot=lot, released_at__isnull=True)
        .order_by("id")
    )


def hold_reasons(lot_ids: Sequence[int], *, only_whole: bool = False) -> dict[int, list[str]]:
    """Lot id → reasons of its open holds; only_whole leaves out those on a part of the lot."""
    reasons: dict[int, list[str]] = {}
    holds = Hold.objects.filter(lot_id__in=lot_ids, released_at__isnull=True).order_by("id")
    if only_whole:
        holds = holds.filter(scope=HoldScope.LOT)
    for lot_id, reason in holds.values_list("lot_id", "reason"):
        reasons.setdefault(lot_id, []).append(reason)
    return reasons


def lots_on_hold() -> QuerySet[Lot]:
    """Lots with an open hold, longest held first; held_since and hold_count on each."""
    is_open = Q(holds__released_at__isnull=True)
    return (
        Lot.objects.select_related("product", "step", "custodian")
        .filter(is_open, holds__isnull=False)
        .annotate(held_since=Min("holds__placed_at"), hold_count=Count("holds"))
        .order_by("held_since", "id")
    )


def wip_by_step() -> list[StepWip]:
    """Active lots by step and unit of measure, in route order; what is banked is no WIP."""
    return _by_step(LotState.ACTIVE)


def banked_by_step() -> list[StepWip]:
    """The same of lots parked off their route."""
    return _by_step(LotState.BANKED)


def _by_step(state: LotState) -> list[StepWip]:
    is_held = Q(holds__released_at__isnull=True, holds__isnull=False)
    held = Lot.objects.filter(is_held, state=state).values("step", "unit_of_measure")
    counts = {
        (row["step"], row["unit_of_measure"]): row["lot_count"]
        for row in held.annotate(lot_count=Count("id", distinct=True)).order_by()
    }
    rows = (
        Lot.objects.filter(state=state)
        .values(
            "step_id",
            "unit_of_measure",
            "step__code",
            "step__name",
            "step__sequence",
            "step__route_version__route__code",
        )
        .annotate(lot_count=Count("id"), good=Sum("quantity"), oldest_at=Min("step_entered_at"))
        .order_by("step__route_version__route__code", "step__sequence", "step_id")
    )
    return [
        StepWip(
            step_id=row["step_id"],
            route_code=row["step__route_version__route__code"],
            step_code=row["step__code"],
            step_name=row["step__name"],
            sequence=row["step__sequence"],
            unit_of_measure=row["unit_of_measure"],
            lot_count=row["lot_count"],
            quantity=row["good"],
            held_count=counts.get((row["step_id"], row["unit_of_measure"]), 0),
            oldest_at=row["oldest_at"],
        )
        for row in rows
    ]


def late_lots(today: date) -> QuerySet[Lot]:
    """Active lots past the day they are due, latest first."""
    return (
        Lot.objects.select_related("product", "step", "custodian")
        .filter(state=LotState.ACTIVE, due_on__lt=today)
        .order_by("due_on", "id")
    )


def stale_lots(now: datetime) -> QuerySet[Lot]:
    """Active lots at their step for more than twice its standard time; stale_at on each.

    Steps without a standard time, such as stock, never make a lot stale.
    """
    allowed = ExpressionWrapper(
        F("step__days_max") * Value(timedelta(days=STALE_FACTOR)), output_field=DurationField()
    )
    stale_at = ExpressionWrapper(F("step_entered_at") + allowed, output_field=DateTimeField())
    return (
        Lot.objects.select_related("product", "step", "custodian")
        .filter(state=LotState.ACTIVE, quantity__gt=0, step__days_max__gt=0)
        .annotate(stale_at=stale_at)
        .filter(stale_at__lt=now)
        .order_by("stale_at", "id")
    )
