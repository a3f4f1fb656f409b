"""Bulk jobs and their lots, page by page after the last row seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Value
from django.db.models.functions import StrIndex, Substr

from lots.domain.words import Verb
from operations.domain.recalls import Exposure
from operations.domain.words import ItemState, JobState
from operations.models import BulkItem, BulkJob
from operations.selectors.recall import exposure_of_lots
from supplychain.base.errors import MissingError

PAGE_JOBS = 30
PAGE_ITEMS = 50
KINDS_MAX = 20
WARNED_MAX = 20
EXPOSED_MAX = 100
"""Lots of a job on holds whose reach is looked up before anybody agrees."""
WORKING = (JobState.CHECKING, JobState.WAITING, JobState.RUNNING)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job is: lots by state. looked_at: no longer waiting for the present stage.

    warned: those that would be done although something speaks against it.
    """

    total: int
    waiting: int
    ready: int
    done: int
    failed: int
    skipped: int
    warned: int
    is_checking: bool

    @property
    def looked_at(self) -> int:
        """Lots that the stage at work has behind it."""
        return self.total - (self.waiting if self.is_checking else self.ready)


@dataclass(frozen=True, slots=True)
class ItemPage:
    """Lots of a job in order. after: the last row, where the next page begins; 0 at the end."""

    items: Sequence[BulkItem]
    after: int


def job_by_id(pk: UUID) -> BulkJob:
    """MissingError for an unknown one."""
    job = BulkJob.objects.select_related("created_by").filter(pk=pk).first()
    if job is None:
        raise MissingError("There is no such job. Look at the list of jobs.")
    return job


def progress_of(job: BulkJob) -> Progress:
    """Counted in one query."""
    is_warned = ~Q(warnings=[])
    rows = job.items.order_by().values_list("state")
    found = list(rows.annotate(count=Count("id"), warned=Count("id", filter=is_warned)))
    counts = {state: count for state, count, _ in found}
    return Progress(
        total=sum(counts.values()),
        waiting=counts.get(ItemState.WAITING, 0),
        ready=counts.get(ItemState.READY, 0),
        done=counts.get(ItemState.DONE, 0),
        failed=counts.get(ItemState.FAILED, 0),
        skipped=counts.get(ItemState.SKIPPED, 0),
        warned=sum(warned for state, _, warned in found if state == ItemState.READY),
        is_checking=job.state in {JobState.CHECKING, JobState.CHECKED},
    )


def refusals_of(job: BulkJob) -> list[tuple[str, int]]:
    """What was refused, by the title of the reason, most frequent first."""
    title = Substr("reason", 1, StrIndex("reason", Value(":")) - 1)
    failed = job.items.filter(state=ItemState.FAILED, reason__contains=":")
    rows = failed.order_by().annotate(title=title).values_list("title")
    return list(rows.annotate(count=Count("id")).order_by("-count", "title")[:KINDS_MAX])


def warned_items(job: BulkJob) -> Sequence[BulkItem]:
    """The first lots that would be done although something speaks against it."""
    ready = job.items.filter(state=ItemState.READY).exclude(warnings=[])
    return list(ready.select_related("lot").order_by("id")[:WARNED_MAX])


def exposure_of_job(job: BulkJob) -> Exposure | None:
    """What the holds of a job would reach; None for other acts, and for more than 100 lots."""
    if job.verb != Verb.HOLD:
        return None
    ready = job.items.filter(state=ItemState.READY).values_list("lot", flat=True)
    lot_ids = list(ready[: EXPOSED_MAX + 1])
    return exposure_of_lots(lot_ids) if 0 < len(lot_ids) <= EXPOSED_MAX else None


def items_of(job: BulkJob, state: str, after: int, *, is_warned: bool = False) -> ItemPage:
    """A page of the job's lots in this state, or in any; is_warned: only those warned of."""
    items = job.items.filter(id__gt=after).select_related("lot", "event").order_by("id")
    if state:
        items = items.filter(state=state)
    if is_warned:
        items = items.exclude(warnings=[])
    found = list(items[: PAGE_ITEMS + 1])
    shown = found[:PAGE_ITEMS]
    return ItemPage(shown, shown[-1].pk if len(found) > PAGE_ITEMS else 0)


def recent_jobs() -> QuerySet[BulkJob]:
    """The newest jobs with their counts of lots, done and failed."""
    newest = BulkJob.objects.order_by("-created_at", "-id")[:PAGE_JOBS].values("pk")
    return (
        BulkJob.objects.filter(pk__in=newest)
        .select_related("created_by")
        .annotate(lot_count=Count("items"))
        .order_by("-created_at", "-id")
    )
