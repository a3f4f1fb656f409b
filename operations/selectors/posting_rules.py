"""Posting rules as a list, and the stages of steps route by route."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any

from finance.models import StepStage
from finance.selectors.rules import listed_rules, step_stages
from operations.selectors.cost_tables import version_state


@dataclass(frozen=True, slots=True)
class RulesLine:
    """A version in the list. state: draft, coming, in-force or superseded."""

    rules: Any
    state: str


@dataclass(frozen=True, slots=True)
class StageView:
    """Stages of steps: those that wait, and those that count, by route version."""

    waiting: list[StepStage]
    routes: list[tuple[str, list[StepStage]]]


def rules_lines(today: date) -> list[RulesLine]:
    """Every version, the latest first day first."""
    found = list(listed_rules())
    approved = [one for one in found if one.approved_at and one.effective_on <= today]
    in_force = approved[0].pk if approved else None
    return [RulesLine(one, version_state(one, in_force, today)) for one in found]


def stage_view() -> StageView:
    """All of them, in the order of the routes."""
    waiting, routes = [], defaultdict(list)
    for row in step_stages():
        if row.approved_at is None:
            waiting.append(row)
        else:
            routes[str(row.step.route_version)].append(row)
    return StageView(waiting, list(routes.items()))
