"""Plans of assets, and what stands in service against one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, QuerySet, Sum
from django.db.models.functions import TruncMonth

from finance.domain.plan_comparing import (
    ComparedMonth,
    Design,
    Moved,
    chips_by_bill,
    compared_months,
)
from finance.domain.plan_table import Key, Planned, PlanTable, read_plan
from finance.domain.words import Account
from finance.models import AssetPlan, Period
from finance.selectors.balances import rows_as_of
from finance.selectors.rollups import released_bills
from lots.domain.words import UnitKind
from lots.models import Product
from supplychain.base.errors import MissingError

PLANNABLE = (UnitKind.SERVER, UnitKind.ULTRASERVER, UnitKind.SWITCH, UnitKind.SYSTEM)


@dataclass(frozen=True, slots=True)
class PlanView:
    """A plan against what the ledger moved. months: by item and month. until: last actual day."""

    plan: AssetPlan
    months: list[ComparedMonth]
    until: date

    @property
    def latest(self) -> list[ComparedMonth]:
        """Of each item the last month that has an actual; its first one while none has."""
        found: dict[str, ComparedMonth] = {}
        for one in self.months:
            if one.quantity.actual is not None:
                found[one.item] = one
            else:
                found.setdefault(one.item, one)
        return list(found.values())


def asset_plans() -> QuerySet[AssetPlan]:
    """The newest day first, with who stands behind each and how many lines it has."""
    people = AssetPlan.objects.select_related("prepared_by", "approved_by")
    return people.annotate(line_count=Count("lines")).order_by("-effective_on", "-id")


def asset_plan(code: str) -> AssetPlan:
    """MissingError for an unknown one."""
    found = asset_plans().filter(code=code).first()
    if found is None:
        raise MissingError(f"There is no plan of assets {code}.", plan=code)
    return found


def plan_in_force(day: date) -> AssetPlan | None:
    """The approved plan that applies on the day."""
    return asset_plans().filter(approved_at__isnull=False, effective_on__lte=day).first()


def planned_lines(plan: AssetPlan | None) -> dict[Key, Planned]:
    """By item and month; none for no plan."""
    if plan is None:
        return {}
    rows = plan.lines.order_by("item", "month")
    return {
        (row.item_id, row.month_id): Planned(
            row.quantity, row.unit_cost, row.chip_cost, row.megawatt_cost
        )
        for row in rows
    }


def plan_table(text: str) -> PlanTable:
    """A CSV read against what can be planned, and the periods there are."""
    items = Product.objects.filter(kind__in=PLANNABLE).values_list("code", flat=True)
    return read_plan(text, items, Period.objects.values_list("code", flat=True))


def plan_view(plan: AssetPlan, *, as_of_seq: int, today: date, day: date | None = None) -> PlanView:
    """What came into service, month by month, against the plan. today: of the plant.

    day: facts up to it; months after it, or after today, have no actual.
    """
    lines = planned_lines(plan)
    items = {item for item, _ in lines}
    until = min(day or today, today)
    moved = _moved(items, as_of_seq, day)
    months = compared_months(lines, moved, _designs(items), f"{until:%Y-%m}")
    return PlanView(plan, months, until)


def _moved(items: Iterable[str], as_of_seq: int, day: date | None) -> dict[Key, Moved]:
    """By the month in which it came into service, or left it."""
    sums: Any = (
        rows_as_of(as_of_seq, day)
        .filter(account=Account.FIXED_ASSET, item__in=list(items))
        .order_by()
        .annotate(month=TruncMonth("effective_on"))
        .values("item", "month")
        .annotate(units=Sum("quantity"), money=Sum("amount"))
    )
    return {
        (row["item"], f"{row['month']:%Y-%m}"): Moved(row["units"], row["money"]) for row in sums
    }


def _designs(items: Iterable[str]) -> dict[str, Design]:
    products = {one.code: one for one in Product.objects.all()}
    packages = {code for code, one in products.items() if one.kind == UnitKind.PACKAGE}
    bills = released_bills()
    return {
        item: Design(chips_by_bill(item, packages, bills), _watt(products[item])) for item in items
    }


def _watt(product: Product) -> Decimal | None:
    return None if product.power_watt is None else Decimal(str(product.power_watt))
