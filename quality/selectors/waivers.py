"""Waivers that end soon, and what passed beyond what they allow."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from lots.domain.words import Verb
from lots.models import Event, Waiver, WaiverUse


@dataclass(frozen=True, slots=True)
class OverusedWaiver:
    """late: uses outside its time, by the clock of the place or by ours; passed: units of all."""

    waiver: Waiver
    late: tuple[WaiverUse, ...]
    passed: int

    @property
    def is_over_quantity(self) -> bool:
        return self.passed > self.waiver.quantity

    @property
    def is_self_approved(self) -> bool:
        return self.waiver.approved_by_id == self.waiver.requested_by_id


def ending_waivers(now: datetime, warning: timedelta) -> QuerySet[Waiver]:
    """Approved ones with units left that end within the warning, the next to end first."""
    return (
        _shown()
        .filter(
            approved_at__isnull=False,
            revoked_at__isnull=True,
            used__lt=F("quantity"),
            valid_to__gt=now,
            valid_to__lte=now + warning,
        )
        .order_by("valid_to", "pk")
    )


def overused_waivers() -> list[OverusedWaiver]:
    """Waivers under which more passed, or at another time, than they allow; or self-approved.

    A use written down after the end is late too: its time at the place may have been made to fit.
    """
    late: dict[int, list[WaiverUse]] = defaultdict(list)
    for use in _late_uses():
        late[use.waiver_id].append(use)
    wrong = (
        _shown()
        .annotate(passed=Coalesce(Subquery(_passed()), 0))
        .filter(
            Q(pk__in=list(late)) | Q(passed__gt=F("quantity")) | Q(approved_by=F("requested_by"))
        )
        .order_by("pk")
    )
    return [OverusedWaiver(waiver, tuple(late[waiver.pk]), waiver.passed) for waiver in wrong]


def _passed() -> QuerySet[WaiverUse, Any]:
    """Units that passed under the waiver; what a corrected event used came back to it."""
    undone = Event.objects.filter(corrects=OuterRef("event"), verb=Verb.CORRECT)
    return (
        WaiverUse.objects.filter(~Exists(undone), waiver=OuterRef("pk"))
        .order_by()
        .values("waiver")
        .annotate(total=Sum("quantity"))
        .values("total")
    )


def _shown() -> QuerySet[Waiver]:
    return Waiver.objects.select_related(
        "step__route_version__route", "lot", "product", "requested_by", "approved_by"
    )


def _late_uses() -> QuerySet[WaiverUse]:
    return (
        WaiverUse.objects.select_related("event__lot")
        .filter(
            Q(event__occurred_at__lt=F("waiver__valid_from"))
            | Q(event__occurred_at__gte=F("waiver__valid_to"))
            | Q(event__recorded_at__gte=F("waiver__valid_to"))
        )
        .order_by("pk")
    )
