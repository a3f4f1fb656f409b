"""What is shown of something that waits for approval, as it stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import astuple
from typing import Any

from finance.domain.cost_table import Cost
from finance.domain.cost_table import Key as CostKey
from finance.domain.journals import Chart
from finance.domain.plan_table import Key as PlanKey
from finance.domain.plan_table import Planned
from finance.domain.told import Told, told
from finance.models import (
    AssetPlan,
    CostVersion,
    PeriodClose,
    PostingProfile,
    PostingRules,
    StepStage,
)
from finance.selectors.asset_plans import planned_lines
from finance.selectors.closes import closes_of
from finance.selectors.costs import costs_of, version_before
from finance.selectors.profiles import chart_of
from finance.selectors.rollups import assumptions_of
from finance.selectors.rules import places, rules_before

APPROVAL = {"approved_by_id", "approved_at", "transaction", "op_key", "asked_sha256"}
"""Columns of a document that its approval writes, or that say how it was sent."""


def told_costs(version: CostVersion) -> Told:
    """Its costs and assumptions, and the version that they are shown against."""
    return costs_as_shown(version, costs_of(version), version_before(version.effective_on))


def costs_as_shown(
    version: CostVersion, costs: Mapping[CostKey, Cost], before: CostVersion | None
) -> Told:
    """The same, of costs that are read already."""
    first = (version.code, version.effective_on, version.prepared_by, before and before.code)
    is_rolled_up = getattr(version, "is_rolled_up", True)
    lines = assumptions_of(version) if is_rolled_up else []
    rows: list[tuple[object, ...]] = [(*key, *astuple(cost)) for key, cost in sorted(costs.items())]
    return told(first, [*rows, *map(astuple, lines)])


def told_plan(plan: AssetPlan) -> Told:
    """Every line of it."""
    return plan_as_shown(plan, planned_lines(plan))


def plan_as_shown(plan: AssetPlan, lines: Mapping[PlanKey, Planned]) -> Told:
    """The same, of lines that are read already."""
    rows = [(*key, *astuple(line)) for key, line in sorted(lines.items())]
    return told((plan.code, plan.effective_on, plan.prepared_by), rows)


def told_profile(profile: PostingProfile) -> Told:
    """How the general ledger names it, and every account."""
    return profile_as_shown(profile, chart_of(profile))


def profile_as_shown(profile: PostingProfile, chart: Chart) -> Told:
    """The same, of accounts that are read already."""
    first = (
        profile.code, profile.effective_on, profile.company, profile.ledger,
        profile.journal_source, profile.journal_category, profile.prepared_by,
    )  # fmt: skip
    return told(first, [(*key, *astuple(account)) for key, account in sorted(chart.items())])


def told_rules(rules: PostingRules) -> Told:
    """Every reason they name, and the rules that they are shown against."""
    before = rules_before(rules)
    first = (rules.code, rules.effective_on, rules.prepared_by, before and before.code)
    rows = rules.reasons.order_by("reason")
    return told(first, rows.values_list("reason", "is_normal", "is_missing", "comment"))


def told_stage(stage: StepStage) -> Told:
    """The step, and how its lots are valued now and would be."""
    now = places().get((stage.step_id, stage.unit_of_measure))
    version = stage.step.route_version
    first = (version, stage.step.code, stage.unit_of_measure, stage.stage_id, stage.account)
    return told((*first, stage.prepared_by), [astuple(now)] if now else ())


def told_close(close: PeriodClose) -> Told:
    """A version of a period, which stays as it was prepared; another one of its number differs."""
    first = (
        close.period_id, close.version, close.seq, close.sha256, close.reason, close.prepared_by,
        close.prepared_at, close.approved_by, close.approved_at,
    )  # fmt: skip
    return told(first, ())


def seen_close(close: PeriodClose, tag: str) -> str:
    """Hash of the version that a tag is of: its own, or that of it against another version.

    Any other tag stays as it is, also where the other version is not told so any more.
    """
    own, _, against = tag.partition("-")
    others = closes_of(close.period_id) if against else ()
    return own if against in {told_close(one).sha256 for one in others} else tag


def document_rows(document: Any) -> list[tuple[object, ...]]:
    """What a document says: its own columns in one row, its lines in those after it."""
    return [_cells(document), *map(_cells, sorted(document.lines.all(), key=lambda row: row.pk))]


def _cells(row: Any) -> tuple[object, ...]:
    columns = [field.attname for field in row._meta.concrete_fields]
    return tuple(getattr(row, name) for name in columns if name not in APPROVAL)
