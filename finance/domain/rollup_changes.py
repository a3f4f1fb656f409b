"""What assumptions explain: which costs one moves, and the way from one version to another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from finance.domain.assumptions import Assumption, Said
from finance.domain.cost_table import Key
from finance.domain.errors import RollUpError
from finance.domain.money import ZERO
from finance.domain.rollup import RolledCost, roll_up
from finance.domain.words import AssumptionKind
from supplychain.base.errors import MissingError, RefusedError

CHANGES_MAX = 300
"""So many roll-ups are made for one comparison."""


@dataclass(frozen=True, slots=True)
class Moved:
    """A cost before and after. None: there is none. supplier: "" for that of all others."""

    item: str
    stage: str
    supplier: str
    before: Decimal | None
    after: Decimal | None

    @property
    def key(self) -> Key:
        """Which cost it is."""
        return self.item, self.stage, self.supplier

    @property
    def change(self) -> Decimal:
        """after less before; what is not there counts as nothing."""
        return (self.after or ZERO) - (self.before or ZERO)


@dataclass(frozen=True, slots=True)
class AssumptionChange:
    """A line that differs between two tables. None: it is not there."""

    before: Assumption | None
    after: Assumption | None

    @property
    def row(self) -> Assumption:
        """The line as it became, or as it was before it went."""
        found = self.after or self.before
        assert found is not None, "it stands in one of the tables"
        return found


@dataclass(frozen=True, slots=True)
class Step:
    """Changes made at once, and the costs they moved on top of the steps before.

    More than one only where the costs cannot be rolled up between them.
    """

    changes: list[AssumptionChange]
    moved: list[Moved]

    def on(self, key: Key) -> Decimal:
        """What it adds to a cost."""
        return next((one.change for one in self.moved if one.key == key), ZERO)


@dataclass(frozen=True, slots=True)
class Explanation:
    """From one version to another, step by step. moved: over all of them."""

    steps: list[Step]
    moved: list[Moved]

    def remainder(self, key: Key) -> Decimal:
        """What no step explains: zero."""
        whole = next((one.change for one in self.moved if one.key == key), ZERO)
        return whole - sum((step.on(key) for step in self.steps), ZERO)


def what_if(rows: Sequence[Assumption], line: int, value: Decimal) -> list[Assumption]:
    """With another value on one line. MissingError for no such line; a bill's are not changed."""
    found = next((row for row in rows if row.line == line), None)
    if found is None:
        raise MissingError(f"There is no assumption on line {line}.", line=line)
    if found.kind is AssumptionKind.COMPONENT:
        raise RefusedError(
            f"Line {line} comes from the bill of {found.item}. Change the bill.", line=line
        )
    return [replace(row, value=value) if row.line == line else row for row in rows]


def moved_costs(before: Mapping[Key, RolledCost], after: Mapping[Key, RolledCost]) -> list[Moved]:
    """Every cost that differs, in order of item, stage and supplier."""
    return [
        Moved(*key, *costs)
        for key in sorted({*before, *after})
        if (costs := (_cost(before, key), _cost(after, key)))[0] != costs[1]
    ]


def assumption_changes(
    before: Iterable[Assumption], after: Iterable[Assumption], stages: Sequence[str]
) -> list[AssumptionChange]:
    """Lines whose value differs, in the order of the making, then by item and kind."""
    old, new = {row.said: row for row in before}, {row.said: row for row in after}
    kinds = list(AssumptionKind)

    def place(said: Said) -> tuple[int, str, int, str, str]:
        kind, item, stage, component, supplier = said
        return (stages.index(stage), item, kinds.index(AssumptionKind(kind)), component, supplier)

    return [
        AssumptionChange(old.get(said), new.get(said))
        for said in sorted({*old, *new}, key=place)
        if _value(old.get(said)) != _value(new.get(said))
    ]


def explain(
    before: Sequence[Assumption], after: Sequence[Assumption], stages: Sequence[str]
) -> Explanation:
    """One change after another, on top of those before it, until the later table is reached.

    RefusedError for more than CHANGES_MAX changes; RollUpError if a table itself has no costs.
    """
    changes = assumption_changes(before, after, stages)
    if len(changes) > CHANGES_MAX:
        raise RefusedError(
            f"{len(changes):,} assumptions differ; at most {CHANGES_MAX} are told one by one. "
            "Compare with a nearer version."
        )
    start, end = roll_up(before, stages), roll_up(after, stages)
    now, rows = start, {row.said: row for row in before}
    steps: list[Step] = []
    waiting: list[AssumptionChange] = []
    for number, change in enumerate(changes, start=1):
        _apply(rows, change)
        waiting.append(change)
        reached = end if number == len(changes) else _rolled(rows, stages)
        if reached is not None:
            steps.append(Step(waiting, moved_costs(now, reached)))
            now, waiting = reached, []
    return Explanation(steps, moved_costs(start, end))


def _apply(rows: dict[Said, Assumption], change: AssumptionChange) -> None:
    if change.after is None:
        del rows[change.row.said]
    else:
        rows[change.row.said] = change.after


def _rolled(rows: Mapping[Said, Assumption], stages: Sequence[str]) -> dict[Key, RolledCost] | None:
    """None where the costs cannot be rolled up until a further change is made."""
    try:
        return roll_up(rows.values(), stages)
    except RollUpError:
        return None


def _cost(costs: Mapping[Key, RolledCost], key: Key) -> Decimal | None:
    return costs[key].unit_cost if key in costs else None


def _value(row: Assumption | None) -> Decimal | None:
    return row.value if row else None
