"""What the subledger owes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Max, Min

from finance.domain.words import GapCode
from finance.models import Follower, PostingGap
from lots.models import Event

CAUSES_MAX = 100


@dataclass(frozen=True, slots=True)
class OwedCause:
    """Events owed for one reason."""

    code: str
    detail: str
    count: int
    first_seq: int
    opened_at: datetime


def owed_causes(before: datetime) -> list[OwedCause]:
    """Reasons why events have been owed since then, without those that wait for another event."""
    gaps = PostingGap.objects.filter(closed_at__isnull=True, opened_at__lt=before)
    rows: Any = (
        gaps.exclude(code=GapCode.WAITING)
        .values("code", "detail")
        .annotate(count=Count("id"), first_seq=Min("seq"), since=Min("opened_at"))
        .order_by("first_seq")[:CAUSES_MAX]
    )
    return [
        OwedCause(row["code"], row["detail"], row["count"], row["first_seq"], row["since"])
        for row in rows
    ]


def first_unposted(before: datetime) -> Event | None:
    """The next event to post, when it was recorded before then."""
    cursor = Follower.objects.aggregate(seq=Max("seq"))["seq"] or 0
    return Event.objects.filter(seq=cursor + 1, recorded_at__lt=before).first()
