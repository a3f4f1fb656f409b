"""What a worker does for bulk jobs: batch by batch, each lot by itself or all of them as one.

What a job owes stands in its rows, and a claim is the job's row lock: a worker that dies leaves a
batch undone, and a batch that runs twice finds its keys used.
"""

from __future__ import annotations

import logging
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from django.db import OperationalError, connection, transaction
from django.db.models import QuerySet

from lots.domain.commands import Command
from lots.domain.words import Source
from lots.models import Event, Lot
from lots.services import locked_lots
from operations.domain.changes import changes
from operations.domain.words import OWED_STATES, ItemState, JobState
from operations.models import BulkItem, BulkJob
from operations.selectors.warnings import warnings_of
from operations.services.bulk_acts import BULK_ACTS, BulkAct, wish_of
from operations.services.lot_facts import facts_of
from supplychain.base.errors import ForbiddenError, SupplychainError

log = logging.getLogger(__name__)

BATCH_ITEMS = 25
AS_ONE_MAX = 1_000
"""All or nothing is one transaction, and nobody else writes to the ledger while it lasts."""
SAMPLE_LOTS = 5
TRIES = 3
"""Of a batch that the database takes back; then its lots go one by one, until one is to blame."""
SKIPPED_AS_ONE = "Taken back, because another lot was refused."
_taken_back: Counter[UUID] = Counter()
"""Tries by job, as this worker saw them."""


def work_owed(*, now: datetime, rounds_max: int = 1) -> bool:
    """A batch of every job that owes one, so that small jobs do not wait for large ones.

    Whether anything is left. A batch that a database error took back is tried at the next call.
    """
    for _ in range(rounds_max):
        ids = list(_owed().values_list("pk", flat=True))
        for pk in ids:
            work_batch(job_id=pk, now=now)
        if not ids:
            return False
    return _owed().exists()


def _owed() -> QuerySet[BulkJob]:
    return BulkJob.objects.filter(state__in=OWED_STATES).order_by("created_at")


def work_batch(*, job_id: UUID, now: datetime) -> None:
    """The next few lots of one job; nothing when another worker has the job."""
    is_single = _taken_back[job_id] >= TRIES
    try:
        with transaction.atomic():
            job = _claimed(job_id)
            if job is not None:
                _work(job, now, 1 if is_single else BATCH_ITEMS)
    except OperationalError as error:
        log.exception("batch of job %s was taken back; it is tried again", job_id)
        _taken_back[job_id] += 1
        if is_single:
            with suppress(OperationalError):  # a database that is away blames nobody
                _blame(job_id, error)
    else:
        if not is_single or job is None or job.state not in OWED_STATES:
            del _taken_back[job_id]


def _claimed(job_id: UUID) -> BulkJob | None:
    owed = _owed().select_for_update(skip_locked=True, of=("self",))
    return owed.select_related("created_by").filter(pk=job_id).first()


def _blame(job_id: UUID, error: OperationalError) -> None:
    """Fail the lot that the database does not take; all of them, where they go as one."""
    with transaction.atomic():
        job = _claimed(job_id)
        if job is None:
            return
        state = ItemState.WAITING if job.state == JobState.CHECKING else ItemState.READY
        items = _next_items(job, state, AS_ONE_MAX if job.is_all_or_nothing else 1)
        reason = f"The database took it back {TRIES + 1} times: {error}. Retry it later."
        job.items.filter(pk__in=[item.pk for item in items]).update(
            state=ItemState.FAILED, reason=reason
        )
    del _taken_back[job_id]


def _work(job: BulkJob, now: datetime, count: int) -> None:
    if not job.created_by.has_perm(BULK_ACTS[job.verb].right):
        _refuse(job, now)
    elif job.state == JobState.CHECKING:
        _check(job, count)
    elif job.is_all_or_nothing:
        _do_as_one(job, now)
    else:
        _do(job, now, count)


def _refuse(job: BulkJob, now: datetime) -> None:
    """Who asked has lost the right since, or has left."""
    left = job.items.filter(state__in=[ItemState.WAITING, ItemState.READY])
    left.update(
        state=ItemState.FAILED,
        reason=f"{ForbiddenError.title}: {job.created_by} may not {job.verb} lots any more. "
        "Somebody who may can make a job over the same lots.",
    )
    if job.state != JobState.CHECKING:
        _end(job, now)
        return
    job.state = JobState.CHECKED
    job.save(update_fields=["state"])


def _next_items(job: BulkJob, state: ItemState, count: int) -> list[BulkItem]:
    items = job.items.filter(state=state).select_related("lot", "job")
    return list(items.order_by("id")[:count])


