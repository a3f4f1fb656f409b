"""A posting profile that is approved while a period that it would apply to is closed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError
from django.utils import timezone

from finance.domain.words import PeriodState
from finance.models import Period, PostingProfile
from finance.services import approve_posting_profile, close_period, soft_close_period
from finance.tests.test_frozen_at_once import first_then
from supplychain.base.errors import RefusedError

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("march")]


@pytest.fixture
def march(books: None) -> None:
    """The first month that is not closed; its close is prepared."""
    ann, _ = User.objects.create_user("ann"), User.objects.create_user("bob")
    Period.objects.filter(starts_on__lt=date(2026, 3, 1)).delete()
    soft_close_period(period=Period.objects.get(code="2026-03"), preparer=ann)


@pytest.fixture
def draft(march: None) -> PostingProfile:
    """As what is in force, with other numbers from March on."""
    told = PostingProfile.objects.get()
    accounts, profile = list(told.accounts.all()), PostingProfile.objects.get()
    profile.pk, profile.code, profile.effective_on = None, "LATE", date(2026, 3, 1)
    profile.prepared_by, profile.approved_by, profile.approved_at = people("ann"), None, None
    profile.save(force_insert=True)
    for account in accounts:
        account.pk, account.profile, account.number = None, profile, f"9{account.number}"
        account.save(force_insert=True)
    return profile


def people(name: str) -> User:
    return User.objects.get(username=name)


def closed() -> None:
    close_period(period=Period.objects.get(code="2026-03"), approver=people("bob"))


def by_service(draft: PostingProfile) -> None:
    approve_posting_profile(profile=draft, approver=people("bob"))


def in_sql(draft: PostingProfile) -> None:
    rows = PostingProfile.objects.filter(pk=draft.pk)
    rows.update(approved_by=people("bob"), approved_at=timezone.now())


@pytest.mark.parametrize("approve", [by_service, in_sql])
def test_a_close_waits_for_an_approval_that_came_first(
    draft: PostingProfile, approve: Callable[[PostingProfile], None]
) -> None:
    assert first_then(lambda: approve(draft), closed) == []
    draft.refresh_from_db()
    assert draft.approved_at is not None
    assert Period.objects.get(code="2026-03").state == PeriodState.CLOSED


@pytest.mark.parametrize(
    ("approve", "refusal", "words"),
    [
        (by_service, RefusedError, "its journal is told for ever"),
        (in_sql, DatabaseError, "would change the journal of a closed period"),
    ],
)
def test_an_approval_waits_for_a_close_that_came_first_and_is_refused(
    draft: PostingProfile,
    approve: Callable[[PostingProfile], None],
    refusal: type[Exception],
    words: str,
) -> None:
    (error,) = first_then(closed, lambda: approve(draft))
    assert isinstance(error, refusal)
    assert words in str(error)
    draft.refresh_from_db()
    assert draft.approved_at is None
