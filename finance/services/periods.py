"""Closing and restating a period: one person prepares, another approves."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from finance.domain.closing import open_checks
from finance.domain.told import refuse_unseen
from finance.domain.words import PeriodState
from finance.models import Follower, LedgerHead, Period, PeriodClose, PeriodReopening
from finance.selectors.balances import carried_at_end
from finance.selectors.closes import close_totals, closes_of, late_rows, totals_to_keep
from finance.selectors.closing import close_checklist
from finance.selectors.told import told_close
from finance.services.counting import counted_stock
from finance.services.frame import FOLLOWER, HEAD
from finance.services.telling import tell_close
from supplychain.base.errors import ForbiddenError, MalformedError, RefusedError

REASON_CHARACTERS_MAX = 500


@transaction.atomic
def soft_close_period(*, period: Period, preparer: User) -> Period:
    """Postings that follow the lots ledger go to the next open period from now on."""
    period = _locked(period)
    refuse_soft_close(period)
    period.state, period.prepared_by = PeriodState.SOFT_CLOSED, preparer
    period.save(update_fields=["state", "prepared_by"])
    return period


def refuse_soft_close(period: Period) -> None:
    """RefusedError unless it is open."""
    if period.state != PeriodState.OPEN:
        raise RefusedError(f"Period {period.code} is {period.state}; only an open one is closed.")


@transaction.atomic
def reopen_period(*, period: Period, reason: str, actor: User) -> PeriodReopening:
    """Take a prepared close back: facts of the period are booked in it again.

    What went to the next one meanwhile stays there. MalformedError without a reason; refused as by
    refuse_reopening().
    """
    period = _locked(period)
    kept = _kept_reason(reason)
    refuse_reopening(period)
    assert period.prepared_by is not None, "a soft-closed period was prepared"
    reopening = PeriodReopening.objects.create(
        period=period,
        number=period.reopened_count + 1,
        reason=kept,
        prepared_by=period.prepared_by,
        reopened_by=actor,
    )
    period.state, period.prepared_by = PeriodState.OPEN, None
    period.reopened_count = reopening.number
    period.save(update_fields=["state", "prepared_by", "reopened_count"])
    return reopening


def refuse_reopening(period: Period) -> None:
    """RefusedError unless its close is prepared, and waits."""
    if period.state != PeriodState.SOFT_CLOSED:
        raise RefusedError(
            f"Period {period.code} is {period.state}; only one whose close is prepared is opened "
            "again."
        )


@transaction.atomic
def close_period(*, period: Period, approver: User) -> Period:
    """Freeze the period at the ledger's present seq and hash; refused as by foreseen_close()."""
    period = _locked(period)
    close = foreseen_close(period=period, approver=approver)
    period.state, period.approved_by = PeriodState.CLOSED, approver
    period.closed_seq, period.closed_sha256 = close.seq, close.sha256
    period.save(update_fields=["state", "approved_by", "closed_seq", "closed_sha256"])
    close.totals = totals_to_keep(close_totals(close))
    close.approved_by, close.approved_at = approver, timezone.now()
    close.carried = carried_at_end(period, close.seq)
    close.reconciliation = counted_stock()
    close.save(force_insert=True)
    tell_close(close)
    return period


def foreseen_close(*, period: Period, approver: User) -> PeriodClose:
    """The version that its close would make, not kept. Who only looks asks in a snapshot.

    RefusedError unless it is soft-closed, all before it are closed and nothing on its checklist
    is open; ForbiddenError for the preparer.
    """
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
    assert period.prepared_by is not None, "a soft-closed period was prepared"
    head = _head()
    return PeriodClose(
        period=period, version=1, seq=head.seq, sha256=head.sha256, prepared_by=period.prepared_by
    )


@transaction.atomic
def prepare_restatement(*, period: Period, reason: str, preparer: User) -> PeriodClose:
    """A next version of a closed period, kept as a draft; refused as by foreseen_restatement().

    MalformedError without a reason.
    """
    period = _locked(period)
    kept = _kept_reason(reason)
    close = foreseen_restatement(period=period, preparer=preparer)
    close.reason, close.totals = kept, totals_to_keep(close_totals(close))
    close.reconciliation = counted_stock()
    close.save(force_insert=True)
    return close


def foreseen_restatement(*, period: Period, preparer: User) -> PeriodClose:
    """A next version, with the facts of its days that the last one lacks, not kept.

    RefusedError unless it is closed, such facts are there and no other draft waits. Who only looks
    asks in a snapshot.
    """
    if period.state != PeriodState.CLOSED:
        raise RefusedError(
            f"Period {period.code} is {period.state}; only a closed one is restated."
        )
    last = closes_of(period.code).reverse()[0]
    if last.approved_by_id is None:
        raise RefusedError(f"{last} waits for its approval. Approve it or give it up first.")
    if not late_rows(last).exists():
        raise RefusedError(
            f"{last} tells every fact of {period.code}. There is nothing to restate."
        )
    head = _head()
    return PeriodClose(
        period=period,
        version=last.version + 1,
        seq=head.seq,
        sha256=head.sha256,
        prepared_by=preparer,
    )


@transaction.atomic
def approve_restatement(
    *, close: PeriodClose, approver: User, seen: str | None = None
) -> PeriodClose:
    """From now on it is the version in force; those before it stay as they are.

    Refused as by refuse_approval(); StaleError when it is not what was seen.
    """
    close = PeriodClose.objects.select_for_update().get(pk=close.pk)
    refuse_approval(close, approver)
    refuse_unseen(seen, told_close(close))
    close.approved_by, close.approved_at = approver, timezone.now()
    close.save(update_fields=["approved_by", "approved_at"])
    tell_close(close)
    return close


def refuse_approval(close: PeriodClose, approver: User) -> None:
    """ForbiddenError for its preparer; RefusedError when it was approved before."""
    if close.approved_by_id is not None:
        raise RefusedError(f"{close} was approved before.")
    if close.prepared_by_id == approver.pk:
        raise ForbiddenError("Nobody approves a restatement they prepared. Ask a colleague.")


@transaction.atomic
def give_up_restatement(*, close: PeriodClose) -> None:
    """Take a draft back. RefusedError for a version that was approved."""
    close = PeriodClose.objects.select_for_update().get(pk=close.pk)
    refuse_giving_up(close)
    close.delete()


def refuse_giving_up(close: PeriodClose) -> None:
    """RefusedError for a version that was approved."""
    if close.approved_by_id is not None:
        raise RefusedError(f"{close} was approved and stays. Restate the period again.")


def _kept_reason(reason: str) -> str:
    if not reason.strip() or len(reason) > REASON_CHARACTERS_MAX:
        raise MalformedError(
            f"Give a reason of 1 to {REASON_CHARACTERS_MAX} characters.", field="reason"
        )
    return reason.strip()


def _head() -> LedgerHead:
    """Where the ledger ends; at nothing before its first line."""
    return LedgerHead.objects.filter(name=HEAD).first() or LedgerHead(name=HEAD)


def _locked(period: Period) -> Period:
    """The period, with posting at rest: a poster holds the follower while it works."""
    Follower.objects.get_or_create(name=FOLLOWER)
    Follower.objects.select_for_update().get(name=FOLLOWER)
    return Period.objects.select_for_update().get(pk=period.pk)