def _check(job: BulkJob, count: int) -> None:
    """Each lot is tried by itself and put back at once."""
    items = _next_items(job, ItemState.WAITING, count)
    warned = _warnings(job, items)
    for item in items:
        outcome = _tried(item, keeps=False, is_sampled=len(job.sample) < SAMPLE_LOTS)
        item.state = ItemState.FAILED if outcome.reason else ItemState.READY
        item.reason = outcome.reason
        item.warnings = [] if outcome.reason else warned[item.lot_id]
        if outcome.rows:
            job.sample.append(outcome.rows)
    BulkItem.objects.bulk_update(items, ["state", "reason", "warnings"])
    if len(items) < count:
        job.state = JobState.CHECKED
    job.save(update_fields=["state", "sample"])


def _warnings(job: BulkJob, items: Sequence[BulkItem]) -> Mapping[int, list[str]]:
    """Lot id → what its preview would warn of, were it alone."""
    lots = Lot.objects.filter(pk__in=[item.lot_id for item in items])
    found: dict[int, list[str]] = defaultdict(list)
    to_step = str(job.answers.get("to_step", ""))
    known = list(lots.select_related("step", "route_version"))
    for one in warnings_of(job.verb, known, to_step):
        found[one.lot.pk].append(str(one))
    return found


def _do(job: BulkJob, now: datetime, count: int) -> None:
    items = _next_items(job, ItemState.READY, count)
    _carry_out(job, items)
    BulkItem.objects.bulk_update(items, ["state", "reason", "event"])
    if len(items) < count:
        _end(job, now)
    elif job.state == JobState.WAITING:
        job.state = JobState.RUNNING
        job.save(update_fields=["state"])


def _do_as_one(job: BulkJob, now: datetime) -> None:
    items = _next_items(job, ItemState.READY, AS_ONE_MAX)
    with transaction.atomic():
        _carry_out(job, items)
        is_refused = any(item.state == ItemState.FAILED for item in items)
        transaction.set_rollback(is_refused)
    if is_refused:
        for item in items:
            if item.state == ItemState.DONE:
                item.state, item.event, item.reason = ItemState.SKIPPED, None, SKIPPED_AS_ONE
    BulkItem.objects.bulk_update(items, ["state", "reason", "event"])
    _end(job, now)


def _end(job: BulkJob, now: datetime) -> None:
    job.state, job.finished_at = JobState.DONE, now
    job.save(update_fields=["state", "finished_at"])


def _carry_out(job: BulkJob, items: Sequence[BulkItem]) -> None:
    # All of them before the first event locks the ledger's head, or two jobs may deadlock.
    locked_lots(item.lot_id for item in items)
    for item in items:
        outcome = _tried(item, keeps=True)
        item.state = ItemState.FAILED if outcome.reason else ItemState.DONE
        item.reason, item.event = outcome.reason, outcome.event


@dataclass(frozen=True, slots=True)
class Outcome:
    """What trying one lot gave. reason: of a refusal, with its title. rows: what would change."""

    event: Event | None = None
    reason: str = ""
    rows: tuple[dict[str, str], ...] = ()


def _tried(item: BulkItem, *, keeps: bool, is_sampled: bool = False) -> Outcome:
    act = BULK_ACTS[item.job.verb]
    try:
        with transaction.atomic():
            outcome = _run(act, item, is_sampled=is_sampled)
            transaction.set_rollback(not keeps)
    except SupplychainError as error:
        return Outcome(reason=f"{error.title}: {error.detail}")
    except OperationalError:
        raise
    except Exception:
        log.exception("item %s of job %s", item.pk, item.job_id)
        return Outcome(reason=f"A fault in the service: see its log for item {item.pk}.")
    return outcome


def _run(act: BulkAct, item: BulkItem, *, is_sampled: bool) -> Outcome:
    asked = wish_of(item.job.verb, item.job.answers, item.job.happened_at.isoformat())
    before = facts_of([item.lot]) if is_sampled else {}
    event = act.run(item.lot, asked, _command(item))
    _check_balance_now()
    if not is_sampled:
        return Outcome(event=event)
    rows = changes(before, facts_of([item.lot]))
    return Outcome(event=event, rows=tuple(asdict(row) for row in rows))


def _check_balance_now() -> None:
    """The ledger's deferred checks belong to this lot alone, not to the batch it runs in."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def _command(item: BulkItem) -> Command:
    job = item.job
    return Command(
        op_key=f"bulk:{job.pk}:{item.lot_id}:{item.attempt}",
        occurred_at=job.happened_at,
        source=Source.PERSON,
        actor_id=job.created_by_id,
        source_reference=f"job {job.pk}",
        reason=str(job.answers.get("reason", "")),
        comment=str(job.answers.get("comment", "")),
        expected_version=item.version,
    )
