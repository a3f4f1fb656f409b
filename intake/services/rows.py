"""Rows of feeds, applied one by one in the order they came; each in a transaction of its own."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import F, Q
from django.utils import timezone

from intake.domain.errors import PassedOverError, WaitingError
from intake.domain.waits import awaited
from intake.domain.words import STDF, UNKNOWN, FileState, RowState
from intake.models import FeedRow, RawFile
from intake.services.feed_files import state_from_rows
from intake.services.registry import FeedContext, FeedItem, feed_of
from intake.services.states import held_alone, recorded_progress, settle
from supplychain.base.errors import SupplychainError

log = logging.getLogger(__name__)

WAITING_MAX = timedelta(days=14)
ROWS_A_BATCH = 100
APPLIERS_LOCK = "intake.apply-rows"
MOVES = [
    "move", "arrive", "ship", "track-in", "track-out", "rework-out", "rework-in", "bank", "unbank",
]  # fmt: skip
MOVED = [*MOVES, "split", "merge", "dice"]
AWAITS_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a row. awaits: what a waiting one needs."""

    state: RowState
    reason: str = ""
    awaits: str = ""


def apply_next_rows() -> int:
    """Apply rows that were never tried, a batch of one file; how many. 0 when another applies.

    Rows are taken by file, then by the time they happened; none before every earlier report is
    read, so that two workers keep the partners' order. Each is a transaction of its own.
    """
    with held_alone(APPLIERS_LOCK) as is_ours:
        ids = _next_row_ids() if is_ours else []
        for row_id in ids:
            _apply(row_id, is_last=row_id == ids[-1])
    return len(ids)


def _next_row_ids() -> list[int]:
    """Of the first file with rows that were never tried, unless an earlier report is unread."""
    untried = FeedRow.objects.filter(state=RowState.WAITING, progress="")
    first = untried.order_by("file_id").values_list("file_id", flat=True).first()
    if first is None:
        return []
    unread = RawFile.objects.filter(
        state=FileState.RECEIVED, id__lt=first, due_at__lte=timezone.now()
    ).exclude(kind__in=[STDF, UNKNOWN])
    if unread.exists():
        return []
    rows = untried.filter(file=first).order_by(F("occurred_at").asc(nulls_first=True), "number")
    return list(rows.values_list("id", flat=True)[:ROWS_A_BATCH])


def _apply(row_id: int, *, is_last: bool) -> None:
    with transaction.atomic():
        row = locked_row(row_id)
        if row is None:
            return
        settle_row(row)
        if is_last and not row.file.rows.filter(state=RowState.WAITING, progress="").exists():
            settle_file(row.file)


def locked_row(row_id: int) -> FeedRow | None:
    """A row that still waits, locked until the transaction ends; None when it went on."""
    rows = FeedRow.objects.select_for_update(of=("self",)).select_related("file")
    return rows.filter(pk=row_id, state=RowState.WAITING).first()


def settle_row(row: FeedRow) -> None:
    """Apply the row, or say why not.

    A row that must wait is tried twice: what stood recorded is noted in between, so that whatever
    comes after the second try is seen to be newer.
    """
    now = timezone.now()
    outcome = _earlier_row(row) or _lot_waits(row) or _applied(row)
    if outcome.state is RowState.WAITING:
        row.progress = recorded_progress()
        outcome = _lot_waits(row) or _applied(row)
    if outcome.state is RowState.WAITING and now - row.file.received_at > WAITING_MAX:
        days = WAITING_MAX.days
        reason = f"Waited for {days} days in vain. {outcome.reason}"
        outcome = Outcome(RowState.QUARANTINED, reason)
    row.state, row.reason = outcome.state, outcome.reason.replace("\0", "")
    row.awaits = outcome.awaits.replace("\0", "")[:AWAITS_CHARACTERS]
    row.settled_at = None if outcome.state is RowState.WAITING else now
    row.save(update_fields=["state", "reason", "awaits", "progress", "settled_at"])


def _earlier_row(row: FeedRow) -> Outcome | None:
    """What another row under the same key makes of this one; None when there is none."""
    earlier = (
        FeedRow.objects.select_related("file")
        .filter(
            Q(state=RowState.APPLIED) | Q(state=RowState.WAITING, id__lt=row.pk), op_key=row.op_key
        )
        .exclude(pk=row.pk)
        .order_by("id")
        .first()
    )
    if earlier is None:
        return None
    place = f"row {earlier.number} of {earlier.file.name}"
    if earlier.content_sha256 == row.content_sha256:
        return Outcome(RowState.REPEATED, f"The same as {place}.")
    reason = (
        f"The same operation came before with other content, in {place}. Ask the sender which is "
        "right; repair this row or drop it."
    )
    return Outcome(RowState.QUARANTINED, reason)


def _lot_waits(row: FeedRow) -> Outcome | None:
    """Waiting, for what moves or divides a lot while earlier moves of it wait; None for all else.

    Otherwise the lot would jump ahead, and the earlier moves would be refused as going back.
    """
    lots = [row.content[name] for name in ("lot", "to_lot") if row.content.get(name)]
    if row.content.get("verb") not in MOVED or not lots or row.occurred_at is None:
        return None
    before = (
        FeedRow.objects.select_related("file")
        .filter(
            state=RowState.WAITING,
            content__lot__in=lots,
            content__verb__in=MOVES,
            occurred_at__lt=row.occurred_at,
        )
        .order_by("occurred_at", "id")
        .first()
    )
    if before is None:
        return None
    place = f"row {before.number} of {before.file.name}"
    lot = before.content["lot"]
    return Outcome(
        RowState.WAITING, f"An earlier move of lot {lot} still waits, in {place}.", place
    )


def _applied(row: FeedRow) -> Outcome:
    feed = feed_of(row.file.kind)
    assert feed is not None, f"no feed reads {row.file.kind}"
    file = row.file
    context = FeedContext(file.pk, file.sha256, file.name, file.received_at, row.number)
    item = FeedItem(row.number, row.op_key, row.content, row.occurred_at, row.line_count)
    try:
        with transaction.atomic():
            feed.apply(item, context)
    except WaitingError as error:
        return Outcome(RowState.WAITING, error.detail, awaited(error.fields))
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
    return Outcome(RowState.APPLIED)


def settle_file(file: RawFile) -> None:
    """Bring the file to what its rows say, under its own lock."""
    file = RawFile.objects.select_for_update().get(pk=file.pk)
    state_from_rows(file)
    settle(file, file.progress)
