"""A run taken back, as its file was matched to what it is not about; it stays to be read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Min, Q

from supplychain.base.errors import ConflictError, RefusedError
from testing.domain.records import RunRecord
from testing.domain.words import RestatementCause
from testing.models import BurnInRun, LotStep, Run, RunWithdrawal
from testing.services.copies import revived_by
from testing.services.lotsteps import lot_step_id_of, mark_changed
from testing.services.restating import add_counts, log_restatement, note_conflicts
from testing.services.runs import Anew, record_run
from testing.services.standings import numbered, recorded, set_aside
from testing.services.stating import settle_without


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """Who takes a run back, why, and under which key. asked_sha256: of all that is asked."""

    actor: User
    reason: str
    op_key: str
    asked_sha256: str


@transaction.atomic
def withdraw_run(
    *, run: Run, by: Withdrawal, cause: RestatementCause = RestatementCause.TAKEN_BACK
) -> Run:
    """Let a run count no more; the figures of its lot step are restated without it.

    Copies that it replaced count again. RefusedError without a reason; ConflictError when it was
    taken back before.
    """
    if not by.reason.strip():
        raise RefusedError("Say why the run is taken back.")
    lot_step = LotStep.objects.select_for_update(no_key=True).get(pk=run.lot_step_id)
    run = Run.objects.get(pk=run.pk)
    if run.is_withdrawn:
        raise ConflictError("This run was taken back meanwhile. Look at it again.", run=run.key)
    RunWithdrawal.objects.create(
        run=run,
        op_key=by.op_key,
        asked_sha256=by.asked_sha256,
        actor=by.actor,
        reason=by.reason.strip(),
    )
    run.is_withdrawn = True
    run.save(update_fields=["is_withdrawn"])
    revived = _count_without(lot_step, run)
    lot_step.first_started_at = _first_start(lot_step)
    mark_changed(lot_step, None)
    log_restatement(lot_step, cause, run, by.actor, by.reason.strip())
    settle_without(run, revived)
    return run


def _count_without(lot_step: LotStep, run: Run) -> list[Run]:
    """Number all others of the lot step anew; copies that count again."""
    seen = recorded(lot_step, Q())
    before = seen.counts()
    left = set_aside(seen, [run.pk])
    revived = revived_by(run)
    if revived:
        left = recorded(lot_step, Q(), [one.pk for one in revived])
    found = numbered(lot_step, left)
    add_counts(lot_step, before, found.counts)
    wafers = {*seen.claims.wafer.tolist(), *left.claims.wafer.tolist()}
    note_conflicts(lot_step, wafers, found.conflicts)
    return revived


def _first_start(lot_step: LotStep) -> datetime | None:
    rows = Run.objects.filter(lot_step=lot_step, is_withdrawn=False)
    loads = BurnInRun.objects.filter(lot_step=lot_step)
    starts = [one.aggregate(first=Min("started_at"))["first"] for one in (rows, loads)]
    return min((start for start in starts if start is not None), default=None)


def record_run_anew(*, run: Run, record: RunRecord, by: Withdrawal) -> Run:
    """Take a run back and record the same file under its right match: both or neither.

    Errors as of `withdraw_run` and `record_run`.
    """
    with transaction.atomic():
        target = lot_step_id_of(record.lot_id, record.step_id)
        both = LotStep.objects.filter(pk__in={run.lot_step_id, target}).order_by("pk")
        list(both.select_for_update(no_key=True))
        withdraw_run(run=run, by=by, cause=RestatementCause.MATCHED_ANEW)
        return record_run(record, Anew(by.actor, by.reason.strip()))
