"""Whose books they are, and the months they are kept in."""

from __future__ import annotations

from datetime import date

from django.db.models import Exists, OuterRef, QuerySet

from finance.models import Entity, LedgerEntry, Period, PeriodClose
from finance.selectors.closes import KEPT
from supplychain.base.errors import MissingError


def entity() -> Entity:
    """MissingError when the books were never set up."""
    found = Entity.objects.first()
    if found is None:
        raise MissingError("The books are not set up. Load the reference data first.")
    return found


def periods_until(today: date) -> QuerySet[Period]:
    """Periods that have begun, the newest first."""
    return Period.objects.filter(starts_on__lte=today).order_by("-starts_on")


def last_period_with_lines(as_of_seq: int) -> str:
    """The newest period that had taken a line by then; "" for none."""
    rows = LedgerEntry.objects.filter(period=OuterRef("code"), seq__lte=as_of_seq)
    has_lines = Exists(rows)
    newest = Period.objects.filter(has_lines).order_by("-starts_on")
    return next(iter(newest.values_list("code", flat=True)[:1]), "")


def all_periods() -> list[Period]:
    """The first one first."""
    return list(Period.objects.order_by("starts_on"))


def last_year() -> int | None:
    """In which the calendar ends; None without a period."""
    last = Period.objects.order_by("-starts_on").first()
    return last.starts_on.year if last else None


def versions_by_period() -> dict[str, list[PeriodClose]]:
    """Closes of every period that has any, the first version first."""
    found: dict[str, list[PeriodClose]] = {}
    for close in PeriodClose.objects.defer(*KEPT).order_by("period", "version"):
        found.setdefault(close.period_id, []).append(close)
    return found
