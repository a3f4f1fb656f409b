"""One act on many lots, done by a worker, with an outcome for each."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from lots.domain.words import Verb
from lots.models import Event, Lot
from operations.domain.words import OWED_STATES, ItemState, JobState
from supplychain.base.choices import choices


class BulkJob(models.Model):
    """What was asked, by whom. is_all_or_nothing: one refusal takes everything back.

    answers: the wish, as the API takes it. occurred_at: when it was started.
    sample: what the first lots would change, as rows of words.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    verb = models.CharField(max_length=16, choices=choices(Verb))
    answers = models.JSONField()
    sample = models.JSONField(default=list)
    is_all_or_nothing = models.BooleanField(default=False)
    state = models.CharField(max_length=12, choices=choices(JobState), default=JobState.CHECKING)
    occurred_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    finished_at = models.DateTimeField(null=True, blank=True)
    message = models.TextField(blank=True)

    class Meta:
        ordering = ["-created_at"]
        indexes = [
            models.Index(
                fields=["created_at"],
                name="operations_bulkjob_owed",
                condition=models.Q(state__in=OWED_STATES),
            ),
        ]

    @property
    def happened_at(self) -> datetime:
        """Of every event it writes: the time past that was asked for, or when it was started."""
        asked = self.answers.get("occurred_at")
        return datetime.fromisoformat(asked) if asked else self.occurred_at

    def __str__(self) -> str:
        return f"{self.verb} of {self.created_at:%Y-%m-%d %H:%M}"


class BulkItem(models.Model):
    """One lot of the job. attempt: goes up with each "retry failed"; part of the event's key.

    warnings: what speaks against it although no rule does, in words, as found by the check.
    """

    job = models.ForeignKey(BulkJob, models.CASCADE, related_name="items")
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="bulk_items")
    version = models.PositiveIntegerField(help_text="Of the lot, when it was picked.")
    state = models.CharField(max_length=12, choices=choices(ItemState), default=ItemState.WAITING)
    attempt = models.PositiveSmallIntegerField(default=1)
    reason = models.TextField(blank=True)
    warnings = models.JSONField(default=list, blank=True)
    event = models.ForeignKey(Event, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["job", "id"]
        constraints = [
            models.UniqueConstraint(fields=["job", "lot"], name="operations_bulkitem_once"),
        ]
        indexes = [models.Index(fields=["job", "state", "id"], name="operations_bulkitem_state")]

    def __str__(self) -> str:
        return f"{self.lot}: {self.state}"
