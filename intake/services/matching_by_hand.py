"""What a person decides: where a file belongs, and which rows are tried again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from intake.domain.contents import content_sha256, storage_fault
from intake.domain.words import (
    OWED_STATES,
    AttemptOutcome,
    FileState,
    RowState,
)
from intake.models import FeedRow, RawFile
from intake.services.feed_files import state_from_rows
from intake.services.hooks import tell_owed
from intake.services.states import LOSING
from lots.models import Lot, Step
from supplychain.base.errors import MalformedError, RefusedError


class NotOwedError(RefusedError):
    """The file or row is settled; nothing is left to decide."""

    code = "settled"
    title = "Settled already"


@transaction.atomic
def match_file(*, file: RawFile, lot: Lot, step: Step, actor: AbstractBaseUser) -> RawFile:
    """Say where a waiting test file belongs, and owe its loading.

    NotOwedError once it is settled; MalformedError for a step that is not on the lot's route.
    """
    file = _owed(file)
    if step.route_version_id != lot.route_version_id:
        raise MalformedError(
            f"Step {step.code} is not on {lot.route_version}, the route of lot {lot.code}.",
            field="step",
        )
    file.lot, file.step, file.matched_by_id = lot, step, actor.pk
    _owe(file)
    file.save(update_fields=["lot", "step", "matched_by", "state", "due_at", "message"])
    return file


@transaction.atomic
def let_file_create_lots(*, file: RawFile) -> RawFile:
    """Have an engineering lot made for a waiting file of unknown material."""
    file = _owed(file)
    file.creates_lots = True
    _owe(file)
    file.save(update_fields=["creates_lots", "state", "due_at", "message"])
    return file


@transaction.atomic
def retry_file(*, file: RawFile) -> RawFile:
    """Try a waiting file again now, or one that was given up after faults of ours."""
    file = RawFile.objects.select_for_update().get(pk=file.pk)
    is_given_up = file.attempts.filter(outcome__in=LOSING).exists()
    if file.state not in OWED_STATES and not (file.state == FileState.REJECTED and is_given_up):
        raise NotOwedError(f"File {file.name} is {file.state}; there is nothing to try again.")
    file.attempts.filter(outcome__in=LOSING).update(outcome=AttemptOutcome.REFUSED)
    if file.rows.exists():
        file.rows.filter(state=RowState.WAITING).update(progress="")
        tell_owed()
        return file
    _owe(file)
    file.settled_at = None
    file.save(update_fields=["state", "due_at", "message", "settled_at"])
    return file


def _owed(file: RawFile) -> RawFile:
    file = RawFile.objects.select_for_update().get(pk=file.pk)
    if file.state not in OWED_STATES or file.rows.exists():
        raise NotOwedError(f"File {file.name} is {file.state}; there is nothing left to match.")
    return file


def _owe(file: RawFile) -> None:
    file.state, file.due_at = FileState.RECEIVED, timezone.now()
    file.message = "It is tried again."
    tell_owed()


@transaction.atomic
def replay_rows(*, rows: Sequence[FeedRow]) -> int:
    """Try waiting and quarantined rows again; how many. Those that could not be read stay."""
    locked = (
        FeedRow.objects.select_for_update()
        .filter(
            pk__in=[row.pk for row in rows],
            state__in=[RowState.WAITING, RowState.QUARANTINED],
        )
        .exclude(op_key__contains=":unread:")
    )
    ids = [row.pk for row in locked.order_by("id")]
    FeedRow.objects.filter(pk__in=ids).update(
        state=RowState.WAITING, progress="", reason="It is tried again.", settled_at=None
    )
    _renew_files(ids)
    return len(ids)


@transaction.atomic
def repair_row(*, row: FeedRow, content: Mapping[str, Any]) -> FeedRow:
    """Put right what a quarantined or waiting row says, and try it again.

    NotOwedError for one that was applied; MalformedError for values that cannot be kept.
    """
    row = FeedRow.objects.select_for_update().get(pk=row.pk)
    if row.state not in {RowState.WAITING, RowState.QUARANTINED}:
        raise NotOwedError(f"Row {row.number} is {row.state}; it cannot be changed any more.")
    if fault := storage_fault(content):
        raise MalformedError(f"The row cannot be kept: {fault}.", field="content")
    row.content, row.content_sha256 = dict(content), content_sha256(content)
    row.state, row.progress, row.settled_at = RowState.WAITING, "", None
    row.reason = "It was repaired and is tried again."
    row.save()
    _renew_files([row.pk])
    return row


def _renew_files(row_ids: Sequence[int]) -> None:
    tell_owed()
    files = RawFile.objects.select_for_update(of=("self",)).filter(rows__in=row_ids).order_by("id")
    for file in {file.pk: file for file in files}.values():
        state_from_rows(file)
        file.settled_at = None
        file.save(update_fields=["state", "message", "summary", "settled_at"])
