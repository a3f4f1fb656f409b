"""Holds that somebody should have decided on."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from lots.models import Hold


def overdue_holds(now: datetime) -> QuerySet[Hold]:
    """Open holds whose day is over, longest overdue first."""
    return (
        Hold.objects.filter(released_at__isnull=True, due_on__lt=now.date())
        .select_related("lot", "owner")
        .order_by("due_on", "pk")
    )
