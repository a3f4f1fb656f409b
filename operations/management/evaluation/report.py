"""From judged seeds to figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from statistics import fmean
from typing import Any

from operations.management.evaluation.plans import LOTS, PLANS, TOOLS, YIELDS, Plan
from operations.management.evaluation.rivals import CHARTS, Chart, delay_of, limit_of
from operations.management.evaluation.trials import SeedResult, Trial
from quality.domain.intervals import wilson

SCHEMA = "evaluation-1"
WITHIN_LOTS = (1, 3, 6)


def report(results: Sequence[SeedResult]) -> dict[str, Any]:
    """All figures as JSON-ready values."""
    lots = sum(one.lot_count for one in results)
    alarms = Counter(detector for one in results for detector, _ in one.alarms)
    trials = [trial for one in results for trial in one.trials]
    limits = _limits(results, sum(alarms[detector] for detector in YIELDS))
    return {
        "schema": SCHEMA,
        "seeds": [one.seed for one in results],
        "lots_per_seed": LOTS,
        "ordinary": {
            "lots": lots,
            "false_alarms": sum(alarms.values()),
            "false_alarms_per_1000_lots": 1000 * sum(alarms.values()) / lots,
            "by_detector": dict(sorted(alarms.items())),
        },
        "rivals": {chart.name: limit for chart, limit in limits},
        "excursions": [
            excursion(plan, step, _of(trials, plan, step), limits)
            for plan in PLANS
            for step in plan.steps
            if not plan.is_decoy and _of(trials, plan, step)
        ],
        "decoys": [
            decoy(plan, step, _of(trials, plan, step))
            for plan in PLANS
            for step in plan.steps
            if plan.is_decoy and _of(trials, plan, step)
        ],
    }


def _of(trials: Iterable[Trial], plan: Plan, step: str) -> list[Trial]:
    return [trial for trial in trials if (trial.plan, trial.step) == (plan.name, step)]


def _limits(results: Sequence[SeedResult], alarms: int) -> list[tuple[Chart, float]]:
    ordinary = [series.counts for one in results for series in one.series]
    return [(chart, limit_of(chart, ordinary, alarms)) for chart in CHARTS]


def excursion(
    plan: Plan, step: str, trials: Sequence[Trial], limits: Sequence[tuple[Chart, float]]
) -> dict[str, Any]:
    """One kind and size. A trouble never seen counts in the mean delay as all of its lots."""
    wafers = [trial.delay_wafers for trial in trials if trial.delay_wafers is not None]
    found: dict[str, Any] = {
        "name": plan.name,
        "step": step,
        **delays([trial.delay_lots for trial in trials], plan.lots),
        "rivals": {},
        "delay_wafers_mean": fmean(wafers) if wafers else None,
        "alarm_precision": _share(
            sum(trial.right_alarms for trial in trials), sum(trial.alarms for trial in trials)
        ),
    }
    if plan.only_yields or plan.lots == 1:
        found["rivals"] = {
            chart.name: delays(
                [delay_of(chart, limit, trial.history, trial.after) for trial in trials], plan.lots
            )
            for chart, limit in limits
        }
    if plan.harm in TOOLS:
        found["cause_first"] = share([trial.named == 1 for trial in trials])
        found["cause_in_first_3"] = share([(trial.named or 9) <= 3 for trial in trials])
    if plan.right == ("wafer-signature",):
        right = plan.harm.value
        found["named_right"] = share([trial.pattern == right for trial in trials])
    return found


def decoy(plan: Plan, step: str, trials: Sequence[Trial]) -> dict[str, Any]:
    """How often lots that only look odd raised nothing about yield, over all their lots."""
    return {
        "name": plan.name,
        "step": step,
        "lots_each": plan.lots,
        "quiet_of_yield_alarms": share([not trial.yield_alarms for trial in trials]),
        "quiet_of_all_alarms": share([not trial.alarms for trial in trials]),
    }


def delays(found: Sequence[int | None], lots: int) -> dict[str, Any]:
    """Delay in lots, 1 for the first; misses count as `lots` in the mean."""
    within = {
        f"within_{most}": share([one is not None and one <= most for one in found])
        for most in WITHIN_LOTS
    }
    return {
        "tried": len(found),
        "delay_lots_mean": fmean(lots if one is None else one for one in found),
        "recall": share([one is not None for one in found]),
        **within,
    }


def share(found: Sequence[bool]) -> dict[str, Any]:
    """A ratio with its 95 % Wilson interval."""
    interval = wilson(sum(found), len(found))
    assert interval is not None, "nothing was tried"
    return {"ratio": fmean(found), "low": interval.low, "high": interval.high, "n": len(found)}


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
