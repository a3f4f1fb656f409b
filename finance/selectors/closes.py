"""Versions of a closed period: what each tells, and what two of them differ in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery

from finance.domain.control_totals import Part, totals_of
from finance.domain.money import ZERO
from finance.models import LedgerEntry, Period, PeriodClose
from finance.selectors.balances import BUCKET, Balance, Bucket
from finance.selectors.control_totals import PART, part_of
from supplychain.base.errors import MissingError

KEPT = ("carried", "reconciliation")
"""Columns that may be long, and that lists of versions do not show."""


@dataclass(frozen=True, slots=True)
class ClosedBucket(Balance):
    """What a version moved in a bucket. part: its share of the control totals."""

    part: Part


@dataclass(frozen=True, slots=True)
class Difference:
    """A bucket that two versions tell differently, in units and in money."""

    bucket: Bucket
    quantity_before: int
    quantity_after: int
    amount_before: Decimal
    amount_after: Decimal

    @property
    def quantity(self) -> int:
        """After less before."""
        return self.quantity_after - self.quantity_before

    @property
    def amount(self) -> Decimal:
        """After less before."""
        return self.amount_after - self.amount_before


def closes_of(code: str) -> QuerySet[PeriodClose]:
    """Every version of the period, the first one first; without what it only keeps."""
    people = PeriodClose.objects.select_related("period", "prepared_by", "approved_by")
    return people.defer(*KEPT).filter(period_id=code).order_by("version")


def listed_periods() -> QuerySet[Period, Any]:
    """Every period with the version in force: version, seq, sha256; None before its close."""
    approved = PeriodClose.objects.filter(period=OuterRef("code"), approved_at__isnull=False)
    last = approved.order_by("-version")[:1]
    return Period.objects.annotate(
        version=Subquery(last.values("version")),
        seq=Subquery(last.values("seq")),
        sha256=Subquery(last.values("sha256")),
    )


def close_by_version(code: str, version: int) -> PeriodClose:
    """MissingError for a version that the period does not have."""
    close = closes_of(code).defer(None).filter(version=version).first()
    if close is None:
        raise MissingError(f"Period {code} has no version {version}.", period=code, version=version)
    return close


def late_rows(close: PeriodClose) -> QuerySet[LedgerEntry]:
    """Facts of the period's days that a later period took and this version does not tell.

    Version 1 tells none of them, also not those that came between the soft close and the close.
    """
    rows = LedgerEntry.objects.filter(_came_late(close.period))
    return rows.filter(seq__gt=close.seq) if close.version > 1 else rows


def close_rows(close: PeriodClose) -> QuerySet[LedgerEntry]:
    """The rows that a version tells: what the period took, and for a restatement what came late."""
    own = Q(period=close.period_id)
    if close.version > 1:
        own |= _came_late(close.period)
    return LedgerEntry.objects.filter(own, seq__lte=close.seq)


def close_totals(close: PeriodClose) -> list[ClosedBucket]:
    """What the period moved in each bucket, as this version tells it."""
    rows: Any = close_rows(close).order_by().values(*BUCKET).annotate(**PART)
    found = [
        ClosedBucket(
            Bucket(*(row[name] for name in BUCKET)),
            row["units"],
            row["debit"] + row["credit"],
            part_of(row),
        )
        for row in rows
    ]
    return sorted(found, key=lambda line: str(line.bucket))


def totals_to_keep(lines: Iterable[ClosedBucket]) -> dict[str, Any]:
    """Control totals over all buckets of a version."""
    return asdict(totals_of(line.part for line in lines))


def close_differences(before: PeriodClose, after: PeriodClose) -> list[Difference]:
    """Buckets in which the two differ, by bucket."""
    old, new = _sums(before), _sums(after)
    found = []
    for bucket in sorted(old.keys() | new.keys(), key=str):
        was, now = old.get(bucket, (0, ZERO)), new.get(bucket, (0, ZERO))
        if was != now:
            found.append(Difference(bucket, was[0], now[0], was[1], now[1]))
    return found


def _came_late(period: Period) -> Q:
    return Q(effective_on__range=(period.starts_on, period.ends_on), is_prior_period=True)


def _sums(close: PeriodClose) -> dict[Bucket, tuple[int, Decimal]]:
    return {line.bucket: (line.quantity, line.amount) for line in close_totals(close)}
