"""Future actions: those whose step is gone from the route, and what one event set off."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from lots.domain.orders import ACTION_KEY
from lots.domain.words import ActionState, Verb
from lots.models import Event, FutureAction, RouteVersion, Step


def armed_actions() -> QuerySet[Any]:
    """Those that still wait, as with_orphans marks them."""
    return with_orphans(FutureAction.objects.filter(state=ActionState.ARMED))


def with_orphans(actions: QuerySet[FutureAction]) -> QuerySet[Any]:
    """With `is_orphaned`: it waits at a step that the lot's route version does not have.

    On rework the version counts that the lot comes back to. Of a product every lot may differ; its
    actions are never called orphaned here.
    """
    return actions.annotate(
        home=Coalesce("lot__rework_return_step__route_version", "lot__route_version"),
        is_orphaned=Q(step__isnull=False, lot__isnull=False)
        & ~Exists(
            Step.objects.filter(
                route_version=OuterRef("home"),
                route_version__route=OuterRef("step__route_version__route"),
                code=OuterRef("step__code"),
            )
        ),
    )


def orphaned_by(version: RouteVersion) -> QuerySet[FutureAction]:
    """Actions of products that no lot on the version sets off: it has no such step."""
    codes = Step.objects.filter(route_version=version).values("code")
    waiting = FutureAction.objects.filter(
        state=ActionState.ARMED,
        product__isnull=False,
        step__route_version__route=version.route_id,
    )
    return waiting.exclude(step__code__in=codes).select_related("product", "step").order_by("id")


def holds_set_off(event: Event) -> QuerySet[Event]:
    """Holds still open that actions placed because of the event, in the ledger's order."""
    return Event.objects.filter(
        lot=event.lot_id,
        seq__gt=event.seq,
        verb=Verb.HOLD,
        op_key__startswith=ACTION_KEY,
        op_key__endswith=f":{event.seq}",
        holds_placed__released_at=None,
        corrections=None,
    ).order_by("seq")
