"""Posting rules tried on what was posted: what the ledger has, and what it would have had."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from finance.domain.legs import Leg, Worth
from finance.domain.money import ZERO

EVENTS_MAX = 10_000
"""Of one trial."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """An account at a stage, "" for none, in what its units are counted in."""

    account: str
    stage: str
    unit: str


@dataclass(frozen=True, slots=True)
class TriedEvent:
    """An event that is posted and would be otherwise, by what it would move.

    moved: bucket → what it would have had more there, or less. Nothing of it is empty.
    """

    seq: int
    lot: str
    verb: str
    reason: str
    day: date
    moved: Mapping[Bucket, Worth]


@dataclass(frozen=True, slots=True)
class TriedBucket:
    """What a period's lines put into a bucket, and what they would have put there."""

    bucket: Bucket
    posted: Worth
    tried: Worth

    @property
    def difference(self) -> Worth:
        """What is tried, less what is posted."""
        return Worth(
            self.tried.quantity - self.posted.quantity, self.tried.amount - self.posted.amount
        )


@dataclass(frozen=True, slots=True)
class RuleTrial:
    """Of a period. looked_at: events with a reason that would mean something else.

    unlike: of these, events that the rules in force would not post again as they are posted, such
    as for costs that were approved since; they are tried like the others. unpostable: of these,
    events that the tried rules cannot post; they are left as they are posted.
    """

    period: str
    rules: str
    looked_at: int = 0
    unlike: int = 0
    unpostable: int = 0
    buckets: tuple[TriedBucket, ...] = ()
    events: tuple[TriedEvent, ...] = ()


def moved(before: Iterable[Leg], after: Iterable[Leg]) -> dict[Bucket, Worth]:
    """What the legs after put otherwise into each bucket than those before; none for the same."""
    sums: dict[Bucket, Worth] = {}
    for sign, legs in ((-1, before), (1, after)):
        for leg in legs:
            bucket = Bucket(leg.position.account, leg.position.stage, leg.position.unit)
            old = sums.get(bucket, Worth(0, ZERO))
            sums[bucket] = Worth(old.quantity + sign * leg.quantity, old.amount + sign * leg.amount)
    return {bucket: worth for bucket, worth in sums.items() if worth.quantity or worth.amount}


def tried_buckets(
    posted: Mapping[Bucket, Worth], events: Iterable[TriedEvent]
) -> tuple[TriedBucket, ...]:
    """Buckets that the events would move, by account and stage.

    posted: what all lines of the period put into each bucket.
    """
    sums: dict[Bucket, Worth] = {}
    for event in events:
        for bucket, worth in event.moved.items():
            old = sums.get(bucket, posted.get(bucket, Worth(0, ZERO)))
            sums[bucket] = Worth(old.quantity + worth.quantity, old.amount + worth.amount)
    rows = (
        TriedBucket(bucket, posted.get(bucket, Worth(0, ZERO)), tried)
        for bucket, tried in sums.items()
    )
    kept = (row for row in rows if row.posted != row.tried)
    return tuple(
        sorted(kept, key=lambda row: (row.bucket.account, row.bucket.stage, row.bucket.unit))
    )
