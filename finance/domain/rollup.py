"""Unit costs from wafer to rack, rolled up from assumptions, each with what it is built of.

Of an item, stages follow each other as the assumptions name them, in the order of the making.
At the first one it is bought, or built by its bill from its components at their last stage. Each
unit that is started pays the conversion of its stage; the good ones bear it for all:

    cost = (cost of what goes in + conversion) / yield

Where dies are born, what goes in is the wafer over its gross dies, to six places. Every cost is
rounded half to even to six places, and what rounding leaves is part of the yield loss, or of the
largest part where there is no yield: the parts always sum to the cost.

An item with prices of several suppliers has costs of each of them, from its first stage to its
last, beside those of all others, which are what goes into all that it is built into.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields
from decimal import Decimal

from finance.domain.assumptions import BOUGHT, Assumption, value_fault
from finance.domain.cost_table import COST_MAX, Cost, Key
from finance.domain.errors import RollUpError
from finance.domain.money import ZERO, rounded
from finance.domain.words import AssumptionKind

ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class BuildUp:
    """What a unit cost is made of. material: bought wafers and finished goods. parts: bought parts.

    conversion: work on good units; yield_loss: what good units bear for those lost.
    """

    material: Decimal = ZERO
    yield_loss: Decimal = ZERO
    conversion: Decimal = ZERO
    parts: Decimal = ZERO

    @property
    def cost(self) -> Decimal:
        """The sum, exactly."""
        return self.material + self.yield_loss + self.conversion + self.parts

    def plus(self, other: BuildUp, count: Decimal = ONE) -> BuildUp:
        """With so many of the other."""
        return BuildUp(
            *(getattr(self, name) + rounded(getattr(other, name) * count) for name in PARTS)
        )


PARTS = tuple(one.name for one in fields(BuildUp))


@dataclass(frozen=True, slots=True)
class RolledCost:
    """A unit of an item at a stage. yield_ratio: good of gross where units are born, else None.

    supplier: whose lots it is for, "" for those of all others.
    """

    item: str
    stage: str
    supplier: str
    build_up: BuildUp
    yield_ratio: Decimal | None

    @property
    def unit_cost(self) -> Decimal:
        """Six places."""
        return self.build_up.cost

    @property
    def standard(self) -> Cost:
        """As the ledger takes it."""
        return Cost(self.unit_cost, self.yield_ratio)


@dataclass(slots=True)
class _AtStage:
    """The assumptions of an item at one stage."""

    bought: list[Assumption] = field(default_factory=list)
    gross: Assumption | None = None
    ratio: Assumption | None = None
    conversions: list[Assumption] = field(default_factory=list)
    components: list[Assumption] = field(default_factory=list)

    @property
    def lines(self) -> list[Assumption]:
        """The first one first."""
        own = [one for one in (self.gross, self.ratio) if one is not None]
        found = [*self.bought, *own, *self.conversions, *self.components]
        return sorted(found, key=lambda row: row.line)


def roll_up(rows: Iterable[Assumption], stages: Sequence[str]) -> dict[Key, RolledCost]:
    """Item, stage and supplier → its cost. stages: codes in the order of the making, all there are.

    RollUpError, naming the line, for a value that cannot be, a component or an item without a
    price, one that is both bought and built, a bill that comes back to itself, and prices of
    several suppliers without one for all others.
    """
    return _RollUp(rows, stages).all()


class _RollUp:
    def __init__(self, rows: Iterable[Assumption], stages: Sequence[str]) -> None:
        places = {stage: place for place, stage in enumerate(stages)}
        found: dict[str, dict[str, _AtStage]] = {}
        for row in rows:
            if fault := value_fault(row.kind, row.value):
                raise _refused(row, fault)
            _put(found.setdefault(row.item, {}).setdefault(row.stage, _AtStage()), row)
        self.items = {
            item: dict(sorted(own.items(), key=lambda pair: places[pair[0]]))
            for item, own in found.items()
        }
        self.costs: dict[Key, RolledCost] = {}
        self.done: set[str] = set()

    def all(self) -> dict[Key, RolledCost]:
        for item in sorted(self.items):
            self.roll(item, ())
        return self.costs

    def roll(self, item: str, above: tuple[str, ...]) -> BuildUp:
        """Its cost at its last stage. above: items that it is being built into."""
        own = self.items[item]
        if item not in self.done:
            for supplier in _suppliers(own.values()):
                before: BuildUp | None = None
                for stage, at in own.items():
                    before = self.at_stage((item, stage, supplier), at, before, (*above, item))
            self.done.add(item)
        return self.costs[(item, list(own)[-1], "")].build_up

    def at_stage(
        self, key: Key, at: _AtStage, before: BuildUp | None, path: tuple[str, ...]
    ) -> BuildUp:
        going_in = self.going_in(key[-1], at, before, path)
        work = sum((one.value for one in at.conversions), ZERO)
        started = going_in.plus(BuildUp(conversion=work))
        ratio = at.ratio.value if at.ratio else ONE
        made = _with_loss(started, ratio)
        if made.cost >= COST_MAX:
            raise _refused(at.lines[0], "It comes to more than a cost can be.")
        self.costs[key] = RolledCost(*key, made, at.ratio.value if at.ratio else None)
        return made

    def going_in(
        self, supplier: str, at: _AtStage, before: BuildUp | None, path: tuple[str, ...]
    ) -> BuildUp:
        """Of one unit started at the stage."""
        _check_origin(at, before)
        if at.gross is not None and before is not None:
            return _divided(before, at.gross.value)
        if before is not None:
            return before
        found = BuildUp()
        for one in _prices(at.bought, supplier):
            is_part = one.kind is AssumptionKind.PART
            found = found.plus(BuildUp(**{"parts" if is_part else "material": one.value}))
        for one in at.components:
            found = found.plus(self.component(one, path), one.value)
        return found

    def component(self, row: Assumption, path: tuple[str, ...]) -> BuildUp:
        if row.component in path:
            way = " → ".join((*path[path.index(row.component) :], row.component))
            raise _refused(row, f"The bills come back to themselves: {way}.")
        if row.component not in self.items:
            raise _refused(row, f"{row.component} has no price. Add a line for it.")
        return self.roll(row.component, path)


def _put(at: _AtStage, row: Assumption) -> None:
    if row.kind in BOUGHT:
        for one in at.bought:
            if one.kind is not row.kind or one.supplier == row.supplier:
                raise _refused(row, f"{row.item} has a price on line {one.line} already.")
        at.bought.append(row)
    elif row.kind is AssumptionKind.CONVERSION:
        at.conversions.append(row)
    elif row.kind is AssumptionKind.COMPONENT:
        at.components.append(row)
    elif row.kind is AssumptionKind.YIELD:
        at.ratio = row
    else:
        at.gross = row


def _suppliers(own: Iterable[_AtStage]) -> list[str]:
    """Whose costs an item has: all others', and those of each supplier where prices are several."""
    named = {one.supplier for at in own if len(at.bought) > 1 for one in at.bought}
    return ["", *sorted(named - {""})]


