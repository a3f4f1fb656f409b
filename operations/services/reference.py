"""What every installation starts with: each room's reference rows, the roles and the schedule."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django_celery_beat.models import IntervalSchedule, PeriodicTask

import finance.services
import lots.services
import quality.services
import racks.services
import testing.services

REFERENCE = Path(__file__).parent.parent / "reference"
ROOMS: dict[str, Callable[[], None]] = {
    "lots": lots.services.load_reference,
    "testing": testing.services.load_reference,
    "quality": quality.services.load_reference,
    "racks": racks.services.load_reference,
    "finance": finance.services.load_reference,
}


def load_all_reference() -> list[str]:
    """Names of the rooms loaded, lowest first. Safe to run at every start."""
    for load in ROOMS.values():
        load()
    load_reference()
    return [*ROOMS, "operations"]


@transaction.atomic
def load_reference() -> None:
    """Roles and schedule. Rights of a role are set to the list; its members stay."""
    rights = {
        f"{permission.content_type.app_label}.{permission.codename}": permission
        for permission in Permission.objects.select_related("content_type")
    }
    for role in json.loads((REFERENCE / "roles.json").read_text()):
        group, _ = Group.objects.get_or_create(name=role["name"])
        group.permissions.set(
            permission
            for name, permission in rights.items()
            if any(fnmatchcase(name, pattern) for pattern in role["rights"])
        )
    for entry in _scheduled():
        _schedule(entry)


def _scheduled() -> Iterable[dict[str, Any]]:
    for path in sorted(settings.BASE_DIR.glob("*/reference/schedule.json")):
        yield from json.loads(path.read_text())


def _schedule(entry: dict[str, Any]) -> None:
    # An interval that an administrator changed on the page is kept.
    every, _ = IntervalSchedule.objects.get_or_create(
        every=entry["every_seconds"], period=IntervalSchedule.SECONDS
    )
    PeriodicTask.objects.get_or_create(
        name=entry["name"], defaults={"task": entry["task"], "interval": every}
    )
