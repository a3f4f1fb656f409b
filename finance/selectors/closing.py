"""The checklist of a period, computed from the rows."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Max, Q, QuerySet, Sum, Value

from finance.domain.closing import Checked
from finance.domain.words import Account, CloseCheck
from finance.models import CostVersion, Entity, Follower, LedgerEntry, Period, PostingGap
from finance.selectors.balances import BUCKET, Bucket, rollforward
from finance.selectors.documents import waiting_documents
from finance.selectors.ledger import watermark
from finance.selectors.reconciling import misposted_lots
from finance.selectors.uninvoiced import over_invoiced
from lots.models import Event
from quality.domain.words import IssueState
from quality.models import Issue
from supplychain.base.errors import MissingError

COSTS, DOCUMENTS, OVER_INVOICED = "costs", "documents", "over-invoiced"
QUANTITY_DETECTORS = ["quantity-out-of-balance"]
UNSETTLED = [IssueState.OPEN, IssueState.ACKNOWLEDGED, IssueState.INVESTIGATING]


def period_by_code(code: str) -> Period:
    """MissingError for one that is not in the calendar."""
    people = Period.objects.select_related("prepared_by", "approved_by")
    period = people.filter(code=code).first()
    if period is None:
        raise MissingError(f"There is no period {code}.", period=code)
    return period


def close_checklist(period: Period) -> list[Checked]:
    """Every check with its count, as the ledger stands."""
    ends_at, unapproved = end_of(period), _unapproved(period)
    counts = {
        CloseCheck.UNPOSTED_EVENTS: unposted_events(ends_at).count(),
        CloseCheck.OWED_EVENTS: owed_gaps(ends_at).count(),
        CloseCheck.QUANTITY_ISSUES: quantity_issues(ends_at).count(),
        CloseCheck.DISPUTED_UNITS: len(disputed_buckets(period)),
        CloseCheck.UNAPPROVED_COSTS: unapproved[COSTS],
        CloseCheck.UNAPPROVED_DOCUMENTS: unapproved[DOCUMENTS],
        CloseCheck.OVER_INVOICED: unapproved[OVER_INVOICED],
        CloseCheck.OUT_OF_BALANCE: _out_of_balance(period),
        CloseCheck.UNRECONCILED: len(misposted_lots()),
        CloseCheck.LATE_FACTS: period.entries.filter(is_prior_period=True).count(),
    }
    return [Checked(check, count) for check, count in counts.items()]


def unposted_events(ends_at: datetime) -> QuerySet[Event]:
    """Events before a period's end that the poster has not come to."""
    cursor = Follower.objects.aggregate(seq=Max("seq"))["seq"] or 0
    return Event.objects.filter(seq__gt=cursor, occurred_at__lt=ends_at)


def owed_gaps(ends_at: datetime) -> QuerySet[PostingGap]:
    """Events before a period's end that could not be posted."""
    return PostingGap.objects.filter(closed_at__isnull=True, event__occurred_at__lt=ends_at)


def quantity_issues(ends_at: datetime) -> QuerySet[Issue]:
    """Issues on quantities, opened before a period's end, that nobody has settled."""
    return Issue.objects.filter(
        rule__detector__in=QUANTITY_DETECTORS, state__in=UNSETTLED, opened_at__lt=ends_at
    )


def unapproved_costs(period: Period) -> QuerySet[CostVersion]:
    """Cost versions that apply by the period's end, and wait for their approval."""
    return CostVersion.objects.filter(approved_at__isnull=True, effective_on__lte=period.ends_on)


def _unapproved(period: Period) -> Counter[str]:
    """How many costs and documents wait for approval, and lots are invoiced beyond receipt.

    In one query.
    """
    costs = unapproved_costs(period).order_by().values_list(Value(COSTS))
    documents = [
        rows.order_by().values_list(Value(DOCUMENTS)) for rows in waiting_documents(period)
    ]
    beyond = over_invoiced().order_by().values_list(Value(OVER_INVOICED))
    return Counter(what for (what,) in costs.union(*documents, beyond, all=True))


def disputed_buckets(period: Period) -> list[Bucket]:
    """Buckets with units that were in dispute at the period's end, and still are.

    What was settled since, in whatever period, is told by that one.
    """
    by_then = Q(period__starts_on__lte=period.starts_on)
    rows: Any = LedgerEntry.objects.filter(account=Account.COUNT_ADJUSTMENT).order_by(*BUCKET)
    sums = (
        rows.values(*BUCKET, "lot")
        .annotate(now=Sum("quantity"), then=Sum("quantity", filter=by_then, default=0))
        .exclude(now=0)
        .exclude(then=0)
    )
    return list(dict.fromkeys(Bucket(*(row[name] for name in BUCKET)) for row in sums))


def end_of(period: Period) -> datetime:
    """The first moment, at the plant, that does not belong to it."""
    zone = ZoneInfo(Entity.objects.get().time_zone)
    day = period.ends_on + timedelta(days=1)
    return datetime(day.year, day.month, day.day, tzinfo=zone)


def _out_of_balance(period: Period) -> int:
    rolled = rollforward(period.code, watermark(None).seq)
    return sum(bool(row.quantity.check or row.amount.check) for row in rolled)
