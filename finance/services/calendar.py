"""The months that the books are kept in."""

from __future__ import annotations

import calendar
from datetime import date

from django.contrib.auth.models import User
from django.db import transaction

from finance.models import Period
from finance.selectors.calendar import entity, last_year
from supplychain.base.errors import ForbiddenError, RefusedError

RIGHT = "finance.close_period"
YEARS_AHEAD_MAX = 10


@transaction.atomic
def add_year(*, year: int, actor: User) -> None:
    """The twelve periods behind the last one, open.

    ForbiddenError without the right; RefusedError for another year than the next one, and for one
    that is too far ahead.
    """
    if not actor.has_perm(RIGHT):
        raise ForbiddenError(f"{actor} may not change the calendar of the books.")
    last = last_year()
    if last is None or year != last + 1:
        raise RefusedError(f"The calendar goes to {last}. The year after that is added next.")
    if year > entity().today().year + YEARS_AHEAD_MAX:
        raise RefusedError(f"{year} is more than {YEARS_AHEAD_MAX} years ahead. Add it later.")
    add_periods(first_year=year, last_year=year)


def add_periods(*, first_year: int, last_year: int) -> None:
    """Every month of the years that is not there yet."""
    months = [(year, month) for year in range(first_year, last_year + 1) for month in range(1, 13)]
    Period.objects.bulk_create(
        [
            Period(
                code=f"{year}-{month:02}",
                starts_on=date(year, month, 1),
                ends_on=date(year, month, calendar.monthrange(year, month)[1]),
            )
            for year, month in months
        ],
        ignore_conflicts=True,
    )
