"""One seed: a stream of ordinary lots, and troubles tried on branches of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from operations.management.evaluation.bench import Alarm, Bench, Rules, ratios_of
from operations.management.evaluation.plans import BRANCHES_AT, LOTS, PLANS, TOOLS, YIELDS, Plan
from quality.domain.commonality import Commonality
from quality.domain.dispersion import Count
from simulator.streams import Harm, Tested, Trouble, lot_at, lot_steps, spread_of, tools


@dataclass(frozen=True, slots=True)
class Series:
    """Final yield of the ordinary lots of a stream at one step, oldest first."""

    step: str
    counts: tuple[Count, ...]


@dataclass(frozen=True, slots=True)
class Trial:
    """One planted trouble. history, after: final yields before it and with it.

    delay_lots: lots with it up to the first alarm, 1 for the first of them; None: never.
    delay_wafers: wafers tested until then; None for packages. alarms: in all; right_alarms: of
    detectors that name such a cause; yield_alarms: of lot yield. pattern: named by the first alarm
    about a wafer map. named: place of the tool at fault among the likely causes, from 1, after the
    last lot; None where it is not among them, or no tool is.
    """

    plan: str
    step: str
    history: tuple[Count, ...]
    after: tuple[Count, ...]
    delay_lots: int | None
    delay_wafers: int | None
    alarms: int
    right_alarms: int
    yield_alarms: int
    pattern: str
    named: int | None


@dataclass(frozen=True, slots=True)
class SeedResult:
    """alarms: (detector, step) on ordinary lots."""

    seed: int
    lot_count: int
    alarms: tuple[tuple[str, str], ...]
    series: tuple[Series, ...]
    trials: tuple[Trial, ...]


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
    return SeedResult(seed, LOTS, found, tuple(series), tuple(trials))


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
    history = _counts(bench, site.step)
    after: list[Count] = []
    alarms: list[Alarm] = []
    delay: tuple[int, int] | None = None
    wafers, where = 0, ""
    for lot, tool in _harmed_lots(site, plan):
        where = tool
        is_over = plan.only_yields and delay is not None
        found = [] if is_over else bench.judge(lot, only_yields=plan.only_yields)
        after.append(Count(int((lot.final_bin == 0).sum()), len(lot.final_bin)))
        wafers += int(lot.wafer.max()) + 1
        alarms += found
        if found and delay is None:
            delay = len(after), wafers
    shown = [alarm for alarm in alarms if alarm.detector == "wafer-signature"]
    return Trial(
        plan=plan.name,
        step=site.step,
        history=history,
        after=tuple(after),
        delay_lots=delay[0] if delay else None,
        delay_wafers=delay[1] if delay and wafers else None,
        alarms=len(alarms),
        right_alarms=sum(alarm.detector in plan.right for alarm in alarms),
        yield_alarms=sum(alarm.detector in YIELDS for alarm in alarms),
        pattern=str(shown[0].finding.evidence.value) if shown else "",
        named=_named(bench.causes(site.step), plan.harm, where) if where else None,
    )


def _harmed_lots(site: Site, plan: Plan) -> Iterator[tuple[Tested, str]]:
    """As many lots as planned, of those that were on the tool, drawn apart from the stream's."""
    number, order, where = site.at, 0, ""
    while order < plan.lots:
        number += 1
        if site.step not in lot_steps(site.seed, number):
            continue
        if plan.harm in TOOLS:
            named = tools(lot_at(site.seed, number, site.step, take=site.at), plan.harm)
            where = where or named[site.at % len(named)]
            if where not in named:
                continue
        order += 1
        share = plan.size or plan.sigmas * site.sigma
        trouble = Trouble(plan.harm, site.step, share * min(1.0, order / plan.ramp_lots), where)
        yield lot_at(site.seed, number, site.step, trouble, take=site.at), where


def _named(causes: Commonality, harm: Harm, where: str) -> int | None:
    name = where.replace("/", "/1/")
    for place, suspect in enumerate(causes.suspects, 1):
        if (suspect.tool.factor.value, suspect.tool.name) == (harm.value, name):
            return place
    return None


def _counts(bench: Bench, step: str) -> tuple[Count, ...]:
    rows = next(rows for key, rows in bench.figures.items() if key.step_code == step)
    return tuple(Count(row.final_passed, row.tested) for row in rows)
