"""Which task runs how often, from every room's own file into the scheduler's tables."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from django.apps import apps
from django.db import transaction
from django_celery_beat.models import IntervalSchedule, PeriodicTask

FROM_REFERENCE = "From the reference data of its room."


@dataclass(frozen=True, slots=True)
class TimedTask:
    """A task and its interval."""

    task: str
    every_seconds: int
    name: str


def load_schedule() -> None:
    """Add and renew what the rooms list, and remove what they no longer do.

    Whether a task is switched on is the administrator's choice and stays.
    """
    wanted = read_schedule()
    with transaction.atomic():
        for timed in wanted:
            interval, _ = IntervalSchedule.objects.get_or_create(
                every=timed.every_seconds, period=IntervalSchedule.SECONDS
            )
            PeriodicTask.objects.update_or_create(
                name=timed.name,
                defaults={
                    "task": timed.task,
                    "interval": interval,
                    "description": FROM_REFERENCE,
                    # A run that nobody took before the next one is due is worth nothing.
                    "expire_seconds": max(timed.every_seconds, 10),
                },
            )
        names = [timed.name for timed in wanted]
        PeriodicTask.objects.filter(description=FROM_REFERENCE).exclude(name__in=names).delete()


def read_schedule() -> list[TimedTask]:
    """What the rooms' reference files list, in order of the rooms."""
    wanted = []
    for app in apps.get_app_configs():
        path = Path(app.path) / "reference" / "schedule.json"
        if path.is_file():
            rows = json.loads(path.read_text())
            wanted += [
                TimedTask(row["task"], int(row["every_seconds"]), row["name"]) for row in rows
            ]
    return wanted
