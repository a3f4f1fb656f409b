"""Long polls of the ledger: a reader at its end may wait for what comes next."""

from __future__ import annotations

import time
from threading import BoundedSemaphore

from django.db import connection

from lots.selectors import head_seq

WAIT_SECONDS_MAX = 25
POLL_SECONDS = 0.2
WAITING_MAX = 2  # of the four threads of a web worker; the others go on answering
_places = BoundedSemaphore(WAITING_MAX)


def wait_for_more(after_seq: int, seconds: int) -> None:
    """Return once the ledger has passed after_seq, or after so many seconds.

    At once inside a transaction, which would be held meanwhile, when too many wait already, and
    for a seq that the ledger has yet to reach.
    """
    if not seconds or connection.in_atomic_block or not _places.acquire(blocking=False):
        return
    try:
        until = time.monotonic() + seconds
        while head_seq() == after_seq and time.monotonic() < until:
            time.sleep(POLL_SECONDS)
    finally:
        _places.release()
