"""What arrived, byte for byte, and what became of it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from intake.domain.words import AttemptOutcome, Door, FileState
from intake.models.mappings import FeedMapping
from lots.models import Lot, Step
from supplychain.base.choices import choices
from testing.models import Run


class RawFile(models.Model):
    """A file by its content: the same bytes twice are one file with two arrivals.

    kind: the feed that reads it, `stdf`, or `unknown`. message: what a person should know or do.
    folder: of the drop folder, where its bytes first lay. lot, step: what it was matched to;
    matched_by when a person said so. summary: what reading it brought to light. due_at: not tried
    before. progress: what stood recorded when it was last tried in vain; it is tried again once
    more stands. creates_lots: unknown lots become engineering lots. mapping: the partner's own
    columns it was read by. wafer_codes: a wafer as the file names it → ours, where a person said
    so. is_taken_back: its run was; it waits until a person says where it belongs. run: that stands.
    """

    sha256 = models.CharField(max_length=64, unique=True)
    size = models.PositiveBigIntegerField(help_text="Bytes as received.")
    name = models.CharField(max_length=255)
    folder = models.CharField(max_length=255, blank=True, default="", db_default="")
    kind = models.CharField(max_length=32)
    storage_path = models.CharField(max_length=255)
    state = models.CharField(
        max_length=16,
        choices=[choice for choice in choices(FileState) if choice[0] != FileState.LOADING],
        default=FileState.RECEIVED,
    )
    message = models.TextField(blank=True)
    summary = models.JSONField(default=dict, blank=True)
    run = models.OneToOneField(Run, models.PROTECT, null=True, blank=True, related_name="raw_file")
    lot = models.ForeignKey(Lot, models.PROTECT, null=True, blank=True, related_name="raw_files")
    step = models.ForeignKey(Step, models.PROTECT, null=True, blank=True, related_name="+")
    matched_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    wafer_codes = models.JSONField(default=dict, blank=True, db_default={})
    is_taken_back = models.BooleanField(default=False, db_default=False)
    creates_lots = models.BooleanField(default=False)
    mapping = models.ForeignKey(
        FeedMapping, models.PROTECT, null=True, blank=True, related_name="files"
    )
    received_at = models.DateTimeField(db_default=Now(), editable=False)
    due_at = models.DateTimeField(db_default=Now())
    settled_at = models.DateTimeField(null=True, blank=True)
    progress = models.CharField(max_length=40, blank=True, editable=False)

    class Meta:
        verbose_name = "file"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(state=FileState.LOADING), name="intake_rawfile_loading_is_shown"
            ),
        ]
        indexes = [
            models.Index(fields=["state", "-id"], name="intake_rawfile_state"),
            models.Index(
                fields=["id"],
                name="intake_rawfile_received",
                condition=models.Q(state=FileState.RECEIVED),
            ),
            models.Index(fields=["name"], name="intake_rawfile_name"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def own_name(self) -> str:
        """Without the archive that it came in."""
        return self.name.rpartition("/")[2]


class Arrival(models.Model):
    """One time the bytes came in."""

    file = models.ForeignKey(RawFile, models.CASCADE, related_name="arrivals")
    door = models.CharField(max_length=16, choices=choices(Door))
    name = models.CharField(max_length=255)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    arrived_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.name} by {self.door}"


class ArchiveMember(models.Model):
    """One file in an archive, and what became of it: a file of its own, or why it is not taken.

    number: its place in the archive, from 1. name, size: as the archive says.
    """

    archive = models.ForeignKey(RawFile, models.CASCADE, related_name="members")
    number = models.PositiveIntegerField()
    name = models.CharField(max_length=255)
    size = models.PositiveBigIntegerField(help_text="Bytes, unpacked.")
    file = models.ForeignKey(
        RawFile, models.PROTECT, null=True, blank=True, related_name="archives"
    )
    reason = models.CharField(max_length=255, blank=True)

    class Meta:
        ordering = ["archive", "number"]
        constraints = [
            models.UniqueConstraint(fields=["archive", "number"], name="intake_member_once"),
            models.CheckConstraint(
                condition=models.Q(file__isnull=False, reason="")
                | (models.Q(file__isnull=True) & ~models.Q(reason="")),
                name="intake_member_taken_or_told",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.archive}/{self.name}"


class LoadAttempt(models.Model):
    """One try to load a file; written before the work, so that it can be seen."""

    file = models.ForeignKey(RawFile, models.CASCADE, related_name="attempts")
    worker = models.CharField(max_length=120)
    outcome = models.CharField(
        max_length=16, choices=choices(AttemptOutcome), default=AttemptOutcome.RUNNING
    )
    message = models.TextField(blank=True)
    started_at = models.DateTimeField(db_default=Now(), editable=False)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(outcome=AttemptOutcome.RUNNING, finished_at__isnull=True)
                | (~models.Q(outcome=AttemptOutcome.RUNNING) & models.Q(finished_at__isnull=False)),
                name="intake_attempt_finished_whole",
            ),
        ]
        indexes = [
            models.Index(
                fields=["file"],
                name="intake_attempt_running",
                condition=models.Q(outcome=AttemptOutcome.RUNNING),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.file} by {self.worker}"


class RejectedRecord(models.Model):
    """Records of a test file that were left out. position: of the first, in the plain bytes."""

    file = models.ForeignKey(RawFile, models.CASCADE, related_name="rejected_records")
    position = models.PositiveBigIntegerField()
    kind = models.CharField(max_length=16)
    reason = models.CharField(max_length=255)
    count = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["file", "position", "id"]

    def __str__(self) -> str:
        return f"{self.kind} at {self.position}"
