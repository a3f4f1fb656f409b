"""Background work of this room. Each task drains what its query finds and can run twice."""

from __future__ import annotations

from celery import shared_task

from racks.services import store_contents

ROUNDS_MAX = 50


@shared_task(name="racks.store_contents")
def store_owed_contents() -> None:
    """Count what is in racks that changed; in slices, so that others get a turn."""
    for _ in range(ROUNDS_MAX):
        if not store_contents():
            return
    store_owed_contents.delay()
