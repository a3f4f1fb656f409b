"""While months of history come in within a minute, some of the clock's tasks must rest.

Detectors that ask for the hour would cry wolf, and a second loader would mix up the order in which
partners told their news.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db.models import Q
from django_celery_beat.models import PeriodicTask, PeriodicTasks

from intake.services.hooks import when_owed
from intake.tasks import nudge

TASKS = Q(task__startswith="quality.") | Q(task="intake.load_files")
NOTE = "paused.json"
NOTICED_SECONDS = 6.0
"""The scheduler looks for changes every five seconds."""


@contextmanager
def sweeps_paused(folder: Path) -> Iterator[Callable[[], None]]:
    """Switch off these scheduled tasks, and on again what was on; gives a wait until all rest.

    Files received meanwhile by this process wake no worker either.
    What was switched off stands in a file, so that a load cut in between is made good by the next.
    """
    note = folder / NOTE
    known: list[str] = json.loads(note.read_text()) if note.exists() else []
    running = PeriodicTask.objects.filter(TASKS, enabled=True)
    names = sorted({*known, *running.values_list("name", flat=True)})
    note.write_text(json.dumps(names))
    _switch(names, is_on=False)
    when_owed("load", _wake_nobody)
    at_rest = time.monotonic() + NOTICED_SECONDS
    try:
        yield lambda: time.sleep(max(0.0, at_rest - time.monotonic()))
    finally:
        when_owed("load", nudge)
        _switch(names, is_on=True)
        note.unlink()


def _wake_nobody() -> None:
    """The load that goes on here takes them."""


def _switch(names: list[str], *, is_on: bool) -> None:
    PeriodicTask.objects.filter(name__in=names).update(enabled=is_on)
    PeriodicTasks.update_changed()
