"""The roll-forward of a period by account, with what each account sums to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from finance.domain.money import ZERO
from finance.domain.words import Account
from finance.models import Period, Stage
from finance.selectors.balances import Rolled, RolledBucket, rollforward
from finance.selectors.closing import period_by_code

FILTERS = ("account", "stage", "item")


@dataclass(frozen=True, slots=True)
class RollAsked:
    """A period as of a seq, narrowed to an account, stage or item; empty for any."""

    period: str
    as_of_seq: int
    account: str = ""
    stage: str = ""
    item: str = ""


@dataclass(frozen=True, slots=True)
class RolledGroup:
    """An account. amount: over its rows; units of different kinds are not added up."""

    account: str
    rows: list[RolledBucket]
    amount: Rolled


@dataclass(frozen=True, slots=True)
class RollView:
    """wrong: rows whose check is not zero. choices: what can be picked to narrow it."""

    period: Period
    groups: list[RolledGroup]
    amount: Rolled
    wrong: int
    choices: dict[str, list[str]]


def rolled(asked: RollAsked) -> RollView:
    """MissingError for no such period."""
    period = period_by_code(asked.period)
    stages = list(Stage.objects.order_by("sequence").values_list("code", flat=True))
    found = rollforward(asked.period, asked.as_of_seq)
    rows = [row for row in found if _fits(row, asked)]
    rows.sort(key=lambda row: (_stage_place(row, stages), row.bucket.item, row.bucket.custodian))
    groups = [
        RolledGroup(account, own, _sum(own))
        for account in Account
        if (own := [row for row in rows if row.bucket.account == account])
    ]
    return RollView(
        period=period,
        groups=groups,
        amount=_sum(rows),
        wrong=sum(bool(row.quantity.check or row.amount.check) for row in rows),
        choices={
            name: sorted({getattr(row.bucket, name) or "" for row in found} - {""})
            for name in FILTERS
        },
    )


def _fits(row: RolledBucket, asked: RollAsked) -> bool:
    return all(getattr(asked, name) in {"", getattr(row.bucket, name)} for name in FILTERS)


def _stage_place(row: RolledBucket, stages: list[str]) -> int:
    return stages.index(row.bucket.stage) if row.bucket.stage in stages else len(stages)


def _sum(rows: Iterable[RolledBucket]) -> Rolled:
    opening = incoming = outgoing = closing = ZERO
    for row in rows:
        opening += row.amount.opening
        incoming += row.amount.incoming
        outgoing += row.amount.outgoing
        closing += row.amount.closing
    return Rolled(opening, incoming, outgoing, closing)
