"""What went into a step and what came out of it, by the ledger."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, F, OuterRef

from lots.domain.words import LineKind, UnitOfMeasure, Verb
from lots.models import Event, EventLine, Step
from quality.domain.step_flow import FlowLine, StepFlow, flows_of

READ = (LineKind.GOOD, LineKind.REJECT, LineKind.SCRAP, LineKind.LOSS, LineKind.BONUS)


@dataclass(frozen=True, slots=True)
class StepResult:
    """What the ledger says of a lot at one step it has left."""

    step: Step
    flow: StepFlow


def step_flows(lot_ids: Sequence[int]) -> dict[tuple[int, int], StepFlow]:
    """(lot, step) → flow, for every step that these lots have left; corrected events are not told.

    Dies cut from wafers are counted at the steps after the saw: a step has one unit of measure.
    """
    lines: dict[int, list[FlowLine]] = defaultdict(list)
    for lot_id, line in _lines(lot_ids):
        lines[lot_id].append(line)
    return {
        (lot_id, step_id): flow
        for lot_id, told in lines.items()
        for step_id, flow in flows_of(told).items()
    }


def step_results(lot_id: int) -> list[StepResult]:
    """The steps that the lot has left, in the order in which it came to them."""
    flows = {step_id: flow for (_, step_id), flow in step_flows([lot_id]).items()}
    steps = Step.objects.select_related("route_version__route").in_bulk(flows)
    return [StepResult(steps[step_id], flow) for step_id, flow in flows.items()]


def _lines(lot_ids: Sequence[int]) -> Iterator[tuple[int, FlowLine]]:
    is_corrected = Event.objects.filter(corrects=OuterRef("event"), verb=Verb.CORRECT)
    lines = (
        EventLine.objects.filter(
            ~Exists(is_corrected),
            lot__in=lot_ids,
            lot=F("event__lot"),
            event__step_from__isnull=False,
            kind__in=READ,
        )
        .exclude(event__verb__in=[Verb.CORRECT, Verb.DICE])
        .order_by("event__seq", "id")
        .annotate(
            verb=F("event__verb"),
            step_from_id=F("event__step_from_id"),
            step_to_id=F("event__step_to_id"),
            is_counted=F("event__payload__counts_in_yield"),
            is_bonus_counted=F("event__payload__bonus_counts_in_yield"),
            losses=F("event__payload__losses"),
        )
    )
    for row in lines.iterator():
        yield (
            row.lot_id,
            FlowLine(
                verb=Verb(row.verb),
                step_from_id=row.step_from_id,
                step_to_id=row.step_to_id,
                unit_of_measure=UnitOfMeasure(row.unit_of_measure),
                kind=LineKind(row.kind),
                quantity=row.quantity,
                counted=row.quantity - _uncounted(row),
            ),
        )


def _uncounted(row: Any) -> int:
    """Of the line, the units whose reason says that they do not change the yield."""
    if row.verb != Verb.TRACK_OUT:
        return row.quantity if row.is_counted is False else 0
    if row.kind == LineKind.BONUS:
        return row.quantity if row.is_bonus_counted is False else 0
    alike = [loss for loss in row.losses if loss["kind"] == row.kind]
    return sum(loss["quantity"] for loss in alike if loss["counts_in_yield"] is False)
