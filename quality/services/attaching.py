"""Files that people attach to issues, stored under their own SHA-256 like every other file."""

from __future__ import annotations

from datetime import datetime
from typing import IO

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from quality.domain.attachments import (
    BYTES_MAX,
    HEAD_BYTES,
    PER_ISSUE_MAX,
    attachment_kind,
    harmless_name,
)
from quality.domain.words import IssueEventKind
from quality.models import AttachmentWithdrawal, Issue, IssueAttachment
from quality.services.history import Act, locked, write_act
from quality.services.issues import required_text
from supplychain.base.errors import ConflictError, ForbiddenError, RefusedError
from supplychain.base.storing import spooled, store

FOLDER = "attachments"
WITHDRAW = "quality.unattach_issue"


def attach_file(
    *, issue: Issue, stream: IO[bytes], name: str, actor: User, at: datetime | None = None
) -> IssueAttachment:
    """Store a file and add it to the issue, whatever the issue's state.

    MalformedError for a kind that is not taken, TooLargeError above 20 MiB, ConflictError for bytes
    that the issue has already, RefusedError beyond 50 files.
    """
    name, at = harmless_name(name), at or timezone.now()
    with spooled(stream, BYTES_MAX) as found:
        kind = attachment_kind(name, found.stream.read(HEAD_BYTES))
        found.stream.seek(0)
        path = store(found, FOLDER)
        with transaction.atomic():
            row = locked(issue)
            _refuse_more(row, found.sha256)
            attachment = IssueAttachment.objects.create(
                issue=row,
                name=name,
                kind=kind,
                size=found.size,
                sha256=found.sha256,
                storage_path=path,
                added_by=actor,
                added_at=at,
            )
            words = f"{name}, {found.size:,} bytes, SHA-256 {found.sha256}"
            write_act(row, Act(IssueEventKind.ATTACHED, at, actor.pk, words))
    return attachment


@transaction.atomic
def withdraw_file(
    *, attachment: IssueAttachment, actor: User, reason: str, at: datetime | None = None
) -> AttachmentWithdrawal:
    """Say that a file counts no longer, whatever the issue's state; its row and bytes stay.

    By who attached it, or who may withdraw files of others; ForbiddenError for anybody else. That
    they may attach files at all is asked at the door.
    ConflictError for one that is withdrawn.
    """
    if attachment.added_by_id != actor.pk and not actor.has_perm(WITHDRAW):
        raise ForbiddenError(
            f"{attachment.name} was attached by {attachment.added_by}. They or a lead of quality "
            f"may withdraw it; that needs the right {WITHDRAW} beside quality.attach_issue.",
            right=WITHDRAW,
        )
    reason, at = required_text("reason", reason), at or timezone.now()
    row = locked(attachment.issue)
    if AttachmentWithdrawal.objects.filter(attachment=attachment).exists():
        raise ConflictError(f"{attachment.name} of {row.number} is withdrawn already.")
    withdrawal = AttachmentWithdrawal.objects.create(
        attachment=attachment, reason=reason, withdrawn_by=actor, withdrawn_at=at
    )
    words = f"{attachment.name}, SHA-256 {attachment.sha256}. {reason}"
    write_act(row, Act(IssueEventKind.FILE_WITHDRAWN, at, actor.pk, words))
    return withdrawal


def _refuse_more(row: Issue, sha256: str) -> None:
    known = dict(row.attachments.values_list("sha256", "name"))
    if sha256 in known:
        raise ConflictError(f"{row.number} has these bytes already, as {known[sha256]}.")
    if len(known) >= PER_ISSUE_MAX:
        raise RefusedError(f"{row.number} has {PER_ISSUE_MAX} files; no more are taken.")
