"""What differed from standard, by who had the goods, item, stage and month."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, Sum

from finance.domain.money import ZERO
from finance.domain.queries import as_of_seq, period_code
from finance.domain.words import Account
from finance.models import LedgerEntry, Period
from finance.selectors.balances import rows_as_of
from finance.selectors.ledger import watermark
from supplychain.base.errors import MalformedError

SHOWN = tuple(account for account in Account if account.endswith("variance"))
"""Every variance account there is; conversion is shown when it is asked for."""

ACCOUNTS = (*SHOWN, Account.CONVERSION)
FILTERS = ("kind", "item", "stage", "supplier")
COLUMNS = (
    "period", "account", "kind", "item", "stage", "supplier", "unit_of_measure", "quantity",
    "amount", "line_count",
)  # fmt: skip
PERIODS_SHOWN = 12
PARTED = ("period", "account", "kind", "item", "stage", "custodian", "unit_of_measure")


@dataclass(frozen=True, slots=True)
class VarianceAsked:
    """Lines up to a seq, of the months first to last; what is empty is not asked for.

    account: one of ACCOUNTS; SHOWN without one. supplier: custodian of the goods. head_sha256: of
    the last line.
    """

    as_of_seq: int
    first: str = ""
    last: str = ""
    account: str = ""
    kind: str = ""
    item: str = ""
    stage: str = ""
    supplier: str = ""
    head_sha256: str = ""


@dataclass(frozen=True, slots=True)
class Variance:
    """Lines of one month that are alike. amount: a loss is positive. stage: "" for none."""

    period: str
    account: str
    kind: str
    item: str
    stage: str
    supplier: str
    unit_of_measure: str
    quantity: int
    amount: Decimal
    line_count: int


@dataclass(frozen=True, slots=True)
class MonthOfVariances:
    """amounts: by kind, in the order of the kinds."""

    period: str
    amounts: list[Decimal]
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Variances:
    """rows: the latest month first, then the largest amount, whatever its sign.

    months: every month from the first to the last that is asked, with kinds beside. choices: what
    the rows can be narrowed to.
    """

    rows: list[Variance]
    kinds: list[str]
    months: list[MonthOfVariances]
    amount: Decimal
    choices: dict[str, list[str]]


def variances_asked(given: Mapping[str, str], *, is_recent: bool = False) -> VarianceAsked:
    """What words ask for. MalformedError for one that cannot be.

    is_recent: without months, only the last ones that have a variance.
    """
    account = given.get("account", "")
    if account and account not in ACCOUNTS:
        raise MalformedError(f"account is one of: {', '.join(ACCOUNTS)}.", parameter="account")
    mark = watermark(as_of_seq(given))
    first, last = months_shown(mark.seq) if is_recent else ("", "")
    return VarianceAsked(
        as_of_seq=mark.seq,
        head_sha256=mark.sha256,
        first=period_code({"period": given["from"]}) if "from" in given else first,
        last=period_code({"period": given["to"]}) if "to" in given else last,
        account=account,
        **{name: given.get(name, "") for name in FILTERS},
    )


def variances(asked: VarianceAsked) -> Variances:
    """The lines summed; nothing is left out and nothing counted twice."""
    found = _found(asked)
    rows = [
        row
        for row in found
        if all(getattr(asked, name) in {"", getattr(row, name)} for name in FILTERS)
    ]
    rows.sort(key=lambda row: (row.period, abs(row.amount)), reverse=True)
    kinds = sorted({row.kind for row in rows})
    return Variances(
        rows=rows,
        kinds=kinds,
        months=[_month(period, kinds, rows) for period in _periods(asked, rows)],
        amount=_sum(rows),
        choices={name: sorted({getattr(row, name) for row in found} - {""}) for name in FILTERS},
    )


def months_shown(as_of_seq: int) -> tuple[str, str]:
    """The last months with a variance, as many as are shown unasked; "" for none."""
    codes = LedgerEntry.objects.filter(seq__lte=as_of_seq, account__in=SHOWN).order_by()
    newest = Period.objects.filter(code__in=codes.values("period")).order_by("-starts_on").first()
    if newest is None:
        return "", ""
    year, month = divmod(newest.starts_on.year * 12 + newest.starts_on.month - PERIODS_SHOWN, 12)
    return f"{year}-{month + 1:02}", newest.code


def _found(asked: VarianceAsked) -> list[Variance]:
    accounts = [asked.account] if asked.account else list(SHOWN)
    rows = rows_as_of(asked.as_of_seq).filter(account__in=accounts)
    if asked.first:
        rows = rows.filter(period__gte=asked.first)
    if asked.last:
        rows = rows.filter(period__lte=asked.last)
    sums: Any = (
        rows.order_by()
        .values(*PARTED)
        .annotate(units=Sum("quantity"), money=Sum("amount"), lines=Count("seq"))
        .order_by(*PARTED)
    )
    return [
        Variance(
            period=row["period"], account=row["account"], kind=row["kind"], item=row["item"],
            stage=row["stage"] or "", supplier=row["custodian"],
            unit_of_measure=row["unit_of_measure"], quantity=row["units"], amount=row["money"],
            line_count=row["lines"],
        )
        for row in sums
    ]  # fmt: skip


def _periods(asked: VarianceAsked, rows: Sequence[Variance]) -> list[str]:
    """Months without a line stand between those with one."""
    codes = {row.period for row in rows}
    if not codes:
        return []
    first, last = asked.first or min(codes), asked.last or max(codes)
    known = Period.objects.filter(code__gte=first, code__lte=last).order_by("starts_on")
    return list(known.values_list("code", flat=True))


def _month(period: str, kinds: Sequence[str], rows: Sequence[Variance]) -> MonthOfVariances:
    own = [row for row in rows if row.period == period]
    amounts = [_sum(row for row in own if row.kind == kind) for kind in kinds]
    return MonthOfVariances(period, amounts, _sum(own))


def _sum(rows: Iterable[Variance]) -> Decimal:
    return sum((row.amount for row in rows), ZERO)
