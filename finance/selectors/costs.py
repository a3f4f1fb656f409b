"""Cost versions and what stands in them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from finance.domain.cost_table import Cost, CostTable, Key, changes_in_force, read_costs
from finance.domain.words import Account
from finance.models import CostAssumption, CostVersion, LedgerEntry, Stage, StandardCost
from lots.models import Product, Supplier
from supplychain.base.errors import MissingError


def cost_versions() -> QuerySet[CostVersion]:
    """The newest day first, with who stands behind each and how many costs it has."""
    people = CostVersion.objects.select_related("prepared_by", "approved_by")
    return people.annotate(cost_count=Count("costs")).order_by("-effective_on", "-id")


def cost_version(code: str) -> CostVersion:
    """MissingError for an unknown one. It knows whether it was rolled up: is_rolled_up."""
    people = CostVersion.objects.select_related("prepared_by", "approved_by")
    rows = CostAssumption.objects.filter(version=OuterRef("pk"))
    found = people.annotate(is_rolled_up=Exists(rows)).filter(code=code).first()
    if found is None:
        raise MissingError(f"There is no cost version {code}.", version=code)
    return found


def versioned_costs(version: CostVersion | None) -> QuerySet[StandardCost]:
    """Of a version, or of every approved one."""
    costs = StandardCost.objects.select_related("version__approved_by", "stage")
    return costs.filter(Q(version=version) if version else Q(version__approved_at__isnull=False))


def approvals_of_costs() -> list[tuple[object, ...]]:
    """Every approved version by its id, with its day, and when and by whom it was approved."""
    rows = CostVersion.objects.filter(approved_at__isnull=False).order_by("pk")
    return list(rows.values_list("code", "effective_on", "approved_at", "approved_by__username"))


def version_before(effective_on: date) -> CostVersion | None:
    """The approved version that applies until a new one of this day does."""
    approved = CostVersion.objects.filter(approved_at__isnull=False, effective_on__lt=effective_on)
    return approved.order_by("-effective_on").first()


def posted_otherwise(version: CostVersion) -> int:
    """Lines of events on days the draft is for, at items and stages whose cost it changes.

    They stay as they are posted; events of these days that are not posted yet will be by the
    draft. Its days: until the next approved version applies. What is the vendor's own has no cost.
    """
    before = version_before(version.effective_on)
    changed = {
        (one.item, one.stage) for one in changes_in_force(costs_of(before), costs_of(version))
    }
    lines = LedgerEntry.objects.filter(
        source_seq__isnull=False,
        effective_on__gte=version.effective_on,
        period__ends_on__gte=version.effective_on,  # never an earlier one: it is found by its index
    ).exclude(account=Account.VENDOR_OWNED)
    later = CostVersion.objects.filter(
        approved_at__isnull=False, effective_on__gt=version.effective_on
    )
    if following := later.order_by("effective_on").first():
        lines = lines.filter(effective_on__lt=following.effective_on)
    return _count_at(lines, changed)


def _count_at(lines: QuerySet[LedgerEntry], places: Collection[tuple[str, str]]) -> int:
    """Lines at one of these, by item and stage."""
    rows: Any = lines.values("item", "stage").annotate(count=Count("pk")).order_by()
    return sum(row["count"] for row in rows if (row["item"], row["stage"]) in places)


def costs_of(version: CostVersion | None) -> dict[Key, Cost]:
    """Its costs by item, stage and supplier; none for no version."""
    if version is None:
        return {}
    rows = version.costs.values_list(
        "item_id", "stage_id", "supplier_id", "unit_cost", "yield_ratio"
    )
    return {
        (str(item), str(stage), str(supplier or "")): Cost(cost, ratio)
        for item, stage, supplier, cost, ratio in rows
    }


def cost_table(text: str) -> CostTable:
    """A CSV read against the products, stages and suppliers there are."""
    return read_costs(
        text,
        Product.objects.values_list("code", flat=True),
        Stage.objects.values_list("code", flat=True),
        Supplier.objects.values_list("code", flat=True),
    )
