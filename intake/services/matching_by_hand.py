"""What a person decides of a file: where it belongs, and that it is tried again."""

from __future__ import annotations

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from intake.domain.words import (
    OWED_STATES,
    AttemptOutcome,
    FileState,
    RowState,
)
from intake.models import RawFile, RowWait
from intake.services.archives import is_archive
from intake.services.hooks import tell_owed
from intake.services.mappings import mapping_for
from intake.services.matching import require_step_of
from intake.services.states import LOSING
from lots.models import Lot, Step
from supplychain.base.errors import RefusedError


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
    require_step_of(step, lot)
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
    """Try a waiting file again now, or a rejected one that may be read by now.

    That is one given up after faults of ours, one that a mapping fits since, or an archive of
    several files that was refused before such were taken apart.
    """
    file = RawFile.objects.select_for_update().get(pk=file.pk)
    is_rejected = file.state == FileState.REJECTED
    if file.state not in OWED_STATES and not (is_rejected and _may_be_read_now(file)):
        raise NotOwedError(f"File {file.name} is {file.state}; there is nothing to try again.")
    file.attempts.filter(outcome__in=LOSING).update(outcome=AttemptOutcome.REFUSED)
    if file.rows.exists():
        RowWait.objects.filter(row__file=file).delete()
        file.rows.filter(state=RowState.WAITING).update(progress="")
        tell_owed()
        return file
    _owe(file)
    file.settled_at, file.mapping = None, None
    file.save(update_fields=["state", "due_at", "message", "settled_at", "mapping"])
    return file


def _may_be_read_now(file: RawFile) -> bool:
    if file.attempts.filter(outcome__in=LOSING).exists() or mapping_for(file.name) is not None:
        return True
    return not file.members.exists() and is_archive(file)


def _owed(file: RawFile) -> RawFile:
    file = RawFile.objects.select_for_update().get(pk=file.pk)
    if file.state not in OWED_STATES or file.rows.exists():
        raise NotOwedError(f"File {file.name} is {file.state}; there is nothing left to match.")
    return file


def _owe(file: RawFile) -> None:
    file.state, file.due_at = FileState.RECEIVED, timezone.now()
    file.message = "It is tried again."
    tell_owed()
