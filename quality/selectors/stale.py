"""Lots that have stood at their step too long."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import DurationField, Exists, ExpressionWrapper, F, OuterRef, QuerySet, Value

from lots.domain.words import LotPurpose, LotState, StepKind, UnitOfMeasure
from lots.models import Hold, Lot, Step


def stale_lots(now: datetime, factor: float) -> QuerySet[Lot]:
    """Active lots beyond `factor` times the standard days of their step, longest first.

    Left out: lots on hold (they wait on purpose), in stock or banked as dies, at the end of their
    route, empty, or engineering; and steps without a standard.
    """
    standing = ExpressionWrapper(
        F("step__days_max") * Value(factor) * Value(timedelta(days=1)),
        output_field=DurationField(),
    )
    later = Step.objects.filter(
        route_version=OuterRef("route_version"), sequence__gt=OuterRef("step__sequence")
    )
    return (
        Lot.objects.filter(
            Exists(later),
            ~Exists(Hold.objects.filter(lot=OuterRef("pk"), released_at=None)),
            state=LotState.ACTIVE,
            quantity__gt=0,
            step__days_max__gt=0,
            step_entered_at__lt=Value(now) - standing,
        )
        .exclude(step__kind=StepKind.STOCK)
        .exclude(step__kind=StepKind.DICE, unit_of_measure=UnitOfMeasure.DIE)
        .exclude(purpose=LotPurpose.ENGINEERING)
        .select_related("step", "custodian")
        .order_by("step_entered_at", "pk")
    )
