"""What stands open about the lots that a unit's material comes from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from lots.domain.words import LotState
from lots.models import Hold, Lot
from operations.selectors.trace import Trace
from quality.domain.words import OPEN_STATES
from quality.models import Issue
from quality.selectors.issues import about_lots

SHOWN_MAX = 50


@dataclass(frozen=True, slots=True)
class Concerns:
    """holds: open ones, oldest first. scrapped: lots of its own units that are. At most 50 of each.

    What was left of a lot of parts without serials may well be scrapped: that concerns nobody.
    """

    holds: Sequence[Hold]
    scrapped: Sequence[Lot]


def concerns_of(trace: Trace) -> Concerns:
    """Of the unit's own lot and the lots of everything in it, also without serials. One query."""
    own = _own_lots(trace)
    holds = Hold.objects.filter(lot__in=_lot_ids(trace), released_at__isnull=True)
    holds = holds.select_related("lot")
    scrapped = [lot for lot in own.values() if lot.state == LotState.SCRAPPED]
    return Concerns(list(holds.order_by("placed_at", "id")[:SHOWN_MAX]), scrapped[:SHOWN_MAX])


def issues_about(trace: Trace) -> QuerySet[Issue]:
    """Open issues about the unit or one of its lots, newest first."""
    is_about = Q(unit=trace.unit) | about_lots(_lot_ids(trace))
    issues = Issue.objects.filter(is_about, state__in=OPEN_STATES).select_related("rule")
    return issues.order_by("-id")[:SHOWN_MAX]


def _lot_ids(trace: Trace) -> set[int]:
    return {*_own_lots(trace), *(used.lot_id for used in trace.materials)}


def _own_lots(trace: Trace) -> dict[int, Lot]:
    units = [trace.unit, *(node.unit for node in trace.parts)]
    return {unit.lot.pk: unit.lot for unit in units if unit.lot is not None}
