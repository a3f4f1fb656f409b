"""Who reads the books: let in while the limit allows it, and kept once the read came to an end."""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db import connection

from finance.models import LedgerRead, RunningRead


@dataclass(frozen=True, slots=True)
class Begun:
    """running: the read that was let in; None when its reader has to wait so long.

    end_seq: the ledger's end when it began.
    """

    running: int | None
    wait: timedelta | None
    end_seq: int


def begin_read(*, reader: User, now: datetime, a_minute: int) -> Begun:
    """Let the reader in, unless so many reads run or came to an end within the last minute.

    A read that begun runs until log_read() or end_read(), and ten minutes at most.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT running, wait, end_seq FROM finance_begin_read_v1(%s, %s, %s)",
            [reader.pk, now, a_minute],
        )
        running, wait, end_seq = cursor.fetchone()
    return Begun(running, wait, end_seq or 0)


def end_read(*, running: int) -> None:
    """It gave nothing of the books, so that it is not kept."""
    RunningRead.objects.filter(pk=running).delete()


def log_read(
    *, read: LedgerRead, chunks: Generator[tuple[bytes, int]], running: int | None = None
) -> Iterator[bytes]:
    """Pass the chunks on, counting their rows and hashing their bytes; then keep the read.

    It is kept when the last byte has left, or when the reader hung up. running: what began it.
    """
    sent = hashlib.sha256()
    read.row_count, read.is_whole = 0, False
    try:
        with closing(chunks):
            for chunk, rows in chunks:
                sent.update(chunk)
                read.row_count += rows
                yield chunk
        read.is_whole = True
    finally:
        read.sha256 = sent.hexdigest()
        _keep(read, running)


def _keep(read: LedgerRead, running: int | None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT finance_keep_read_v1(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            [
                running, read.reader_id, read.token_key, read.query, read.media_type,
                read.as_of_seq, read.row_count, read.is_whole, read.sha256, read.request_id,
            ],
        )  # fmt: skip
