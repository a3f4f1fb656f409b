"""Closing a period: one person prepares, another approves."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db import transaction

from finance.domain.closing import open_checks
from finance.domain.words import PeriodState
from finance.models import Follower, LedgerHead, Period
from finance.selectors.closing import close_checklist
from finance.services.frame import FOLLOWER, HEAD
from supplychain.base.errors import ForbiddenError, RefusedError


@transaction.atomic
def soft_close_period(*, period: Period, preparer: User) -> Period:
    """Postings that follow the lots ledger go to the next open period from now on."""
    period = _locked(period)
    if period.state != PeriodState.OPEN:
        raise RefusedError(f"Period {period.code} is {period.state}; only an open one is closed.")
    period.state, period.prepared_by = PeriodState.SOFT_CLOSED, preparer
    period.save(update_fields=["state", "prepared_by"])
    return period


@transaction.atomic
def close_period(*, period: Period, approver: User) -> Period:
    """Freeze the period at the ledger's present seq and hash.

    RefusedError unless it is soft-closed, all before it are closed and nothing on its checklist
    is open; ForbiddenError for the preparer.
    """
    period = _locked(period)
    if period.state != PeriodState.SOFT_CLOSED:
        raise RefusedError(f"Period {period.code} is {period.state}; soft-close it first.")
    if period.prepared_by_id == approver.pk:
        raise ForbiddenError("Nobody approves a close they prepared. Ask a colleague.")
    earlier = Period.objects.filter(starts_on__lt=period.starts_on)
    if still_open := earlier.exclude(state=PeriodState.CLOSED).order_by("starts_on").first():
        raise RefusedError(f"Close {still_open.code} first: periods close in order.")
    if still := open_checks(close_checklist(period)):
        raise RefusedError(
            f"Period {period.code} cannot be closed: " + " ".join(line.detail for line in still),
            checks=[str(line.check) for line in still],
        )
    head, _ = LedgerHead.objects.get_or_create(name=HEAD)
    period.state, period.approved_by = PeriodState.CLOSED, approver
    period.closed_seq, period.closed_sha256 = head.seq, head.sha256
    period.save(update_fields=["state", "approved_by", "closed_seq", "closed_sha256"])
    return period


def _locked(period: Period) -> Period:
    """The period, with posting at rest: a poster holds the follower while it works."""
    Follower.objects.get_or_create(name=FOLLOWER)
    Follower.objects.select_for_update().get(name=FOLLOWER)
    return Period.objects.select_for_update().get(pk=period.pk)