def _prices(bought: Sequence[Assumption], supplier: str) -> list[Assumption]:
    """The price of this supplier's lots; a price that is the only one is that of all of them."""
    if len(bought) < 2:
        return list(bought)
    for one in bought:
        if one.supplier == supplier:
            return [one]
    raise _refused(
        bought[0],
        f"{bought[0].item} has prices of several suppliers and none for lots of all others. Add "
        "one without a supplier; it is also what is built in.",
    )


def _check_origin(at: _AtStage, before: BuildUp | None) -> None:
    first = at.lines[0]
    if before is None and at.gross is not None:
        raise _refused(at.gross, f"{first.item} has no wafer before that stage.")
    if before is None and not (at.bought or at.components):
        raise _refused(first, f"{first.item} has no price and no bill. Add a price for it.")
    if at.components and (at.bought or before is not None):
        row = at.components[0]
        raise _refused(row, f"{row.item} has both a price and a bill, or a stage before it.")
    if at.bought and before is not None:
        raise _refused(at.bought[0], f"{first.item} has a cost at a stage before already.")


def _divided(wafer: BuildUp, count: Decimal) -> BuildUp:
    """A die's part of a wafer."""
    cost = rounded(wafer.cost / count)
    parts = {name: rounded(getattr(wafer, name) / count) for name in PARTS}
    largest = max(PARTS, key=lambda name: parts[name])
    parts[largest] += cost - sum(parts.values())
    return BuildUp(**parts)


def _with_loss(started: BuildUp, ratio: Decimal) -> BuildUp:
    """A good unit's cost: what it started with, and its part of what was lost."""
    return started.plus(BuildUp(yield_loss=rounded(started.cost / ratio) - started.cost))


def _refused(row: Assumption, why: str) -> RollUpError:
    return RollUpError(f"Line {row.line}, {row.about}: {why}", line=row.line)
