"""A loaded test file matched anew, or its run taken back: all of it or nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial

from django.contrib.auth.models import User
from django.db import OperationalError, transaction
from django.utils import timezone

from intake.domain.words import AttemptOutcome, FileState
from intake.models import LoadAttempt, RawFile
from intake.services.matching import NewMatch, match, require_step_of
from intake.services.previewing import BusyError
from intake.services.states import recorded_progress, settle, worker_name
from intake.services.stdf_files import Decoded, read_stdf, record_stdf
from intake.services.test_files import lot_of_units
from lots.domain.chain import body_sha256
from supplychain.base.errors import ConflictError, ForbiddenError, MissingError, RefusedError
from testing.domain.records import RunRecord
from testing.models import Run, RunWithdrawal
from testing.services import Withdrawal, record_run_anew, withdraw_run

RIGHT = "intake.change_rawfile"


def match_run_anew(*, run: Run, to: NewMatch, reason: str, actor: User, op_key: str) -> Run:
    """Take a run back and load its file under another match, in one transaction; the new run.

    The same key again gives the run that it gave first. ForbiddenError without the right;
    RefusedError without a reason, or where it is matched so already; ConflictError for a run that
    does not stand, UnmatchedError for wafers that the lot has not; then nothing is changed.
    """
    by = _withdrawal(run, to.asked(), reason, actor, op_key)
    with _not_in_the_way(), ExitStack() as held, transaction.atomic():
        file = locked_file(run)
        if was_done(by):
            return _next_edition(run)
        return load_anew(file, run, to, by, held)


def take_back_run(*, run: Run, reason: str, actor: User, op_key: str) -> Run:
    """Let a run count no more; its file waits for a person to match it. Errors as above."""
    by = _withdrawal(run, {"act": "take-back"}, reason, actor, op_key)
    with _not_in_the_way(), transaction.atomic():
        file = locked_file(run)
        if was_done(by):
            return Run.objects.get(pk=run.pk)
        withdraw(file, run, by)
    return Run.objects.get(pk=run.pk)


def load_anew(file: RawFile, run: Run, to: NewMatch, by: Withdrawal, held: ExitStack) -> Run:
    """The work itself, within the caller's transaction. held: keeps the readings until it ends."""
    require_stands(file, run)
    progress = recorded_progress()
    before = dict(file.wafer_codes)
    point(file, to, by.actor)
    decoded = held.enter_context(read_stdf(file))
    _require_other(file, decoded, run, before)
    record_stdf(file, decoded, None, record=partial(_recorded_anew, run, by))
    settle(file, progress)
    file.save(update_fields=["matched_by", "wafer_codes", "is_taken_back"])
    LoadAttempt.objects.create(
        file=file,
        worker=worker_name(),
        outcome=AttemptOutcome.DONE,
        message=f"Matched anew by {by.actor}: {by.reason}",
        finished_at=timezone.now(),
    )
    assert file.run is not None, "it was recorded"
    return file.run


def withdraw(file: RawFile, run: Run, by: Withdrawal) -> None:
    """Take the run back and let its file wait, within the caller's transaction."""
    require_stands(file, run)
    withdraw_run(run=run, by=by)
    file.run = file.lot = file.step = file.matched_by = None
    file.wafer_codes, file.is_taken_back = {}, True
    file.state = FileState.UNMATCHED
    file.message = f"Its run was taken back by {by.actor}: {by.reason} Match it by hand."
    settle(file, recorded_progress())
    file.save(update_fields=["matched_by", "wafer_codes", "is_taken_back"])


def locked_file(run: Run) -> RawFile:
    """The file of a run, locked. MissingError for a run that came without one."""
    file = RawFile.objects.select_for_update().filter(sha256=run.source_sha256).first()
    if file is None:
        raise MissingError("This run came without a file, so there is nothing to match anew.")
    return file


def require_stands(file: RawFile, run: Run) -> None:
    """ConflictError for a run that was taken back, with where its file stands now."""
    if file.run_id != run.pk:
        now = f"run {file.run.key} stands" if file.run else f"the file is {file.state}"
        raise ConflictError(f"This run was taken back before; {now}.", run=run.key)


def point(file: RawFile, to: NewMatch, actor: User) -> None:
    """Let the file belong where it is said, or where it and the rules say; not yet saved."""
    if to.step is not None:
        if to.lot is None:
            raise RefusedError("Name the lot whose step that is.")
        require_step_of(to.step, to.lot)
    is_by_hand = to.lot is not None or bool(to.wafers)
    file.lot, file.step = to.lot, to.step
    file.matched_by = actor if is_by_hand else None
    file.wafer_codes, file.is_taken_back = dict(to.wafers), False


def _require_other(file: RawFile, decoded: Decoded, run: Run, wafer_codes: dict[str, str]) -> None:
    found = match(file, decoded.run.header, lot_of_units(file, decoded.run))
    stands = run.lot_step.lot_id, run.lot_step.step_id, wafer_codes
    if (found.lot.pk, found.step.pk, file.wafer_codes) == stands:
        raise RefusedError(
            f"The file is matched to lot {found.lot.code} at {found.step.code} already.",
            lot=found.lot.code,
            step=found.step.code,
        )


def _recorded_anew(run: Run, by: Withdrawal, record: RunRecord) -> Run:
    return record_run_anew(run=run, record=record, by=by)


def _withdrawal(
    run: Run, asked: dict[str, object], reason: str, actor: User, op_key: str
) -> Withdrawal:
    require_right(actor)
    if not reason.strip():
        raise RefusedError("Say why the run is not where it belongs.")
    words = {"run": run.key, "reason": reason.strip(), **asked}
    return Withdrawal(actor, reason.strip(), op_key, body_sha256(words))


def require_right(actor: User) -> None:
    """ForbiddenError for who may not decide about unmatched files either."""
    if not actor.has_perm(RIGHT):
        raise ForbiddenError("Your role may not match files. Ask a test engineer.", right=RIGHT)


def was_done(by: Withdrawal) -> bool:
    """Whether this key did just this before. ConflictError where it did something else."""
    earlier = RunWithdrawal.objects.filter(op_key=by.op_key).first()
    if earlier is not None and earlier.asked_sha256 != by.asked_sha256:
        raise ConflictError("This key was used before, for something else. Send a new key.")
    return earlier is not None


def _next_edition(run: Run) -> Run:
    return Run.objects.get(source_sha256=run.source_sha256, edition=run.edition + 1)


@contextmanager
def _not_in_the_way() -> Iterator[None]:
    """Two that wait for each other, or too long, are told to try again."""
    try:
        yield
    except OperationalError as error:
        raise BusyError("Others load the same lots now. Try again in a moment.") from error
