"""What scans name at a tracking station, and what was done there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db.models import Exists, OuterRef

from lots.domain.words import Verb
from lots.models import Event, Lot
from testing.models import Equipment

SCAN = "scan"
"""Source reference of events that a scan alone wrote."""
SHOWN_MAX = 12
SHOWN_HOURS = 12


def scanned_lot(names: Iterable[str]) -> Lot | None:
    """The first lot named, as written or in capitals."""
    for name in names:
        lot = Lot.objects.filter(code__in={name, name.upper()}).first()
        if lot is not None:
            return lot
    return None


def scanned_equipment(names: Iterable[str]) -> str:
    """The code of the first tester, oven or other equipment named; empty for none."""
    for name in names:
        found = Equipment.objects.filter(code__in={name, name.upper()}).first()
        if found is not None:
            return str(found.code)
    return ""


def scans_of(person: User, now: datetime) -> Sequence[Event]:
    """What the person tracked by scanner in the last hours, newest first, with `is_taken_back`."""
    events = Event.objects.filter(
        actor=person,
        source_reference=SCAN,
        recorded_at__gte=now - timedelta(hours=SHOWN_HOURS),
    )
    corrections = Event.objects.filter(corrects=OuterRef("pk"), verb=Verb.CORRECT)
    shown = events.select_related("lot", "step_from", "step_to")
    return list(shown.annotate(is_taken_back=Exists(corrections)).order_by("-seq")[:SHOWN_MAX])
