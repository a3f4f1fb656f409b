"""What a preview compares: the facts of lots as the database has them now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Prefetch

from lots.domain.orders import part_words
from lots.domain.words import ActionState
from lots.models import FutureAction, Hold, Lot
from lots.selectors.plans import with_orphans
from operations.domain.changes import Facts
from operations.domain.quantities import counted
from operations.selectors.holds import hold_words, with_stopped

SHOWN = (ActionState.ARMED, ActionState.FAILED)


def facts_of(lots: Sequence[Lot]) -> Facts:
    """The lots and their children: name → fact → value in words."""
    ids = [lot.pk for lot in lots]
    related = Lot.objects.filter(pk__in=ids) | Lot.objects.filter(parent_links__parent__in=ids)
    rows = related.distinct().select_related(
        "step", "custodian", "product", "route_version__route", "rework_return_step"
    )
    own = with_orphans(FutureAction.objects.filter(state__in=SHOWN))
    planned = Prefetch("future_actions", own.select_related("step").order_by("id"), to_attr="plans")
    stops = with_stopped(Hold.objects.filter(released_at__isnull=True))
    held = Prefetch("holds", stops, to_attr="held_by")
    found = rows.prefetch_related(held, planned).order_by("pk")
    return {f"Lot {row.code}": _facts(row) for row in found}


def _facts(lot: Any) -> dict[str, str]:
    return {
        "Step": lot.step.code,
        "State": lot.get_state_display(),
        "Quantity": counted(lot.quantity, lot.unit_of_measure),
        "Product": lot.product.code,
        "Route": str(lot.route_version),
        "Custodian": lot.custodian.code,
        "Customer": lot.customer,
        "Being worked on": _work(lot),
        "Comes back from rework at": lot.rework_return_step.code if lot.rework_return_step else "",
        "Rework attempts": str(lot.rework_attempt or ""),
        "Hot lot": "yes" if lot.is_hot else "",
        "Pilot": "yes" if lot.is_pilot else "",
        "Due": f"{lot.due_on:%Y-%m-%d}" if lot.due_on else "",
        "Purpose": lot.get_purpose_display(),
        "Open holds": "; ".join(sorted(hold_words(hold) for hold in lot.held_by)) or "none",
        "Planned": "; ".join(_planned(one) for one in lot.plans if one.state == ActionState.ARMED),
        "Planned in vain": " ".join(
            _in_vain(one) for one in lot.plans if one.state == ActionState.FAILED
        ),
    }


def _work(lot: Lot) -> str:
    if lot.tracked_in_at is None:
        return ""
    place = f" on {lot.equipment}" if lot.equipment else ""
    return f"since {lot.tracked_in_at:%Y-%m-%d %H:%M}{place}"


def _planned(action: Any) -> str:
    """`hold when it arrives at CP1`."""
    where = f"it {action.trigger} {action.step}" if action.step else f"{action.on_verb} happens"
    orphaned = " (orphaned: its route has no such step)" if action.is_orphaned else ""
    return f"{action.verb}{part_words(action.order)} when {where}{orphaned}"


def _in_vain(action: Any) -> str:
    """`hold of wafers 1, 2: Nothing of …`."""
    return f"{action.verb}{part_words(action.order)}: {action.outcome}"
