"""Reads that belong together see one state of the database, whoever writes meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction


@contextmanager
def snapshot(*, is_read_only: bool = True) -> Iterator[None]:
    """One snapshot for the block. Inside a transaction already begun: whatever that one sees."""
    is_outermost = not connection.in_atomic_block
    with transaction.atomic():
        if is_outermost:
            only = ", READ ONLY" if is_read_only else ""
            with connection.cursor() as cursor:
                cursor.execute(f"SET TRANSACTION ISOLATION LEVEL REPEATABLE READ{only}")
        yield
