"""Exports of the ledger: what was asked, and the files that were written for it."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from finance.domain.words import OWED_EXPORTS, Account, ExportFormat, ExportState
from supplychain.base.choices import choices


class ExportJob(models.Model):
    """Rows after_seq < seq ≤ as_of_seq, of a period and an account or of all, in a format.

    op_key: who asked, and the key they gave. totals: counted before the first file is written.
    tries: files that a fault took back, since the last one that was finished.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    op_key = models.CharField(max_length=200, unique=True)
    asked_sha256 = models.CharField(max_length=64)
    format = models.CharField(max_length=16, choices=choices(ExportFormat))
    after_seq = models.BigIntegerField(default=0)
    as_of_seq = models.BigIntegerField()
    period = models.CharField(max_length=7, blank=True)
    account = models.CharField(max_length=32, choices=choices(Account), blank=True)
    schema_version = models.CharField(max_length=32)
    state = models.CharField(
        max_length=12, choices=choices(ExportState), default=ExportState.WAITING
    )
    totals = models.JSONField(default=dict)
    row_count = models.BigIntegerField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    message = models.TextField(blank=True)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    requested_at = models.DateTimeField(db_default=Now(), editable=False)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "export"
        ordering = ["-requested_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(state=ExportState.READY)
                | models.Q(row_count__isnull=False, finished_at__isnull=False),
                name="finance_exportjob_ready_whole",
            ),
        ]
        indexes = [
            models.Index(
                fields=["requested_at"],
                name="finance_exportjob_owed",
                condition=models.Q(state__in=OWED_EXPORTS),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.format} as of {self.as_of_seq}"


class ExportFile(models.Model):
    """One file of an export, never changed. last_seq: of its last row; the next file goes on."""

    job = models.ForeignKey(ExportJob, models.PROTECT, related_name="files")
    number = models.PositiveIntegerField()
    storage_path = models.CharField(max_length=255)
    row_count = models.BigIntegerField()
    byte_count = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    last_seq = models.BigIntegerField()
    made_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["job", "number"]
        constraints = [
            models.UniqueConstraint(fields=["job", "number"], name="finance_exportfile_once"),
        ]

    def __str__(self) -> str:
        return f"{self.job_id} {self.number}"
