"""Costs rolled up, as the page shows them: drawn, listed, tried otherwise, and explained."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from finance.domain.assumptions import Assumption
from finance.domain.cost_table import Key
from finance.domain.money import ZERO
from finance.domain.rollup import PARTS, RolledCost, roll_up
from finance.domain.rollup_changes import (
    AssumptionChange,
    Moved,
    explain,
    moved_costs,
    what_if,
)
from finance.models import CostVersion
from finance.selectors.rollups import assumptions_of, stage_codes, strayed_costs
from operations.templatetags.books import unit_cost


@dataclass(frozen=True, slots=True)
class RollUpView:
    """costs: in the order of the making. strayed: costs of the version that are not these."""

    assumptions: list[Assumption]
    costs: list[RolledCost]
    strayed: list[Key]
    drawn: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class ExplainedStep:
    """Changes, what they add to the cost that is looked at, and how many costs they move."""

    changes: list[AssumptionChange]
    amount: Decimal
    moved_count: int


@dataclass(frozen=True, slots=True)
class ExplainedView:
    """The way of one cost from a version to another. remainder: what no step explains, zero."""

    key: Key
    name: str
    names: list[str]
    before: Decimal | None
    after: Decimal | None
    steps: list[ExplainedStep]
    remainder: Decimal


def roll_up_view(version: CostVersion) -> RollUpView:
    """Of the lines that the version keeps; empty for one that was not rolled up."""
    stages, rows = stage_codes(), assumptions_of(version)
    rolled = roll_up(rows, stages)
    costs = _in_order(rolled, stages)
    drawn = [_drawn(one) for one in costs]
    return RollUpView(rows, costs, strayed_costs(version, rolled), drawn)


def tried(version: CostVersion, line: int, value: Decimal) -> list[Moved]:
    """What would move with another value on one line; nothing is kept."""
    stages, rows = stage_codes(), assumptions_of(version)
    moved = moved_costs(roll_up(rows, stages), roll_up(what_if(rows, line, value), stages))
    return sorted(moved, key=lambda one: _place(one.key, stages))


def explained_view(version: CostVersion, against: CostVersion, asked: str) -> ExplainedView | None:
    """Of a cost that differs: the one asked for as `item stage`, or the dearest; None for none."""
    stages = stage_codes()
    found = explain(assumptions_of(against), assumptions_of(version), stages)
    if not found.moved:
        return None
    whole = {one.key: one for one in found.moved}
    dearest = max(found.moved, key=lambda one: (one.after or ZERO, one.before or ZERO))
    key = next((key for key in whole if _name(key) == asked), dearest.key)
    return ExplainedView(
        key=key,
        name=_name(key),
        names=[_name(one) for one in sorted(whole, key=lambda one: _place(one, stages))],
        before=whole[key].before,
        after=whole[key].after,
        steps=[ExplainedStep(one.changes, one.on(key), len(one.moved)) for one in found.steps],
        remainder=found.remainder(key),
    )


def _in_order(rolled: dict[Key, RolledCost], stages: list[str]) -> list[RolledCost]:
    return [rolled[key] for key in sorted(rolled, key=lambda key: _place(key, stages))]


def _place(key: Key, stages: list[str]) -> tuple[int, str, str]:
    """In the order of the making, then by item and supplier."""
    item, stage, supplier = key
    return stages.index(stage), item, supplier


def _name(key: Key) -> str:
    """Item, stage and, of a cost of its own, supplier."""
    return " ".join(filter(None, key))


def _drawn(cost: RolledCost) -> dict[str, Any]:
    """Parts in percent of the cost, for dies and racks on one scale."""
    whole = cost.unit_cost or Decimal(1)
    return {
        "label": _name((cost.item, cost.stage, cost.supplier)),
        "cost": unit_cost(cost.unit_cost),
        "parts": {
            name: {
                "share": round(float(100 * getattr(cost.build_up, name) / whole), 3),
                "amount": unit_cost(getattr(cost.build_up, name)),
            }
            for name in PARTS
        },
    }
