"""Rows of partners' reports, each with what became of it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Now

from intake.domain.words import WOKEN, RowState
from intake.models.files import RawFile
from supplychain.base.choices import choices


class FeedRow(models.Model):
    """One operation a partner reports: a line, or the lines that belong together.

    number: of its first line. line_count: how many lines. op_key: says which operation it is; only
    one row may be applied under it. content: as read, or as repaired; original: as read, once it
    was repaired. reason: why it is not applied. awaits: what a parked row waits for. progress: ""
    = not tried yet, WOKEN = to be tried again, else what stood recorded when it was tried in vain.
    retry_at: when a parked row is tried again even if nothing woke it. decided_by: who repaired,
    dropped or replayed it last.
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
    retry_at = models.DateTimeField(null=True, blank=True, editable=False)
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
                "file",
                models.F("occurred_at").asc(nulls_first=True),
                "number",
                name="intake_feedrow_new",
                condition=models.Q(state=RowState.WAITING, progress=""),
            ),
            models.Index(
                models.F("occurred_at").asc(nulls_first=True),
                "file",
                "number",
                name="intake_feedrow_woken",
                condition=models.Q(state=RowState.WAITING, progress=WOKEN),
            ),
            models.Index(
                KeyTextTransform("lot", "content"),
                "occurred_at",
                name="intake_feedrow_lot_waits",
                condition=models.Q(state=RowState.WAITING),
            ),
            models.Index(
                fields=["retry_at"],
                name="intake_feedrow_retry",
                condition=models.Q(state=RowState.WAITING),
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


class RowWait(models.Model):
    """One thing that a parked row waits for. key: as `intake.domain.waits` writes it.

    seq: of the ledger when the row was tried; only what came after it can wake the row.
    """

    row = models.ForeignKey(FeedRow, models.CASCADE, related_name="waits")
    key = models.CharField(max_length=200, db_index=True)
    seq = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.row_id} waits for {self.key}"


class WakeMark(models.Model):
    """How far the ledger and the test runs were followed to wake parked rows. One row."""

    name = models.CharField(max_length=16, primary_key=True)
    seq = models.BigIntegerField()
    run_id = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.name} at {self.seq}"
