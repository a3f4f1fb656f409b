from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from intake.domain.schedules import Schedule, standing, weekday_numbers

SINCE = datetime(2026, 3, 1, tzinfo=UTC)  # a Sunday
GRACE = timedelta(hours=2)
DAILY = Schedule(24, (), time(0), UTC, GRACE)
MONDAYS = Schedule(0, (0,), time(8), ZoneInfo("Asia/Taipei"), GRACE)
MONDAY = datetime(2026, 3, 9, 0, tzinfo=UTC)  # 08:00 in Taipei


def hours(count: float) -> timedelta:
    return timedelta(hours=count)


def test_nothing_is_late_before_it_could_be_due() -> None:
    assert not standing(DAILY, SINCE, None, SINCE + hours(25)).is_late
    first = standing(MONDAYS, SINCE, None, SINCE + hours(1))
    assert (first.is_late, first.due_at) == (False, datetime(2026, 3, 2, tzinfo=UTC))


def test_a_file_every_day_is_late_after_its_grace() -> None:
    arrived = SINCE + hours(30)
    assert not standing(DAILY, SINCE, arrived, arrived + hours(26)).is_late
    late = standing(DAILY, SINCE, arrived, arrived + hours(26.1))
    assert (late.is_late, late.due_at) == (True, arrived + hours(24))
    assert standing(DAILY, SINCE, None, SINCE + hours(27)).is_late


def test_an_arrival_before_the_start_does_not_count() -> None:
    assert standing(DAILY, SINCE, SINCE - hours(99), SINCE + hours(1)).due_at == SINCE + hours(24)


def test_a_file_of_a_weekday_is_late_after_its_grace() -> None:
    week_before = MONDAY - hours(7 * 24)
    assert not standing(MONDAYS, SINCE, week_before, MONDAY + hours(1)).is_late
    late = standing(MONDAYS, SINCE, week_before, MONDAY + hours(2.1))
    assert (late.is_late, late.due_at) == (True, MONDAY)
    assert standing(MONDAYS, SINCE, None, MONDAY + hours(3)).is_late


def test_a_file_that_came_before_its_date_is_in_time() -> None:
    stands = standing(MONDAYS, SINCE, MONDAY - hours(20), MONDAY + hours(3))
    assert (stands.is_late, stands.due_at) == (False, MONDAY + hours(7 * 24))


def test_the_wall_clock_decides_on_days_when_clocks_change() -> None:
    sundays = Schedule(0, (6,), time(8), ZoneInfo("Europe/Berlin"), GRACE)
    before = standing(sundays, SINCE, None, datetime(2026, 3, 22, 7, tzinfo=UTC))
    after = standing(sundays, SINCE, None, datetime(2026, 3, 29, 9, tzinfo=UTC))
    assert before.due_at.astimezone(UTC).hour == 7
    assert (after.is_late, after.due_at.astimezone(UTC).hour) == (True, 6)


def test_weekdays_are_written_by_their_first_letters() -> None:
    assert weekday_numbers("thu, Monday,mon") == (0, 3)
    assert weekday_numbers("") == ()
    with pytest.raises(ValueError, match="xyz"):
        weekday_numbers("mon, xyz")
