"""How partners' feeds came over the last weeks."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import CharField, Max, Value
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Coalesce, NullIf, TruncDate

from intake.domain.silence import Rhythm, rhythm
from intake.domain.words import FileState
from intake.models import Arrival, ExpectedFile
from quality.domain.partial import first_of, resting_on

LOOK_BACK = timedelta(days=60)
ROWS_MAX = 50_000
UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Feed:
    """Files of one kind from one sender: its code, or the drop folder where no code is known."""

    kind: str
    sender: str
    rhythm: Rhythm


def feeds(now: datetime) -> list[Feed]:
    """Every feed of the last weeks whose files nobody agreed a day for, in two queries."""
    agreed = set(ExpectedFile.objects.filter(is_enabled=True).values_list("supplier__code", "kind"))
    days: dict[tuple[str, str], list[datetime]] = defaultdict(list)
    read = _days(now)
    for kind, sender, _, last_at in read:
        if (sender, kind) not in agreed:
            days[kind, sender].append(last_at)
    return resting_on(
        (Feed(kind, sender, rhythm(times)) for (kind, sender), times in days.items()), read
    )


def _days(now: datetime) -> list[tuple[str, str, object, datetime]]:
    named = KeyTextTransform(0, KeyTransform("suppliers", "file__summary"))
    sender = Coalesce(
        "file__mapping__supplier__code",
        NullIf(named, Value("")),
        "file__folder",
        output_field=CharField(),
    )
    rows = (
        Arrival.objects.filter(arrived_at__gt=now - LOOK_BACK, arrived_at__lte=now)
        .exclude(file__state=FileState.REJECTED)
        .exclude(file__kind=UNKNOWN)
        .annotate(sender=sender, day=TruncDate("arrived_at"))
        .order_by("file__kind", "sender", "day")
        .values_list("file__kind", "sender", "day")
        .annotate(last_at=Max("arrived_at"))
    )
    return first_of(rows, ROWS_MAX)
