"""Where the money sits: balances of what is carried, drawn and listed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from finance.domain.money import ZERO
from finance.domain.words import CARRYING, Account
from finance.models import Stage
from finance.selectors.balances import Balance, balances
from operations.domain.stock_drawing import Held, StockDrawing, draw_stock

FILTERS = ("account", "item", "custodian", "owner")
ORDER = {account: place for place, account in enumerate(Account)}


@dataclass(frozen=True, slots=True)
class StockAsked:
    """As of a seq and a day, narrowed to parts of a bucket; empty for any."""

    as_of_seq: int
    as_of_date: date | None
    account: str = ""
    item: str = ""
    custodian: str = ""
    owner: str = ""


@dataclass(frozen=True, slots=True)
class AccountSum:
    """All of an account, in money."""

    account: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Stock:
    """rows: carrying buckets that fit, in order. sums: of every account. total: of all, zero.

    choices: what the list can be narrowed to. stages: code → name.
    """

    rows: list[Balance]
    drawing: StockDrawing
    amount: Decimal
    sums: list[AccountSum]
    total: Decimal
    choices: dict[str, list[str]]
    stages: dict[str, str]


def stock(asked: StockAsked) -> Stock:
    """What every carrying bucket holds; other accounts by their sum."""
    stages = dict(Stage.objects.order_by("sequence").values_list("code", "name"))
    found = balances(asked.as_of_seq, asked.as_of_date)
    carried = [row for row in found if row.bucket.account in CARRYING]
    rows = sorted(
        (row for row in carried if _fits(row, asked)), key=lambda row: _place(row, list(stages))
    )
    return Stock(
        rows=rows,
        drawing=draw_stock([_held(row, stages) for row in rows]),
        amount=_sum(rows),
        sums=[
            AccountSum(account, _sum([row for row in found if row.bucket.account == account]))
            for account in Account
            if any(row.bucket.account == account for row in found)
        ],
        total=_sum(found),
        choices={name: sorted({getattr(row.bucket, name) for row in carried}) for name in FILTERS},
        stages=stages,
    )


def _fits(row: Balance, asked: StockAsked) -> bool:
    return all(getattr(asked, name) in {"", getattr(row.bucket, name)} for name in FILTERS)


def _place(row: Balance, stages: list[str]) -> tuple[int, int, str, str, str]:
    """Accounts as the domain lists them, stages in the order of the making."""
    bucket = row.bucket
    stage = stages.index(bucket.stage) if bucket.stage in stages else len(stages)
    return (
        ORDER[Account(bucket.account)],
        stage,
        bucket.item,
        bucket.custodian,
        bucket.unit_of_measure,
    )


def _held(row: Balance, stages: dict[str, str]) -> Held:
    bucket = row.bucket
    stage = bucket.stage or ""
    name = stages.get(stage, "No stage")
    title = name if bucket.account == Account.INVENTORY else f"{_said(bucket.account)}: {name}"
    return Held(
        account=bucket.account,
        stage=stage,
        title=title,
        custodian=bucket.custodian,
        unit=bucket.unit_of_measure,
        quantity=row.quantity,
        amount=row.amount,
    )


def _said(account: str) -> str:
    return account.replace("-", " ").capitalize()


def _sum(rows: Sequence[Balance]) -> Decimal:
    return sum((row.amount for row in rows), ZERO)
