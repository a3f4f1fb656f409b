from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from notices.domain.timing import RETRIES, Hours, due_at, next_attempt
from notices.domain.words import Severity

TAIPEI = ZoneInfo("Asia/Taipei")  # UTC+8
NIGHT = Hours(TAIPEI, quiet_from=time(22), quiet_to=time(7))


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 3, 2, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("hours", "now", "due"),
    [
        (Hours(UTC), at(3), at(3)),
        (NIGHT, at(6), at(6)),  # 14:00 there
        (NIGHT, at(15), at(23)),  # 23:00 there, until 07:00
        (NIGHT, at(22, 30), at(23)),  # 06:30 there
        (NIGHT, at(23), at(23)),  # 07:00 there
        (Hours(UTC, quiet_from=time(9), quiet_to=time(12)), at(10), at(12)),
        (Hours(UTC, quiet_from=time(9), quiet_to=time(12)), at(12), at(12)),
        (Hours(UTC, digest_at=time(8)), at(3), at(8)),
        (Hours(UTC, digest_at=time(8)), at(8), at(8) + timedelta(days=1)),
        (Hours(TAIPEI, digest_at=time(8)), at(3), at(0) + timedelta(days=1)),
    ],
)
def test_due(hours: Hours, now: datetime, due: datetime) -> None:
    assert due_at(now, hours, Severity.MAJOR) == due


def test_critical_does_not_wait_unless_so_wished() -> None:
    assert due_at(at(15), NIGHT, Severity.CRITICAL) == at(15)
    asleep = Hours(TAIPEI, time(22), time(7), wakes_for_critical=False)
    assert due_at(at(15), asleep, Severity.CRITICAL) == at(23)


def test_attempts_grow_rarer_and_end() -> None:
    assert next_attempt(at(1), 1) == at(1, 1)
    assert next_attempt(at(1), len(RETRIES)) == at(1) + RETRIES[-1]
    assert next_attempt(at(1), len(RETRIES) + 1) is None
    assert list(RETRIES) == sorted(RETRIES)


def test_severities_are_ranked() -> None:
    assert [one.rank for one in Severity] == [0, 1, 2, 3]
