"""What a custodian holds, ours or not, by item and lot, for them to confirm."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet, Sum

from finance.domain.words import CARRYING
from finance.selectors.balances import rows_as_of
from lots.models import Supplier
from supplychain.base.errors import MissingError

BY = ("account", "stage", "item", "unit_of_measure", "owner", "lot")


@dataclass(frozen=True, slots=True)
class Custody:
    """Units of a lot in one place."""

    account: str
    stage: str
    item: str
    unit_of_measure: str
    owner: str
    lot: str
    quantity: int


def custodian_by_code(code: str) -> Supplier:
    """MissingError for an unknown one."""
    found = Supplier.objects.filter(code=code).first()
    if found is None:
        raise MissingError(f"There is no custodian {code}.", custodian=code)
    return found


def custodians(as_of_seq: int, as_of_date: date | None) -> list[Supplier]:
    """Those that have held something by then, by code."""
    rows = rows_as_of(as_of_seq, as_of_date).filter(account__in=CARRYING)
    codes = rows.order_by().values("custodian").distinct()
    return list(Supplier.objects.filter(code__in=codes).order_by("code"))


def custody(custodian: str, as_of_seq: int, as_of_date: date | None) -> list[Custody]:
    """Every lot of which units are with the custodian, by item and lot."""
    return [
        Custody(
            row["account"], row["stage"] or "", row["item"], row["unit_of_measure"], row["owner"],
            row["lot"] or "", row["units"],
        )
        for row in _held(custodian, as_of_seq, as_of_date).order_by("item", "lot", *BY)
    ]  # fmt: skip


def _held(custodian: str, as_of_seq: int, as_of_date: date | None) -> Any:
    rows: QuerySet[Any] = rows_as_of(as_of_seq, as_of_date).filter(
        account__in=CARRYING, custodian__code=custodian
    )
    return rows.order_by().values(*BY).annotate(units=Sum("quantity")).exclude(units=0)
