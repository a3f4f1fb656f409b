"""The calendar of periods, and what stands between one of them and its close."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.db.models import Sum
from django.urls import reverse

from finance.domain.closing import Checked
from finance.domain.money import ZERO
from finance.domain.words import Account, CloseCheck, PeriodState
from finance.models import Invoice, Period, PeriodClose, PeriodReopening, Revaluation, WriteDown
from finance.selectors import closing
from finance.selectors.calendar import all_periods, versions_by_period
from finance.selectors.closes import closes_of, late_rows
from finance.selectors.documents import waiting_documents
from finance.selectors.uninvoiced import over_invoiced

POINTS_SHOWN = 5
DOCUMENT_PAGES: dict[type[Any], str] = {
    Invoice: "operations:finance-invoice",
    Revaluation: "operations:finance-revaluation",
    WriteDown: "operations:finance-write-down",
}


@dataclass(frozen=True, slots=True)
class Month:
    """A period in the calendar. is_next: the first that is not closed. draft: a restatement waits.

    version: in force, 0 for one that is not closed.
    """

    period: Period
    version: int
    has_draft: bool
    is_next: bool
    is_ahead: bool


@dataclass(frozen=True, slots=True)
class Point:
    """Something that is looked at. address: where it can be settled."""

    text: str
    address: str


@dataclass(frozen=True, slots=True)
class CheckLine:
    """A line of the checklist with the first of its points. address: of them all, or ""."""

    checked: Checked
    points: list[Point]
    address: str

    @property
    def sign(self) -> str:
        """Open, told only, or settled."""
        if self.checked.is_open:
            return "open"
        return "information" if self.checked.count else "agrees"


@dataclass(frozen=True, slots=True)
class Late:
    """Facts of a closed period that its version in force lacks. amount: carried, net."""

    count: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Calendar:
    """years: with their months up to this year, which is first. last_year: to which it goes."""

    years: list[tuple[int, list[Month]]]
    last_year: int | None

    @property
    def next_year(self) -> int | None:
        """What can be added; None without a calendar."""
        return self.last_year and self.last_year + 1


def calendar(today: date) -> Calendar:
    """As it stands."""
    versions, periods = versions_by_period(), all_periods()
    years: dict[int, list[Month]] = {}
    next_code = ""
    for period in periods:
        if period.starts_on.year > today.year:
            break
        if not next_code and period.state != PeriodState.CLOSED:
            next_code = period.code
        own = versions.get(period.code, [])
        month = Month(
            period=period,
            version=max((one.version for one in own if one.approved_at), default=0),
            has_draft=any(one.approved_at is None for one in own),
            is_next=period.code == next_code,
            is_ahead=period.starts_on > today,
        )
        years.setdefault(period.starts_on.year, []).append(month)
    last_year = periods[-1].starts_on.year if periods else None
    return Calendar(sorted(years.items(), reverse=True), last_year)


def checklist(period: Period) -> list[CheckLine]:
    """Every check, and the points that are open with it."""
    ends_at = closing.end_of(period)
    return [
        CheckLine(
            line,
            _points(period, ends_at, line.check) if line.count else [],
            _all_of(period, line.check),
        )
        for line in closing.close_checklist(period)
    ]


def versions(period: Period) -> list[PeriodClose]:
    """The newest first."""
    return list(closes_of(period.code).reverse())


def reopenings(period: Period) -> list[PeriodReopening]:
    """Closes that were prepared and taken back, the last first."""
    if not period.reopened_count:
        return []
    people = period.reopenings.select_related("prepared_by", "reopened_by")
    return list(people.order_by("-number"))


def late(last: PeriodClose | None) -> Late | None:
    """last: the version in force. None unless the period was closed."""
    if last is None:
        return None
    rows = late_rows(last)
    inventory = rows.filter(account=Account.INVENTORY).aggregate(money=Sum("amount", default=ZERO))
    return Late(rows.count(), inventory["money"])


def _points(period: Period, ends_at: datetime, check: CloseCheck) -> list[Point]:
    """The first of them, each with where it is settled."""
    if check == CloseCheck.UNPOSTED_EVENTS:
        events = closing.unposted_events(ends_at).select_related("lot").order_by("seq")
        return [
            Point(
                f"{event.seq}: {event.verb} of {event.lot.code}",
                reverse("operations:lot-detail", args=[event.lot.code]),
            )
            for event in events[:POINTS_SHOWN]
        ]
    if check == CloseCheck.OWED_EVENTS:
        gaps = closing.owed_gaps(ends_at).order_by("seq")[:POINTS_SHOWN]
        return [
            Point(
                f"{gap.seq}: {gap.detail}",
                reverse("admin:finance_postinggap_change", args=[gap.pk]),
            )
            for gap in gaps
        ]
    if check == CloseCheck.QUANTITY_ISSUES:
        issues = closing.quantity_issues(ends_at).order_by("id")[:POINTS_SHOWN]
        return [
            Point(
                f"{issue.number}: {issue.title}",
                reverse("operations:issue-detail", args=[issue.number]),
            )
            for issue in issues
        ]
    if check == CloseCheck.DISPUTED_UNITS:
        buckets = closing.disputed_buckets(period)[:POINTS_SHOWN]
        return [
            Point(
                f"{bucket.item} with {bucket.custodian}",
                _lines(
                    period,
                    account=bucket.account,
                    item=bucket.item,
                    custodian=bucket.custodian,
                    side="closing",
                ),
            )
            for bucket in buckets
        ]
    if check == CloseCheck.UNAPPROVED_COSTS:
        costs = closing.unapproved_costs(period)[:POINTS_SHOWN]
        return [
            Point(
                f"{one.code}, from {one.effective_on}",
                reverse("operations:finance-cost-version", args=[one.code]),
            )
            for one in costs
        ]
    return _document_points(period, check)


def _document_points(period: Period, check: CloseCheck) -> list[Point]:
    """Those of documents: what waits, and what an invoice claims too much."""
    if check == CloseCheck.UNAPPROVED_DOCUMENTS:
        return [
            Point(
                f"{one}, of {one.effective_on}", reverse(DOCUMENT_PAGES[rows.model], args=[one.pk])
            )
            for rows in waiting_documents(period)
            for one in rows[:POINTS_SHOWN]
        ]
    if check == CloseCheck.OVER_INVOICED:
        address = reverse("operations:finance-uninvoiced")
        return [
            Point(
                f"{row['lot']} of {row['invoice__supplier__code']}", f"{address}?lot={row['lot']}"
            )
            for row in over_invoiced()[:POINTS_SHOWN]
        ]
    return []


def _lines(period: Period, **more: str) -> str:
    words = urlencode({"period": period.code, **more})
    return f"{reverse('operations:finance-lines')}?{words}"


def _all_of(period: Period, check: CloseCheck) -> str:
    """Where all points of a check are listed; "" where they are of several lists."""
    issues, rolled = reverse("operations:issue-list"), reverse("operations:finance-rollforward")
    addresses = {
        CloseCheck.UNPOSTED_EVENTS: reverse("admin:lots_event_changelist"),
        CloseCheck.OWED_EVENTS: reverse("admin:finance_postinggap_changelist"),
        CloseCheck.QUANTITY_ISSUES: f"{issues}?rule={closing.QUANTITY_DETECTORS[0]}",
        CloseCheck.DISPUTED_UNITS: _lines(period, account=Account.COUNT_ADJUSTMENT, side="closing"),
        CloseCheck.UNAPPROVED_COSTS: reverse("operations:finance-costs"),
        CloseCheck.UNAPPROVED_DOCUMENTS: "",
        CloseCheck.OVER_INVOICED: reverse("operations:finance-uninvoiced"),
        CloseCheck.OUT_OF_BALANCE: f"{rolled}?period={period.code}",
        CloseCheck.UNRECONCILED: reverse("operations:finance-reconciliation"),
        CloseCheck.LATE_FACTS: _lines(period, late="1"),
    }
    return addresses[check]
