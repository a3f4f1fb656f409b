"""What a person decides of rows: put right, tried again, or dropped for good."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from io import BytesIO
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from intake.domain.archives import Unpacked
from intake.domain.contents import content_sha256, storage_fault
from intake.domain.errors import FileRefusedError
from intake.domain.tables import LINE_BYTES_MAX, instant_of
from intake.domain.waits import told_keys
from intake.domain.words import OPEN_ROW_STATES, SETTLED_STATES, RowState
from intake.models import FeedRow, RawFile, RowWait
from intake.services.feed_files import state_from_rows
from intake.services.hooks import tell_owed
from intake.services.mappings import mapping_of
from intake.services.matching_by_hand import NotOwedError
from intake.services.registry import FeedItem, mapped_feed_of
from intake.services.waking import wake
from supplychain.base.errors import MalformedError
from supplychain.base.storing import stored

UNREAD = ":unread:"
REASON_CHARACTERS_MAX = 400
REPLAYED = (RowState.WAITING, RowState.QUARANTINED, RowState.DROPPED)


@transaction.atomic
def replay_rows(*, rows: Sequence[FeedRow], actor: AbstractBaseUser | None = None) -> int:
    """Try waiting, quarantined and dropped rows again; how many.

    Those that could not be read stay as they are until they are repaired.
    """
    locked = _locked(rows, REPLAYED).exclude(op_key__contains=UNREAD)
    ids = [row.pk for row in locked]
    FeedRow.objects.filter(pk__in=ids).update(
        state=RowState.WAITING,
        progress="",
        reason="It is tried again.",
        awaits="",
        settled_at=None,
        **_decided(actor),
    )
    RowWait.objects.filter(row__in=ids).delete()
    _renew_files(ids)
    return len(ids)


@transaction.atomic
def drop_rows(*, rows: Sequence[FeedRow], reason: str, actor: AbstractBaseUser) -> int:
    """Leave waiting and quarantined rows out for good, with a reason; how many.

    MalformedError without a reason; NotOwedError when one is settled already.
    """
    reason = reason.strip()
    if not reason or len(reason) > REASON_CHARACTERS_MAX:
        raise MalformedError(
            f"Say in up to {REASON_CHARACTERS_MAX} letters why they are dropped.", field="reason"
        )
    open_rows = list(_locked(rows, tuple(OPEN_ROW_STATES)))
    ids = [row.pk for row in open_rows]
    if len(ids) < len({row.pk for row in rows}):
        settled = next(row for row in rows if row.pk not in ids)
        raise NotOwedError(f"Row {settled.number} of {settled.file} is settled. Read it again.")
    FeedRow.objects.filter(pk__in=ids).update(
        state=RowState.DROPPED,
        reason=f"Dropped by {actor.get_username()}: {reason}",
        awaits="",
        settled_at=timezone.now(),
        **_decided(actor),
    )
    RowWait.objects.filter(row__in=ids).delete()
    wake({key for row in open_rows for key in told_keys(row.pk, row.content)})
    _renew_files(ids)
    return len(ids)


@transaction.atomic
def repair_row(
    *, row: FeedRow, content: Mapping[str, Any], actor: AbstractBaseUser | None = None
) -> FeedRow:
    """Put right what a quarantined or waiting row says, and try it again.

    What it said first is kept beside it. NotOwedError for one that is settled; MalformedError for
    values that cannot be kept, or a time that is none.
    """
    row = _open_row(row)
    if fault := storage_fault(content):
        raise MalformedError(f"The row cannot be kept: {fault}.", field="content")
    if "text" in content and UNREAD in row.op_key:
        _read_again(row, str(content["text"]))
    else:
        _rewrite(row, dict(content), _instant(content) or row.occurred_at)
    row.state, row.progress, row.settled_at = RowState.WAITING, "", None
    row.reason, row.awaits = "It was repaired and is tried again.", ""
    row.decided_by_id, row.decided_at = actor.pk if actor else None, timezone.now()
    row.save()
    row.waits.all().delete()
    _renew_files([row.pk])
    return row


def _open_row(row: FeedRow) -> FeedRow:
    row = FeedRow.objects.select_for_update(of=("self",)).select_related("file").get(pk=row.pk)
    if row.state not in OPEN_ROW_STATES:
        raise NotOwedError(f"Row {row.number} is {row.state}; it cannot be changed any more.")
    return row


def _rewrite(row: FeedRow, content: dict[str, Any], occurred_at: datetime | None) -> None:
    row.original = row.original or row.content
    row.content, row.content_sha256 = content, content_sha256(content)
    row.occurred_at = occurred_at


def _instant(content: Mapping[str, Any]) -> datetime | None:
    value = content.get("occurred_at")
    return None if value is None else instant_of(str(value), "occurred_at")


def _read_again(row: FeedRow, text: str) -> None:
    """A line that could not be read, read once more below its own file's first line."""
    feed = mapped_feed_of(row.file.kind)
    if feed is None or "\n" in text:
        raise MalformedError("This row cannot be mended here. Send the file again.", field="text")
    mapping = mapping_of(row.file)
    line = text.encode(mapping.encoding, "replace")
    try:
        items = list(feed.parse_mapped(BytesIO(_first_line(row.file) + line), mapping))
    except FileRefusedError as error:
        raise MalformedError(error.detail, field="text") from error
    if len(items) != 1 or not isinstance(items[0], FeedItem):
        why = getattr(items[0], "reason", "") if items else "It says nothing."
        raise MalformedError(f"The line can still not be read. {why}", field="text")
    _rewrite(row, dict(items[0].content), items[0].occurred_at)
    row.op_key = items[0].op_key


def _first_line(file: RawFile) -> bytes:
    with stored(file.storage_path) as source:
        head = Unpacked(source).head(LINE_BYTES_MAX)
    return head.split(b"\n", 1)[0].rstrip(b"\r") + b"\n"


def _locked(rows: Sequence[FeedRow], states: Sequence[RowState]) -> QuerySet[FeedRow]:
    return (
        FeedRow.objects.select_for_update(of=("self",))
        .filter(pk__in=[row.pk for row in rows], state__in=states)
        .order_by("id")
    )


def _decided(actor: AbstractBaseUser | None) -> dict[str, Any]:
    return {"decided_by": actor, "decided_at": timezone.now()}


def _renew_files(row_ids: Sequence[int]) -> None:
    tell_owed()
    files = RawFile.objects.select_for_update(of=("self",)).filter(rows__in=row_ids).order_by("id")
    for file in {file.pk: file for file in files}.values():
        state_from_rows(file)
        file.settled_at = None if file.state not in SETTLED_STATES else timezone.now()
        file.save(update_fields=["state", "message", "summary", "settled_at"])
