"""Rows of feeds, applied one by one in the order they came; each in a transaction of its own."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import F, Min, QuerySet
from django.utils import timezone

from intake.domain.errors import PassedOverError, RepeatedError, WaitingError
from intake.domain.waits import awaited, row_key, swept_at, told_keys, wake_keys
from intake.domain.words import TEST_KINDS, UNKNOWN, WOKEN, FileState, RowState
from intake.models import FeedRow, RawFile, RowWait
from intake.services.feed_files import state_from_rows
from intake.services.registry import FeedContext, FeedItem, feed_of
from intake.services.standing import Standing, files_of, row_standing
from intake.services.states import held_alone, settle
from intake.services.waking import wake
from supplychain.base.errors import SupplychainError

log = logging.getLogger(__name__)

WAITING_MAX = timedelta(days=14)
ROWS_A_BATCH = 100
APPLIERS_LOCK = "intake.apply-rows"
AWAITS_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a row. awaits: what a waiting one needs, in words; keys: what wakes it."""

    state: RowState
    reason: str = ""
    awaits: str = ""
    keys: tuple[str, ...] = field(default=())


def apply_next_rows() -> int:
    """Apply rows that were never tried, a batch; how many. 0 when another worker applies.

    Rows are taken by file, then by the time they happened; none before every earlier report is
    read, so that two workers keep the partners' order. Each is a transaction of its own.
    """
    with held_alone(APPLIERS_LOCK) as is_ours:
        ids = _new_row_ids() if is_ours else []
        apply_rows(ids)
    return len(ids)


def apply_woken_rows() -> int:
    """Try parked rows again that were woken, a batch, in order of what happened; how many.

    The caller holds APPLIERS_LOCK.
    """
    woken = FeedRow.objects.filter(state=RowState.WAITING, progress=WOKEN)
    ordered = woken.order_by(F("occurred_at").asc(nulls_first=True), "file", "number")
    ids = list(ordered.values_list("id", flat=True)[:ROWS_A_BATCH])
    apply_rows(ids)
    return len(ids)


def are_rows_ready() -> bool:
    """Whether a row could be tried now: one never tried, or one that was woken."""
    woken = FeedRow.objects.filter(state=RowState.WAITING, progress=WOKEN)
    return _new_rows().exists() or woken.exists()


def _new_row_ids() -> list[int]:
    ordered = _new_rows().order_by("file_id", F("occurred_at").asc(nulls_first=True), "number")
    return list(ordered.values_list("id", flat=True)[:ROWS_A_BATCH])


def _new_rows() -> QuerySet[FeedRow]:
    """Rows never tried, of files before the first report that is not read yet."""
    unread = RawFile.objects.filter(state=FileState.RECEIVED, due_at__lte=timezone.now()).exclude(
        kind__in=[*TEST_KINDS, UNKNOWN]
    )
    first = unread.aggregate(first=Min("id"))["first"]
    rows = FeedRow.objects.filter(state=RowState.WAITING, progress="")
    if first is not None:
        rows = rows.filter(file__lt=first)
    return rows


def apply_rows(row_ids: Sequence[int]) -> None:
    """Try these rows, then wake what waited behind them and bring their files up to date.

    A process that dies before the last two loses neither: the sweep finds both.
    """
    files = files_of(row_ids)
    keys: set[str] = set()
    moved: set[int] = set()
    for row_id in row_ids:
        with transaction.atomic():
            standing = row_standing(row_id, files[row_id])
            if standing is None:
                continue
            row = settle_row(standing)
        if row.state != RowState.WAITING:
            keys.update(told_keys(row.pk, row.content))
        if row.state != RowState.WAITING or not row.progress:
            moved.add(row.file_id)
    wake(keys)
    for file in {file.pk: file for file in files.values() if file.pk in moved}.values():
        if not file.rows.filter(state=RowState.WAITING, progress="").exists():
            settle_file(file)


