"""One seed: a stream of ordinary lots, and troubles tried on branches of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from operations.management.evaluation.bench import Alarm, Bench, Rules, ratios_of
from operations.management.evaluation.kinds import KINDS, MAPS, REPEATER, YIELDS, tool_name
from operations.management.evaluation.plans import BRANCHES_AT, LOTS, PLANS, Plan
from quality.domain.commonality import Commonality
from quality.domain.dispersion import Count
from simulator.streams import Harm, Tested, Trouble, lot_at, lot_steps, spread_of, tools

ON_TOOLS = (Harm.SITE, Harm.TESTER, Harm.OVEN)


@dataclass(frozen=True, slots=True)
class Series:
    """Final yield of the ordinary lots of one product at one step, oldest first."""

    step: str
    counts: tuple[Count, ...]


@dataclass(frozen=True, slots=True)
class Trial:
    """One trouble, planted or recorded. name: it is reported with others of this name.

    history, after: final yields before it and with it.
    delay_lots: lots with it up to the first alarm, 1 for the first of them; None: never.
    sure_delay_lots: the same for the first alarm within the false-discovery budget.
    delay_wafers: wafers tested until then; None for packages. alarms: in all; right_alarms: of
    detectors that name such a cause; yield_alarms: of lot yield. pattern: named by the first alarm
    about a wafer map. named: place of the tool at fault among the likely causes, from 1, after the
    last lot; None where it is not among them, or no tool is.
    """

    name: str
    kind: str
    step: str
    history: tuple[Count, ...]
    after: tuple[Count, ...]
    delay_lots: int | None
    sure_delay_lots: int | None
    delay_wafers: int | None
    alarms: int
    right_alarms: int
    yield_alarms: int
    pattern: str
    named: int | None


@dataclass(frozen=True, slots=True)
class LineResult:
    """A line of lots, judged. alarms: (detector, step) on its ordinary lots, lot_count of them.

    sure_count: of these alarms, those within the false-discovery budget.
    """

    lot_count: int
    alarms: tuple[tuple[str, str], ...]
    sure_count: int
    series: tuple[Series, ...]
    trials: tuple[Trial, ...]


@dataclass(frozen=True, slots=True)
class SeedResult:
    """A simulated line."""

    seed: int
    line: LineResult


@dataclass(frozen=True, slots=True)
class Seen:
    """A lot with a trouble, as far as it matters here."""

    count: Count
    wafer_count: int
    alarms: tuple[Alarm, ...]


@dataclass(frozen=True, slots=True)
class Begun:
    """A trouble as it is about to begin. history: final yields of its series until then."""

    name: str
    kind: str
    step: str
    history: tuple[Count, ...]


def run_seed(seed: int, rules: Rules, plans: Sequence[Plan] = PLANS) -> SeedResult:
    """Judge a stream of ordinary lots in order of time, and every plan at each branch."""
    bench = Bench(rules)
    alarms: list[Alarm] = []
    places: dict[int, Bench] = {}
    for number in range(LOTS):
        if number in BRANCHES_AT:
            places[number] = bench.branch()
        for step in lot_steps(seed, number):
            alarms += bench.judge(lot_at(seed, number, step))
    sigmas = {key.step_code: spread_of(ratios_of(rows)) for key, rows in bench.figures.items()}
    trials = [
        run_trial(Site(seed, step, number, sigmas[step]), plan, place.branch())
        for plan in plans
        for step in plan.steps
        for number, place in places.items()
    ]
    series = [
        Series(key.step_code, _counts(bench, key.step_code))
        for key in sorted(bench.figures, key=str)
    ]
    found = tuple((alarm.detector, alarm.step) for alarm in alarms)
    sure_count = sum(alarm.is_sure for alarm in alarms)
    return SeedResult(seed, LineResult(LOTS, found, sure_count, tuple(series), tuple(trials)))


@dataclass(frozen=True, slots=True)
class Site:
    """Where in a stream a trouble begins. sigma: of final yield between lots at the step."""

    seed: int
    step: str
    at: int
    sigma: float


def run_trial(site: Site, plan: Plan, bench: Bench) -> Trial:
    """Go on from a branch with a trouble on every lot that meets it.

    Where lot yield alone is judged, lots behind the alarm are only counted, for other charts.
    """
    begun = Begun(plan.name, plan.kind, site.step, _counts(bench, site.step))
    only_yields = KINDS[plan.kind].only_yields
    seen: list[Seen] = []
    named: int | None = None
    for lot, where in harmed_lots(site, plan):
        is_over = only_yields and any(one.alarms for one in seen)
        found = [] if is_over else bench.judge(lot, only_yields=only_yields)
        seen.append(Seen(count_of(lot), lot.wafer_count, tuple(found)))
        if where and KINDS[plan.kind].factor and len(seen) == plan.lots:
            named = place_of(bench.causes(bench.series_of(lot)), plan.kind, where)
    return trial_of(begun, seen, named)


def trial_of(begun: Begun, seen: Sequence[Seen], named: int | None) -> Trial:
    """The trouble once it is over. seen: its lots, oldest first."""
    kind = KINDS[begun.kind]
    told = [
        [one for one in lot.alarms if one.detector in YIELDS or not kind.only_yields]
        for lot in seen
    ]
    sure = (place for place, found in enumerate(told, 1) if any(one.is_sure for one in found))
    delay = next((place for place, found in enumerate(told, 1) if found), None)
    wafers = sum(lot.wafer_count for lot in seen[:delay]) if delay else 0
    alarms = [one for found in told for one in found]
    shown = [one for one in alarms if one.detector in MAPS]
    return Trial(
        name=begun.name,
        kind=begun.kind,
        step=begun.step,
        history=begun.history,
        after=tuple(lot.count for lot in seen),
        delay_lots=delay,
        sure_delay_lots=next(sure, None),
        delay_wafers=wafers or None,
        alarms=len(alarms),
        right_alarms=sum(one.detector in kind.right for one in alarms),
        yield_alarms=sum(one.detector in YIELDS for one in alarms),
        pattern=_pattern_of(shown[0]) if shown else "",
        named=named,
    )


def _pattern_of(alarm: Alarm) -> str:
    return REPEATER if alarm.detector == REPEATER else str(alarm.finding.evidence.value)


def count_of(lot: Tested) -> Count:
    """Units finally passed."""
    return Count(int((lot.final_bin == 0).sum()), len(lot.final_bin))


def harmed_lots(site: Site, plan: Plan) -> Iterator[tuple[Tested, str]]:
    """As many lots as planned, of those that were on the tool, drawn apart from the stream's."""
    number, order, where = site.at, 0, plan.where
    while order < plan.lots:
        number += 1
        if site.step not in lot_steps(site.seed, number):
            continue
        if plan.harm in ON_TOOLS:
            named = tools(lot_at(site.seed, number, site.step, take=site.at), plan.harm)
            where = where or named[site.at % len(named)]
            if where not in named:
                continue
        order += 1
        share = plan.size or plan.sigmas * site.sigma
        trouble = Trouble(plan.harm, site.step, share * min(1.0, order / plan.ramp_lots), where)
        yield lot_at(site.seed, number, site.step, trouble, take=site.at), where


def place_of(causes: Commonality, kind: str, where: str) -> int | None:
    """Place of the tool at fault among the suspects, from 1; None where it is not among them."""
    factor = KINDS[kind].factor
    assert factor is not None, f"{kind} is no trouble of a tool"
    wanted = factor, tool_name(where, factor)
    for place, suspect in enumerate(causes.suspects, 1):
        if (suspect.tool.factor, suspect.tool.name) == wanted:
            return place
    return None


def _counts(bench: Bench, step: str) -> tuple[Count, ...]:
    rows = next(rows for key, rows in bench.figures.items() if key.step_code == step)
    return tuple(Count(row.final_passed, row.tested) for row in rows)
