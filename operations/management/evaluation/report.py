"""From judged lines to figures."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from statistics import fmean
from typing import Any, TypeAlias

from operations.management.evaluation.kinds import KINDS, YIELDS
from operations.management.evaluation.plans import LOTS
from operations.management.evaluation.rivals import CHARTS, Chart, delay_of, limit_of
from operations.management.evaluation.trials import LineResult, SeedResult, Trial
from quality.domain.dispersion import Count
from quality.domain.intervals import wilson

SCHEMA = "evaluation-2"
WITHIN_LOTS = (1, 3, 6)
Limits: TypeAlias = Sequence[tuple[Chart, float]]


def report(results: Sequence[SeedResult]) -> dict[str, Any]:
    """All figures of simulated lines as JSON-ready values."""
    return {
        "schema": SCHEMA,
        "seeds": [one.seed for one in results],
        "lots_per_seed": LOTS,
        **figures([one.line for one in results]),
    }


def figures(lines: Sequence[LineResult]) -> dict[str, Any]:
    """What detectors did on ordinary lots, on troubles and on decoys, by name and step."""
    lots = sum(one.lot_count for one in lines)
    alarms = Counter(detector for one in lines for detector, _ in one.alarms)
    limits = _limits(lines, sum(alarms[detector] for detector in YIELDS))
    groups = _groups(trial for one in lines for trial in one.trials)
    return {
        "ordinary": {
            "lots": lots,
            "false_alarms": alarms.total(),
            "false_alarms_per_1000_lots": _share(1000 * alarms.total(), lots),
            "by_detector": dict(sorted(alarms.items())),
            "sure_false_alarms": sum(one.sure_count for one in lines),
        },
        "rivals": {
            step: {chart.name: limit for chart, limit in here} for step, here in limits.items()
        },
        "excursions": [
            excursion(trials, limits.get(trials[0].step, ()))
            for trials in groups
            if not KINDS[trials[0].kind].is_decoy
        ],
        "decoys": [decoy(trials) for trials in groups if KINDS[trials[0].kind].is_decoy],
    }


def _groups(trials: Iterable[Trial]) -> list[list[Trial]]:
    """Those of one name, kind and step, as they first came."""
    found: dict[tuple[str, str, str], list[Trial]] = {}
    for trial in trials:
        found.setdefault((trial.name, trial.kind, trial.step), []).append(trial)
    return list(found.values())


def _limits(lines: Sequence[LineResult], alarms: int) -> Mapping[str, Limits]:
    """Step → what each chart is set to there, to err at the rate of these alarms over all steps.

    One limit for all steps would let a chart that errs at one of them alone err there more often.
    """
    ordinary: dict[str, list[Sequence[Count]]] = defaultdict(list)
    for series in (series for one in lines for series in one.series):
        ordinary[series.step].append(series.counts)
    lots = {step: sum(map(len, counts)) for step, counts in ordinary.items()}
    rate = alarms / max(sum(lots.values()), 1)
    return {
        step: [(chart, limit_of(chart, counts, round(rate * lots[step]))) for chart in CHARTS]
        for step, counts in sorted(ordinary.items())
    }


def excursion(trials: Sequence[Trial], limits: Limits) -> dict[str, Any]:
    """One kind and size. A trouble never seen counts in the mean delay as all of its lots.

    limits: of the charts at the step; none where it has no ordinary lots to set them by.
    """
    kind = KINDS[trials[0].kind]
    lots = [len(trial.after) for trial in trials]
    wafers = [trial.delay_wafers for trial in trials if trial.delay_wafers is not None]
    found: dict[str, Any] = {
        "name": trials[0].name,
        "step": trials[0].step,
        **delays([trial.delay_lots for trial in trials], lots),
        "rivals": {},
        "delay_wafers_mean": fmean(wafers) if wafers else None,
        "alarm_precision": _share(
            sum(trial.right_alarms for trial in trials), sum(trial.alarms for trial in trials)
        ),
    }
    if not kind.only_yields:
        found["sure"] = delays([trial.sure_delay_lots for trial in trials], lots)
    if kind.only_yields or max(lots) == 1:
        found["rivals"] = {
            chart.name: delays(
                [delay_of(chart, limit, trial.history, trial.after) for trial in trials], lots
            )
            for chart, limit in limits
        }
    if kind.factor is not None:
        found["cause_first"] = share([trial.named == 1 for trial in trials])
        found["cause_in_first_3"] = share([(trial.named or 9) <= 3 for trial in trials])
    if kind.pattern:
        found["named_right"] = share([trial.pattern == kind.pattern for trial in trials])
    return found


def decoy(trials: Sequence[Trial]) -> dict[str, Any]:
    """How often lots that only look odd raised nothing about yield, over all their lots."""
    return {
        "name": trials[0].name,
        "step": trials[0].step,
        "lots_each": max(len(trial.after) for trial in trials),
        "quiet_of_yield_alarms": share([not trial.yield_alarms for trial in trials]),
        "quiet_of_all_alarms": share([not trial.alarms for trial in trials]),
    }


def delays(found: Sequence[int | None], lots: Sequence[int]) -> dict[str, Any]:
    """Delay in lots, 1 for the first; misses count as all `lots` of theirs in the mean."""
    within = {
        f"within_{most}": share([one is not None and one <= most for one in found])
        for most in WITHIN_LOTS
    }
    return {
        "tried": len(found),
        "delay_lots_mean": fmean(
            most if one is None else one for one, most in zip(found, lots, strict=True)
        ),
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
