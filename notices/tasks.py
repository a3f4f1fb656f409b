from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from notices.services import deliver_due, spread_notices

ROUNDS_MAX = 50


@shared_task(name="notices.tell")
def tell() -> int:
    """Make out what is new and send what is due; how many messages were tried."""
    for _ in range(ROUNDS_MAX):
        if not spread_notices(now=timezone.now()):
            break
    return deliver_due(now=timezone.now())
