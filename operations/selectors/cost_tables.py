"""Versions of standard costs, what is in force, and what one changes against another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from finance.domain.cost_table import Cost, CostChange, Key, cost_changes
from finance.models import CostVersion, PostingRules
from finance.selectors.costs import cost_versions, costs_of, version_before


@dataclass(frozen=True, slots=True)
class CostLine:
    """A version in the list. state: draft, coming, in-force or superseded."""

    version: Any
    state: str


@dataclass(frozen=True, slots=True)
class CostView:
    """What a version holds and what differs from the one it is compared with."""

    costs: list[tuple[Key, Cost]]
    before: CostVersion | None
    changes: list[CostChange]

    @property
    def gone_count(self) -> int:
        """Costs of the version compared with that this one does not hold."""
        return gone_count(self.changes)


def cost_lines(today: date) -> list[CostLine]:
    """Every version, the newest day first."""
    found = list(cost_versions())
    approved = [one for one in found if one.approved_at and one.effective_on <= today]
    in_force = approved[0].pk if approved else None
    return [CostLine(one, version_state(one, in_force, today)) for one in found]


def version_state(version: CostVersion | PostingRules, in_force: int | None, today: date) -> str:
    """draft, coming, in-force or superseded. in_force: id of the one that applies today."""
    if version.approved_at is None:
        return "draft"
    if version.effective_on > today:
        return "coming"
    return "in-force" if version.pk == in_force else "superseded"


def cost_view(version: CostVersion, against: CostVersion | None) -> CostView:
    """Compared with the version before its day, where no other is named."""
    before = against or version_before(version.effective_on)
    costs = costs_of(version)
    return CostView(sorted(costs.items()), before, changes_from(before, costs))


def changes_from(before: CostVersion | None, costs: Mapping[Key, Cost]) -> list[CostChange]:
    """Every row whose cost or yield differs, in order."""
    return cost_changes(costs_of(before), costs)


def gone_count(changes: Iterable[CostChange]) -> int:
    """Of these, costs that are no more."""
    return sum(one.after is None for one in changes)
