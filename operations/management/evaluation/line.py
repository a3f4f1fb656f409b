"""A line of lots, each once, in order of time: recorded ones, or simulated ones as if recorded."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from operations.management.evaluation.bench import Alarm, Bench, Rules
from operations.management.evaluation.kinds import KINDS
from operations.management.evaluation.report import figures, share
from operations.management.evaluation.trials import (
    Begun,
    LineResult,
    Seen,
    Series,
    Trial,
    count_of,
    place_of,
    trial_of,
)
from operations.management.evaluation.truth import Event
from quality.domain.dispersion import Count
from quality.selectors.series import SeriesKey
from simulator.streams import Tested

SCHEMA = "evaluation-of-lots-1"


@dataclass(slots=True)
class _Open:
    """An event that has begun. named: place of the tool at fault after the last of its lots."""

    event: Event
    begun: Begun
    seen: list[Seen] = field(default_factory=list)
    named: int | None = None


@dataclass(slots=True)
class _Judging:
    """What is known of the line so far. all_counts: of every lot; ordinary: of those alone."""

    bench: Bench
    marks: Mapping[tuple[str, str], Sequence[Event]]
    all_counts: dict[SeriesKey, list[Count]] = field(default_factory=lambda: defaultdict(list))
    ordinary: dict[SeriesKey, list[Count]] = field(default_factory=lambda: defaultdict(list))
    codes: set[str] = field(default_factory=set)
    alarms: list[Alarm] = field(default_factory=list)
    open: dict[str, _Open] = field(default_factory=dict)


def judge_line(
    lots: Sequence[Tested],
    events: Sequence[Event],
    rules: Rules,
    advance: Callable[[], object] = lambda: None,
) -> LineResult:
    """Judge lots one after the other. Every lot is history for those behind it, whatever it had.

    A lot is ordinary at a step where no event has it. lots: by start, none at a step twice.
    """
    marks: dict[tuple[str, str], list[Event]] = defaultdict(list)
    for event in events:
        for code in event.lots:
            marks[code, event.step].append(event)
    judging = _Judging(Bench(rules), marks)
    for lot in lots:
        _judge(judging, lot)
        advance()
    return LineResult(
        lot_count=len(judging.codes),
        alarms=tuple((one.detector, one.step) for one in judging.alarms),
        sure_count=sum(one.is_sure for one in judging.alarms),
        series=tuple(
            Series(key.step_code, tuple(counts)) for key, counts in judging.ordinary.items()
        ),
        trials=tuple(_trial(judging.open[event.id]) for event in events),
    )


def line_report(result: LineResult, events: Sequence[Event]) -> dict[str, Any]:
    """All figures of a line as JSON-ready values: those of seeds, and alarms by what they hit."""
    on_events = sum(one.alarms for one in result.trials if not KINDS[one.kind].is_decoy)
    alarms = len(result.alarms) + sum(one.alarms for one in result.trials)
    found = [one.delay_lots is not None for one in result.trials if not KINDS[one.kind].is_decoy]
    return {
        "schema": SCHEMA,
        **figures([result]),
        "events": {
            "count": len(found),
            "decoys": len(events) - len(found),
            "alarms": alarms,
            "precision": share([n < on_events for n in range(alarms)]) if alarms else None,
            "recall": share(found) if found else None,
        },
    }


def _judge(judging: _Judging, lot: Tested) -> None:
    bench, series = judging.bench, judging.bench.series_of(lot)
    events = judging.marks.get((lot.code, lot.step), ())
    for event in events:
        if event.id not in judging.open:
            history = tuple(judging.all_counts[series])
            begun = Begun(event.name, event.kind, event.step, history)
            judging.open[event.id] = _Open(event, begun)
    alarms, count = bench.judge(lot), count_of(lot)
    judging.all_counts[series].append(count)
    for event in events:
        place = judging.open[event.id]
        place.seen.append(Seen(count, lot.wafer_count, tuple(alarms)))
        if KINDS[event.kind].factor and len(place.seen) == len(event.lots):
            place.named = place_of(bench.causes(series), event.kind, event.where)
    if not events:
        judging.ordinary[series].append(count)
        judging.codes.add(lot.code)
        judging.alarms += alarms


def _trial(place: _Open) -> Trial:
    return trial_of(place.begun, place.seen, place.named)
