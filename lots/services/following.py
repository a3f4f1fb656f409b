"""What was planned for a lot follows it when it is split or merged."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import QuerySet

from lots.domain.errors import UnlikeLotsError
from lots.domain.words import ActionState, Verb
from lots.models import FutureAction, Lot

STOPS = (Verb.HOLD, Verb.BANK)
"""Actions meant to stop every part of the lot; a split is one part of all."""
PLAN = ("trigger", "step_id", "on_verb", "verb", "order", "reason", "owner_id", "created_by_id")


def copy_stops(lot: Lot, child: Lot) -> None:
    """Each stop planned for the lot is planned for the child too, so that each stops once.

    A repeated one is not: it stays armed for the whole family.
    """
    stops = _armed([lot]).filter(verb__in=STOPS, is_repeated=False)
    FutureAction.objects.bulk_create(
        FutureAction(lot=child, **{name: getattr(stop, name) for name in PLAN}) for stop in stops
    )


def end_plans(into: Lot, sources: Sequence[Lot]) -> None:
    """Plans of lots that end in a merge: those that `into` has too are cancelled.

    UnlikeLotsError naming the first plan that would be lost.
    """
    kept = [_wish(plan) for plan in _armed([into])]
    for plan in _armed(sources):
        if _wish(plan) not in kept:
            raise UnlikeLotsError(
                f"{plan} waits for a lot that would end (plan {plan.pk}: {plan.reason}). "
                f"Plan it for {into.code} too, or cancel it, before the merge.",
                attribute="future actions",
                action=plan.pk,
            )
    _armed(sources).update(
        state=ActionState.CANCELLED, outcome=f"Merged into {into.code}, which has it"
    )


def _armed(lots: Sequence[Lot]) -> QuerySet[FutureAction]:
    armed = FutureAction.objects.filter(lot__in=lots, state=ActionState.ARMED)
    return armed.select_related("step__route_version").order_by("id")


def _wish(plan: FutureAction) -> tuple[object, ...]:
    """What is to be done and when; who planned it, and why, may differ."""
    step = plan.step
    place = (step.route_version.route_id, step.code) if step else None
    return (plan.trigger, place, plan.on_verb, plan.verb, plan.order, plan.is_repeated)
