"""Files that people attach to issues: photographs, reports of analyses, tables."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from quality.domain.attachments import NAME_CHARACTERS_MAX, AttachmentKind
from quality.models.issues import Issue
from supplychain.base.choices import choices


class IssueAttachment(models.Model):
    """A file of an issue, by the SHA-256 of its bytes. Never updated, never deleted."""

    issue = models.ForeignKey(Issue, models.PROTECT, related_name="attachments")
    name = models.CharField(max_length=NAME_CHARACTERS_MAX)
    kind = models.CharField(max_length=8, choices=choices(AttachmentKind))
    size = models.PositiveIntegerField(help_text="Bytes.")
    sha256 = models.CharField(max_length=64)
    storage_path = models.CharField(max_length=200)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    added_at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["issue", "sha256"], name="quality_issueattachment_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.issue.number}: {self.name}"


class AttachmentWithdrawal(models.Model):
    """A file that counts no longer; its row and its bytes stay. Never updated, never deleted."""

    attachment = models.OneToOneField(IssueAttachment, models.PROTECT, related_name="withdrawal")
    reason = models.TextField()
    withdrawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(reason=""), name="quality_attachmentwithdrawal_has_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.attachment} withdrawn"
