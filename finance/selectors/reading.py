"""How much somebody has read of the books lately."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.contrib.auth.models import User

from finance.models import LedgerRead


def reads_since(reader: User, since: datetime, most: int) -> list[datetime]:
    """When they read, newest first; no more of them than most."""
    reads = LedgerRead.objects.filter(reader=reader, read_at__gt=since)
    return list(reads.order_by("-read_at").values_list("read_at", flat=True)[:most])


def wait_before_reading(reader: User, now: datetime, a_minute: int) -> timedelta | None:
    """How long to wait until fewer than a_minute reads lie within the last one; None for not."""
    minute = timedelta(minutes=1)
    reads = reads_since(reader, now - minute, a_minute)
    return reads[-1] + minute - now if len(reads) >= a_minute else None
