"""Lots as they stand: at which step, on hold, late, stale."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import (
    Count,
    DateTimeField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Sum,
)

from lots.domain.words import LotState, StepKind
from lots.models import Hold, Lot

STALE_FACTOR = 2
RESTING_KINDS = [StepKind.STOCK, StepKind.FREE, StepKind.ACCEPT]


@dataclass(frozen=True, slots=True)
class StepLoad:
    """What stands at one step. quantity: good units, in unit_of_measure."""

    route: str
    sequence: int
    step: str
    step_name: str
    unit_of_measure: str
    lot_count: int
    quantity: int
    on_hold_count: int


def open_holds(lot: Lot) -> QuerySet[Hold]:
    """Holds that stand on the lot, oldest first."""
    return lot.holds.filter(released_at__isnull=True).select_related("owner").order_by("id")


def open_holds_by_age() -> QuerySet[Hold]:
    """All holds that stand, longest standing first, with lot, step and owner."""
    return (
        Hold.objects.filter(released_at__isnull=True)
        .select_related("owner", "lot__product", "lot__step", "lot__custodian")
        .order_by("placed_at", "id")
    )


def with_hold_mark(lots: QuerySet[Lot]) -> QuerySet[Lot]:
    """The same lots, each with is_on_hold."""
    standing = Hold.objects.filter(lot=OuterRef("pk"), released_at__isnull=True)
    return lots.annotate(is_on_hold=Exists(standing))


def lots_on_hold() -> QuerySet[Lot]:
    """Lots with at least one open hold."""
    return with_hold_mark(Lot.objects.all()).filter(is_on_hold=True)


def held_among(lot_ids: Iterable[int]) -> set[int]:
    """Those of the lots that are on hold."""
    standing = Hold.objects.filter(lot_id__in=list(lot_ids), released_at__isnull=True)
    return set(standing.values_list("lot_id", flat=True))


def late_lots(today: date) -> QuerySet[Lot]:
    """Active lots past their due day, most late first."""
    return (
        Lot.objects.filter(state=LotState.ACTIVE, due_on__lt=today, quantity__gt=0)
        .select_related("product", "step", "custodian")
        .order_by("due_on", "id")
    )


def wip_by_step() -> list[StepLoad]:
    """Active lots with units, counted by step and unit of measure, in route order. One query."""
    rows = (
        with_hold_mark(Lot.objects.filter(state=LotState.ACTIVE, quantity__gt=0))
        .values(
            "step__route_version__route__code",
            "step__sequence",
            "step__code",
            "step__name",
            "unit_of_measure",
        )
        .annotate(
            lot_count=Count("pk"),
            unit_count=Sum("quantity"),
            on_hold_count=Count("pk", filter=Q(is_on_hold=True)),
        )
        .order_by("step__route_version__route__code", "step__sequence", "unit_of_measure")
    )
    return [
        StepLoad(
            route=row["step__route_version__route__code"],
            sequence=row["step__sequence"],
            step=row["step__code"],
            step_name=row["step__name"],
            unit_of_measure=row["unit_of_measure"],
            lot_count=row["lot_count"],
            quantity=row["unit_count"],
            on_hold_count=row["on_hold_count"],
        )
        for row in rows
    ]


def stale_lots(now: datetime) -> QuerySet[Lot]:
    """Active lots at their step for more than twice its standard, longest first; not in stock or free.

    A lot on hold is left out: its wait has a reason, an owner and an age of its own.
    """
    standard = F("step__days_max") * timedelta(days=STALE_FACTOR)
    return (
        with_hold_mark(Lot.objects.filter(state=LotState.ACTIVE, quantity__gt=0))
        .filter(is_on_hold=False, step__days_max__gt=0)
        .exclude(step__kind__in=RESTING_KINDS)
        .annotate(
            stale_at=ExpressionWrapper(
                F("step_entered_at") + standard, output_field=DateTimeField()
            )
        )
        .filter(stale_at__lt=now)
        .select_related("product", "step", "custodian")
        .order_by("step_entered_at", "id")
    )
