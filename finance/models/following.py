"""How far the lots ledger has been posted, and what is owed from it."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from finance.domain.words import GapCode
from lots.models import Event
from supplychain.base.choices import choices


class Follower(models.Model):
    """One row per reader of the lots ledger: the last seq it dealt with. Locked while it works."""

    name = models.CharField(max_length=32, primary_key=True)
    seq = models.BigIntegerField(default=0)
    moved_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.name} at {self.seq}"


class PostingGap(models.Model):
    """An event that is owed to the subledger: why, and what to do. Replayed until it is posted.

    Later events of the same lots wait for it, so that a lot's entries stay in order.
    """

    event = models.OneToOneField(Event, models.PROTECT, related_name="posting_gap")
    seq = models.BigIntegerField(unique=True)
    code = models.CharField(max_length=24, choices=choices(GapCode))
    detail = models.TextField()
    opened_at = models.DateTimeField(db_default=Now(), editable=False)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["seq"]
        indexes = [
            models.Index(
                fields=["seq"], name="finance_gap_open", condition=models.Q(closed_at__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.seq} {self.code}"
