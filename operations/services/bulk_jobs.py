"""Jobs: one act on many lots. A worker tries it first, a person agrees, the worker does it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import connection, transaction
from django.db.models import F, OuterRef, QuerySet, Subquery

from lots.models import Lot
from operations.domain.words import OWED_STATES, ItemState, JobState
from operations.models import BulkJob
from operations.services.bulk_acts import BULK_ACTS, wish_of
from operations.services.bulk_work import AS_ONE_MAX
from supplychain.base.errors import ForbiddenError, MalformedError, MissingError, RefusedError

ITEMS_MAX = 20_000


@transaction.atomic
def check_lots(
    *, verb: str, answers: Mapping[str, Any], lots: QuerySet[Lot], actor: User, now: datetime
) -> BulkJob:
    """A new job over these lots, to be tried by a worker. Its rows are written in one statement.

    answers: as the API takes them. MalformedError for no lot, too many, or answers that do not fit.
    """
    if verb not in BULK_ACTS:
        raise MissingError(f"Nobody can {verb} many lots at once.")
    wish_of(verb, answers, now.isoformat())
    job = BulkJob.objects.create(
        verb=verb, answers=dict(answers), occurred_at=now, created_by=actor
    )
    count = _fill(job, lots)
    if not 1 <= count <= ITEMS_MAX:
        raise MalformedError(
            f"{count:,} lots fit, more than the {ITEMS_MAX:,} of one job. Narrow the filter."
            if count
            else "No lot fits. Pick some, or widen the filter."
        )
    return job


def _fill(job: BulkJob, lots: QuerySet[Lot]) -> int:
    rows = lots.order_by("pk").values_list("pk", "version")[: ITEMS_MAX + 1]
    picked, parameters = rows.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO operations_bulkitem"  # noqa: S608
            " (job_id, lot_id, version, state, attempt, reason, warnings)"
            " SELECT %s, picked.id, picked.version, %s, 1, '', '[]'"
            f" FROM ({picked}) AS picked (id, version)",
            [job.pk, ItemState.WAITING, *parameters],
        )
        return int(cursor.rowcount)


@transaction.atomic
def start_job(*, job: BulkJob, actor: User, is_all_or_nothing: bool, now: datetime) -> BulkJob:
    """Who asked agrees to what the check found. RefusedError when nothing, or not all, would go.

    ForbiddenError for anybody else, here and below: the events of a job bear its creator's name.
    """
    job = _locked(job, actor)
    _refuse_state(job, {JobState.CHECKED})
    ready = job.items.filter(state=ItemState.READY).count()
    refused = job.items.filter(state=ItemState.FAILED).count()
    if not ready:
        raise RefusedError("Every lot was refused; there is nothing to do.")
    if is_all_or_nothing and refused:
        raise RefusedError(
            f"{refused:,} would be refused, so all or nothing is nothing. Leave the switch off to "
            "do the others."
        )
    if is_all_or_nothing and ready > AS_ONE_MAX:
        raise RefusedError(
            f"At most {AS_ONE_MAX:,} lots can be done as one; here are {ready:,}. Narrow the "
            "filter, or leave the switch off."
        )
    job.is_all_or_nothing, job.state, job.occurred_at = is_all_or_nothing, JobState.WAITING, now
    job.save(update_fields=["is_all_or_nothing", "state", "occurred_at"])
    return job


@transaction.atomic
def cancel_job(*, job: BulkJob, actor: User, now: datetime) -> BulkJob:
    """What is done stays done; the rest is left alone."""
    job = _locked(job, actor)
    _refuse_state(job, {JobState.CHECKED, *OWED_STATES})
    left = job.items.filter(state__in=[ItemState.WAITING, ItemState.READY])
    left.update(state=ItemState.SKIPPED, reason=f"Cancelled by {actor}.")
    job.state, job.finished_at = JobState.CANCELLED, now
    job.save(update_fields=["state", "finished_at"])
    return job


@transaction.atomic
def retry_failed(*, job: BulkJob, actor: User, now: datetime) -> BulkJob:
    """A new attempt at what was refused, on the lots as they are now."""
    job = _locked(job, actor)
    _refuse_state(job, {JobState.DONE})
    again = [ItemState.FAILED, *([ItemState.SKIPPED] if job.is_all_or_nothing else [])]
    version = Lot.objects.filter(pk=OuterRef("lot")).values("version")
    count = job.items.filter(state__in=again).update(
        state=ItemState.READY,
        reason="",
        attempt=F("attempt") + 1,
        version=Subquery(version),
    )
    if not count:
        raise RefusedError("No lot of this job failed; there is nothing to try again.")
    job.state, job.finished_at, job.occurred_at = JobState.WAITING, None, now
    job.save(update_fields=["state", "finished_at", "occurred_at"])
    return job


def _locked(job: BulkJob, actor: User) -> BulkJob:
    locked = BulkJob.objects.select_for_update().get(pk=job.pk)
    if locked.created_by_id != actor.pk:
        raise ForbiddenError(
            f"Only {job.created_by}, who asked for this job, may start, retry or cancel it. Make a "
            "job of your own over the same lots."
        )
    return locked


def _refuse_state(job: BulkJob, allowed: set[JobState]) -> None:
    if job.state not in allowed:
        raise RefusedError(f"The job is {job.get_state_display().lower()}. Read its page again.")
