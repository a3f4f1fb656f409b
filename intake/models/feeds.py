"""Rows of partners' reports, each with what became of it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from intake.domain.words import RowState
from intake.models.files import RawFile
from supplychain.base.choices import choices


class FeedRow(models.Model):
    """One operation a partner reports: a line, or the lines that belong together.

    number: of its first line. line_count: how many lines. op_key: says which operation it is; only
    one row may be applied under it. content: as read, or as repaired; original: as read, once it
    was repaired. reason: why it is not applied. awaits: what a parked row waits for. progress: what
    stood recorded when it was last tried; "" = not tried yet. decided_by: who repaired, dropped or
    replayed it last.
    """

    file = models.ForeignKey(RawFile, models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField()
    line_count = models.PositiveIntegerField(default=1)
    op_key = models.CharField(max_length=200)
    content = models.JSONField()
    content_sha256 = models.CharField(max_length=64)
    original = models.JSONField(null=True, blank=True, editable=False)
    occurred_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=16, choices=choices(RowState), default=RowState.WAITING)
    reason = models.TextField(blank=True)
    awaits = models.CharField(max_length=200, blank=True)
    progress = models.CharField(max_length=40, blank=True, editable=False)
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)
    settled_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["file", "number"]
        constraints = [
            models.UniqueConstraint(fields=["file", "number"], name="intake_feedrow_once"),
            models.UniqueConstraint(
                fields=["op_key"],
                name="intake_feedrow_applied_once",
                condition=models.Q(state=RowState.APPLIED),
            ),
        ]
        indexes = [
            models.Index(fields=["op_key"], name="intake_feedrow_op_key"),
            models.Index(fields=["state", "-id"], name="intake_feedrow_state"),
            models.Index(
                fields=["file", "number"],
                name="intake_feedrow_waiting",
                condition=models.Q(state=RowState.WAITING),
            ),
            models.Index(
                fields=["file", "occurred_at", "number"],
                name="intake_feedrow_untried",
                condition=models.Q(state=RowState.WAITING, progress=""),
            ),
            models.Index(
                fields=["settled_at"],
                name="intake_feedrow_applied_at",
                condition=models.Q(state=RowState.APPLIED),
            ),
        ]

    @property
    def what(self) -> str:
        """The verb, or what else it reports."""
        return str(self.content.get("verb") or self.content.get("what") or self.file.kind)

    @property
    def may_be_decided(self) -> bool:
        """Whether a person may still repair, drop or replay it."""
        return self.state not in {RowState.APPLIED, RowState.REPEATED}

    def __str__(self) -> str:
        return f"{self.file}, row {self.number}"
