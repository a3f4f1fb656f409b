"""What will be done to a lot by itself, as its page shows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from lots.domain.orders import part_words
from lots.domain.words import LotState, Trigger
from lots.models import FutureAction, Lot, Step
from lots.selectors.plans import armed_actions

PLANNED_MAX = 20
WHEN = {Trigger.ARRIVES: "when it arrives at {}", Trigger.LEAVES: "when it leaves {}"}


@dataclass(frozen=True, slots=True)
class Planned:
    """An action that waits. what: with the part it is meant for. is_own: of this lot alone.

    by: who planned it, "" for nobody known. due: in words, from the order of a hold.
    """

    pk: int
    verb: str
    what: str
    when: str
    reason: str
    by: str
    owner: str
    at: datetime
    due: str
    is_own: bool
    is_orphaned: bool


def planned_for(lot: Lot) -> Sequence[Planned]:
    """Armed actions of the lot, and of its product where it has not passed their step.

    Oldest first. One query; none for a lot that is through.
    """
    if lot.state in {LotState.SCRAPPED, LotState.WITHDRAWN}:
        return []
    ahead = Step.objects.filter(route_version=lot.route_version_id)
    coming = ahead.filter(sequence__gt=lot.step.sequence).values("code")
    left = ahead.filter(sequence__gte=lot.step.sequence).values("code")
    of_product = Q(product=lot.product_id) & (
        Q(trigger=Trigger.EVENT)
        | Q(step__route_version__route=lot.route_version.route_id)
        & (
            Q(trigger=Trigger.ARRIVES, step__code__in=coming)
            | Q(trigger=Trigger.LEAVES, step__code__in=left)
        )
    )
    actions = armed_actions().filter(Q(lot=lot) | of_product)
    named = actions.select_related("step", "owner", "created_by").order_by("id")
    return [_planned(action, action.is_orphaned) for action in named[:PLANNED_MAX]]


def _planned(action: FutureAction, is_orphaned: bool) -> Planned:
    happening = f"when this happens: {action.get_on_verb_display()}"
    return Planned(
        pk=action.pk,
        verb=action.verb,
        what=f"{action.get_verb_display()}{part_words(action.order)}",
        when=WHEN[Trigger(action.trigger)].format(action.step) if action.step else happening,
        reason=action.reason,
        by=action.created_by.username if action.created_by else "",
        owner=action.owner.username if action.owner else "",
        at=action.created_at,
        due=str(action.order.get("due_on", "")),
        is_own=action.lot_id is not None,
        is_orphaned=is_orphaned,
    )
