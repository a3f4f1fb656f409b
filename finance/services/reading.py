"""Who read the ledger: kept when the last byte has left, or when the reader hung up."""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Iterator
from contextlib import closing

from finance.models import LedgerRead


def log_read(*, read: LedgerRead, chunks: Generator[tuple[bytes, int]]) -> Iterator[bytes]:
    """Pass the chunks on, counting their rows and hashing their bytes; then keep the read."""
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
        read.save(force_insert=True)
