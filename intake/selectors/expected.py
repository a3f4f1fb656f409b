"""Files that partners owe, and what came."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import CharField, F, Q, QuerySet, Value

from intake.domain.patterns import name_regex, within_archive
from intake.domain.schedules import Schedule, standing, weekday_numbers
from intake.domain.words import FileState
from intake.models import Arrival, ExpectedFile
from quality.domain.partial import first_of, resting_on

EXPECTED_MAX = 500
LOOK_BACK = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Expectation:
    """One agreed file now. arrived_*: the last that came in LOOK_BACK; None where none did."""

    expected: ExpectedFile
    due_at: datetime
    is_late: bool
    arrived_at: datetime | None
    arrived_name: str
    arrived_sha256: str

    @property
    def state(self) -> str:
        """Late, arrived, or due for the first time."""
        if self.is_late:
            return "late"
        return "arrived" if self.arrived_at else "due"


def expectations(now: datetime) -> list[Expectation]:
    """Every enabled expectation, in two queries; late ones first, then by when they are due."""
    enabled = ExpectedFile.objects.filter(is_enabled=True).select_related("supplier")
    rows = first_of(enabled.order_by("pk"), EXPECTED_MAX)
    last = _last_arrivals(rows, now)
    found = [_expectation(row, last.get(str(row.pk)), now) for row in rows]
    found.sort(key=lambda one: (not one.is_late, one.due_at, one.expected.pk))
    return resting_on(found, rows)


def late_files(now: datetime) -> list[Expectation]:
    """Those that have not arrived."""
    found = expectations(now)
    return resting_on((one for one in found if one.is_late), found)


def _expectation(row: ExpectedFile, last: dict[str, object] | None, now: datetime) -> Expectation:
    arrived = last["arrived_at"] if last else None
    arrived_at = arrived if isinstance(arrived, datetime) else None
    stands = standing(_schedule(row), row.starts_at, arrived_at, now)
    return Expectation(
        expected=row,
        due_at=stands.due_at,
        is_late=stands.is_late,
        arrived_at=arrived_at,
        arrived_name=str(last["name"]) if last else "",
        arrived_sha256=str(last["sha256"]) if last else "",
    )


def _schedule(row: ExpectedFile) -> Schedule:
    return Schedule(
        hours=row.every_hours,
        weekdays=weekday_numbers(row.weekdays),
        at=row.due_time,
        zone=ZoneInfo(row.time_zone),
        grace=timedelta(hours=row.grace_hours),
    )


def _last_arrivals(rows: list[ExpectedFile], now: datetime) -> dict[str, dict[str, object]]:
    """Id of the expectation, as text → its newest arrival."""
    queries = [_newest(row, now) for row in rows]
    if not queries:
        return {}
    found = queries[0].union(*queries[1:], all=True) if len(queries) > 1 else queries[0]
    return {str(one["expected"]): one for one in found}


def _newest(row: ExpectedFile, now: datetime) -> QuerySet[Arrival, Any]:
    arrivals = Arrival.objects.filter(_is_of(row.supplier.code), arrived_at__gt=now - LOOK_BACK)
    arrivals = arrivals.exclude(file__state=FileState.REJECTED)
    if row.kind:
        arrivals = arrivals.filter(file__kind=row.kind)
    if row.name_pattern:
        arrivals = arrivals.filter(name__iregex=within_archive(name_regex(row.name_pattern)))
    return (
        arrivals.order_by("-id")
        .annotate(expected=Value(str(row.pk), output_field=CharField()), sha256=F("file__sha256"))
        .values("expected", "name", "arrived_at", "sha256")[:1]
    )


def _is_of(supplier_code: str) -> Q:
    """Files read by a mapping of the supplier, or whose rows name it.

    Of what names nobody, such as a test file or a report not read yet, name and kind decide alone.
    """
    named = Q(file__summary__suppliers__contains=[supplier_code])
    says_whose = Q(file__summary__has_key="suppliers")
    by_rows = Q(file__mapping=None) & (named | ~says_whose)
    return Q(file__mapping__supplier__code=supplier_code) | by_rows
