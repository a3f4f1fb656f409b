"""A simulated line with troubles in it, as one that a truth file could be about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from operations.management.evaluation.plans import LOTS, Plan
from operations.management.evaluation.trials import Site, count_of, harmed_lots
from operations.management.evaluation.truth import Event
from simulator.streams import Tested, lot_at, lot_steps, spread_of

ORDINARY_FIRST_RATIO = 2 / 3
"""Of the ordinary lots that come before the first trouble; with 300 the first branch of a seed."""


@dataclass(frozen=True, slots=True)
class PlantedLine:
    """Lots in order of time, and what some of them have."""

    lots: tuple[Tested, ...]
    events: tuple[Event, ...]


def planted_line(seed: int, plans: Sequence[Plan], lot_count: int = LOTS) -> PlantedLine:
    """Every ordinary lot of a seed, with the lots of each plan put between them, once a step.

    Troubles are spread evenly over the last third. A seed that is judged tries them on branches,
    where nothing behind a trouble has it in its history; here all lots behind it have.
    """
    ordinary = [
        [lot_at(seed, number, step) for step in lot_steps(seed, number)]
        for number in range(lot_count)
    ]
    sigmas = _sigmas([lot for lots in ordinary for lot in lots])
    wanted = [(plan, step) for plan in plans for step in plan.steps]
    first = round(lot_count * ORDINARY_FIRST_RATIO)
    found: list[Tested] = []
    events: list[Event] = []
    begun = 0
    for place, (plan, step) in enumerate(wanted):
        at = first + place * (lot_count - first) // len(wanted)
        found += [lot for lots in ordinary[begun:at] for lot in lots]
        begun = at
        harmed, event = _planted(f"X{place + 1:02d}", Site(seed, step, at, sigmas[step]), plan)
        found += harmed
        events.append(event)
    found += [lot for lots in ordinary[begun:] for lot in lots]
    return PlantedLine(_numbered(found), tuple(events))


def _sigmas(lots: Sequence[Tested]) -> dict[str, float]:
    """Step → sigma of final yield between lots."""
    counts = {
        step: [count_of(lot).ratio for lot in lots if lot.step == step]
        for step in {lot.step for lot in lots}
    }
    return {step: spread_of(ratios) for step, ratios in counts.items()}


def _planted(code: str, site: Site, plan: Plan) -> tuple[list[Tested], Event]:
    lots, where = [], ""
    for lot, tool in harmed_lots(site, plan):
        where = tool
        lots.append(replace(lot, code=f"{code}-{lot.code}"))
    codes = frozenset(lot.code for lot in lots)
    return lots, Event(code, plan.kind, plan.name, site.step, codes, where)


def _numbered(lots: Sequence[Tested]) -> tuple[Tested, ...]:
    numbers: dict[str, int] = {}
    return tuple(replace(lot, number=numbers.setdefault(lot.code, len(numbers))) for lot in lots)