def settle_row(standing: Standing) -> FeedRow:
    """Apply the row, or say why not; the row as it stands now.

    It waits for WAITING_MAX from when its file came, or from when a person had it tried again.
    """
    now, row = timezone.now(), standing.row
    outcome = _earlier_row(standing) or _lot_waits(standing) or _applied(row)
    since = row.decided_at or row.file.received_at
    if outcome.state is RowState.WAITING and now - since > WAITING_MAX:
        days = WAITING_MAX.days
        reason = f"Waited for {days} days in vain. {outcome.reason}"
        outcome = Outcome(RowState.QUARANTINED, reason)
    is_parked = outcome.state is RowState.WAITING
    row.state, row.reason = outcome.state, outcome.reason.replace("\0", "")
    FeedRow.objects.filter(pk=row.pk).update(
        state=row.state,
        reason=row.reason,
        awaits=outcome.awaits.replace("\0", "")[:AWAITS_CHARACTERS],
        progress=str(standing.seq) if is_parked else row.progress,
        retry_at=swept_at(now, row.decided_at or row.recorded_at) if is_parked else None,
        settled_at=None if is_parked else now,
    )
    if is_parked:
        RowWait.objects.bulk_create(
            RowWait(row=row, key=key, seq=standing.seq) for key in outcome.keys
        )
    return row


def _earlier_row(standing: Standing) -> Outcome | None:
    """What another row under the same key makes of this one; None when there is none."""
    if standing.earlier_id is None:
        return None
    earlier = FeedRow.objects.select_related("file").get(pk=standing.earlier_id)
    place = f"row {earlier.number} of {earlier.file.name}"
    if earlier.content_sha256 == standing.row.content_sha256:
        return Outcome(RowState.REPEATED, f"The same as {place}.")
    reason = (
        f"The same operation came before with other content, in {place}. Ask the sender which is "
        "right; repair this row or drop it."
    )
    return Outcome(RowState.QUARANTINED, reason)


def _lot_waits(standing: Standing) -> Outcome | None:
    """Waiting, for what moves or divides a lot while earlier moves of it wait; None for all else.

    Otherwise the lot would jump ahead, and the earlier moves would be refused as going back. The
    first of them is named; the last is what this one waits for, so that they go on one by one.
    """
    if standing.first_id is None or standing.nearest_id is None:
        return None
    before = FeedRow.objects.select_related("file").get(pk=standing.first_id)
    place = f"row {before.number} of {before.file.name}"
    lot = before.content["lot"]
    return Outcome(
        RowState.WAITING,
        f"An earlier move of lot {lot} still waits, in {place}.",
        place,
        (row_key(standing.nearest_id),),
    )


def _applied(row: FeedRow) -> Outcome:
    feed = feed_of(row.file.kind)
    assert feed is not None, f"no feed reads {row.file.kind}"
    file = row.file
    context = FeedContext(file.pk, file.sha256, file.name, file.received_at, row.number)
    item = FeedItem(row.number, row.op_key, row.content, row.occurred_at, row.line_count)
    try:
        with transaction.atomic():
            note = feed.apply(item, context)
    except WaitingError as error:
        keys = wake_keys(row.content, error.fields)
        return Outcome(RowState.WAITING, error.detail, awaited(error.fields), keys)
    except RepeatedError as error:
        return Outcome(RowState.REPEATED, error.detail)
    except PassedOverError as error:
        return Outcome(RowState.DROPPED, error.detail)
    except SupplychainError as error:
        return Outcome(RowState.QUARANTINED, error.detail)
    except (OperationalError, InterfaceError):
        raise  # the database is away or broke a deadlock: the row is tried again
    except Exception as error:
        log.exception("feed row %s could not be applied", row.pk)
        fault = f"A fault here ({type(error).__name__}); it is in the log."
        return Outcome(RowState.QUARANTINED, fault)
    return Outcome(RowState.APPLIED, note or "")


@transaction.atomic
def settle_file(file: RawFile) -> None:
    """Bring the file to what its rows say, under its own lock."""
    file = RawFile.objects.select_for_update().get(pk=file.pk)
    state_from_rows(file)
    settle(file, file.progress)
