from __future__ import annotations

from datetime import date

import pytest
from django.contrib.auth.models import Permission, User

from finance.domain.words import PeriodState
from finance.models import Period
from finance.selectors.calendar import last_year
from finance.services import add_year
from supplychain.base.errors import ForbiddenError, RefusedError

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books")]


@pytest.fixture
def ann(books: None) -> User:
    user = User.objects.create_user("ann")
    user.user_permissions.add(Permission.objects.get(codename="close_period"))
    return user


def test_the_next_year_has_twelve_open_months(ann: User) -> None:
    assert last_year() == 2030
    add_year(year=2031, actor=ann)
    added = Period.objects.filter(starts_on__year=2031).order_by("starts_on")
    assert [period.code for period in added] == [f"2031-{month:02}" for month in range(1, 13)]
    assert {period.state for period in added} == {PeriodState.OPEN}
    assert added[1].ends_on == date(2031, 2, 28)


@pytest.mark.parametrize("year", [2030, 2032])
def test_only_the_next_year_is_added(ann: User, year: int) -> None:
    with pytest.raises(RefusedError, match="The calendar goes to 2030"):
        add_year(year=year, actor=ann)


def test_years_far_ahead_are_refused(ann: User) -> None:
    Period.objects.create(code="2098-12", starts_on=date(2098, 12, 1), ends_on=date(2098, 12, 31))
    with pytest.raises(RefusedError, match="more than 10 years ahead"):
        add_year(year=2099, actor=ann)


def test_who_may_not_close_does_not_add(ann: User) -> None:
    with pytest.raises(ForbiddenError):
        add_year(year=2031, actor=User.objects.create_user("bob"))
