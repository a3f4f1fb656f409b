"""One try to load one file; whatever happens, the file ends in a state that says so."""

from __future__ import annotations

import logging
from contextlib import ExitStack

from django.db import InterfaceError, OperationalError, transaction
from django.utils import timezone

from intake.domain.archives import Unpacked
from intake.domain.errors import FileRefusedError, UnmatchedError, WaitingError
from intake.domain.words import ARCHIVE, TEST_KINDS, UNKNOWN, AttemptOutcome, FileState
from intake.models import LoadAttempt, RawFile
from intake.services.archives import is_archive, take_apart
from intake.services.feed_files import read_feed
from intake.services.mappings import kind_and_mapping
from intake.services.registry import HEAD_BYTES, feed_kinds, feed_of
from intake.services.states import (
    TakenError,
    begin_attempt,
    claimed,
    finish_attempt,
    held_alone,
    postponed,
    recorded_progress,
    settle,
)
from intake.services.stdf_files import check_match, prepare_lot, read_stdf, record_stdf, summary
from supplychain.base.errors import SupplychainError
from supplychain.base.storing import stored

log = logging.getLogger(__name__)

STATE_AFTER: tuple[tuple[type[SupplychainError], FileState], ...] = (
    (FileRefusedError, FileState.REJECTED),
    (WaitingError, FileState.WAITING),
    (UnmatchedError, FileState.UNMATCHED),
    (SupplychainError, FileState.UNMATCHED),
)


def load_file(*, file_id: int) -> bool:
    """Try a file that is owed. False when another worker has it.

    The claim is a row lock held by the transaction that does the work, so a worker that dies gives
    the file back at once, with nothing kept. What is wrong with the file ends in its state.
    """
    with held_alone(f"intake.load-file-{file_id}") as is_ours:
        if not is_ours:
            return False
        try:
            attempt = begin_attempt(file_id)
            if attempt is not None:
                _try(file_id, attempt)
        except TakenError:
            return False
        return True


def _try(file_id: int, attempt: LoadAttempt) -> None:
    progress = recorded_progress()
    file = RawFile.objects.get(pk=file_id)
    try:
        _load(file_id, attempt, progress, file)
    except TakenError:
        attempt.delete()
        raise
    except SupplychainError as error:
        _refuse(file, attempt, progress, error)
    except (OperationalError, InterfaceError):
        raise  # the database is away or broke a deadlock: the attempt counts as lost
    except Exception as error:
        log.exception("file %s could not be loaded", file_id)
        _postpone(file_id, attempt, error)


def _load(file_id: int, attempt: LoadAttempt, progress: str, seen: RawFile) -> None:
    """seen: takes the summary, so that it outlives a refusal."""
    with ExitStack() as held:
        with transaction.atomic():
            file = claimed(file_id)
            file.kind = seen.kind = _kind(file)
            if file.kind == ARCHIVE:
                take_apart(file)
                return _done(file, attempt, progress)
            if file.kind not in TEST_KINDS:
                read_feed(file)
                return _done(file, attempt, progress)
            try:
                check_match(file)
            finally:
                seen.summary = file.summary
            decoded = held.enter_context(read_stdf(file))
            seen.summary = summary(decoded)
            if not file.creates_lots:
                record_stdf(file, decoded, None)
                return _done(file, attempt, progress)
        lot = prepare_lot(file, decoded)
        with transaction.atomic():
            file = claimed(file_id)
            file.kind = seen.kind
            record_stdf(file, decoded, lot)
            return _done(file, attempt, progress)


def is_still_unmatched(*, file_id: int) -> bool:
    """Look again at a file that could not be matched, without an attempt to load it."""
    progress = recorded_progress()
    try:
        with transaction.atomic():
            file = claimed(file_id)
            try:
                check_match(file)
            except UnmatchedError as error:
                file.message = error.detail
                settle(file, progress)
                return True
    except (TakenError, SupplychainError):
        pass
    return False


def _kind(file: RawFile) -> str:
    """As received, or by a feed or mapping that came since. FileRefusedError for none."""
    if not file.size:
        raise FileRefusedError("The file is empty. Send it again.")
    if file.kind == ARCHIVE or is_archive(file):
        return ARCHIVE
    is_known = file.kind in TEST_KINDS or feed_of(file.kind) is not None
    if is_known and (file.kind in TEST_KINDS or file.mapping is not None):
        return file.kind
    with stored(file.storage_path) as stream:
        head = Unpacked(stream).head(HEAD_BYTES)
    if not head:
        raise FileRefusedError("The archive is empty. Send the file again.")
    kind, file.mapping = kind_and_mapping(file.name, head)
    if is_known and file.mapping is None:
        return file.kind
    if kind == UNKNOWN:
        known = ", ".join([*sorted(TEST_KINDS), *feed_kinds()])
        raise FileRefusedError(f"The file is of no kind known here. Known: {known}.")
    return kind


def _done(file: RawFile, attempt: LoadAttempt, progress: str) -> None:
    settle(file, progress)
    finish_attempt(attempt, AttemptOutcome.DONE, file.message)


def _refuse(seen: RawFile, attempt: LoadAttempt, progress: str, error: SupplychainError) -> None:
    with transaction.atomic():
        file = claimed(seen.pk)
        file.state = next(state for kind, state in STATE_AFTER if isinstance(error, kind))
        file.message = error.detail
        file.summary = seen.summary or file.summary
        settle(file, progress)
        finish_attempt(attempt, AttemptOutcome.REFUSED, error.detail)


def _postpone(file_id: int, attempt: LoadAttempt, error: Exception) -> None:
    """A fault of ours: tried again a few times, later each time."""
    with transaction.atomic():
        file = claimed(file_id)
        finish_attempt(attempt, AttemptOutcome.FAILED, f"{type(error).__name__}: {error}"[:1000])
        failures = file.attempts.filter(outcome=AttemptOutcome.FAILED).count()
        file.state = FileState.RECEIVED
        file.message = "Loading failed here; it is tried again by itself."
        file.due_at = postponed(timezone.now(), failures)
        file.save(update_fields=["state", "message", "due_at"])
