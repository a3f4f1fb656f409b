"""What is shown of something that waits for approval, as it stands."""

from __future__ import annotations

from typing import Any

from finance.domain.told import Told, told
from finance.models import AssetPlan, CostVersion, PeriodClose, PostingProfile
from finance.selectors.costs import version_before

APPROVAL = {"approved_by_id", "approved_at", "transaction", "op_key", "asked_sha256"}
"""Columns of a document that its approval writes, or that say how it was sent."""


def told_costs(version: CostVersion) -> Told:
    """Its costs and assumptions, and the version that they are shown against."""
    before = version_before(version.effective_on)
    costs = version.costs.order_by("item", "stage")
    lines = version.assumptions.order_by("line")
    first = (version.code, version.effective_on, version.prepared_by, before and before.code)
    rows = [
        *costs.values_list("item", "stage", "unit_cost", "yield_ratio"),
        *lines.values_list(
            "line", "kind", "item", "stage", "component", "supplier", "value", "source"
        ),
    ]
    return told(first, rows)


def told_plan(plan: AssetPlan) -> Told:
    """Every line of it."""
    rows = plan.lines.order_by("item", "month").values_list(
        "item", "month", "quantity", "unit_cost", "chip_cost", "megawatt_cost"
    )
    return told((plan.code, plan.effective_on, plan.prepared_by), rows)


def told_profile(profile: PostingProfile) -> Told:
    """How the general ledger names it, and every account."""
    first = (
        profile.code, profile.effective_on, profile.company, profile.ledger,
        profile.journal_source, profile.journal_category, profile.prepared_by,
    )  # fmt: skip
    rows = profile.accounts.order_by("account", "stage", "id")
    return told(first, rows.values_list("account", "stage", "number", "name"))


def told_close(close: PeriodClose) -> Told:
    """A version of a period, which stays as it was prepared; another one of its number differs."""
    first = (
        close.period_id, close.version, close.seq, close.sha256, close.reason, close.prepared_by,
        close.prepared_at, close.approved_by, close.approved_at,
    )  # fmt: skip
    return told(first, ())


def document_rows(document: Any) -> list[tuple[object, ...]]:
    """What a document says: its own columns in one row, its lines in those after it."""
    columns = [field.attname for field in document._meta.concrete_fields]
    own = tuple(getattr(document, name) for name in columns if name not in APPROVAL)
    return [own, *document.lines.order_by("pk").values_list()]
