"""What went into a step and what came out of it, by the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.db import connection

from lots.domain.words import LineKind, UnitOfMeasure, Verb
from lots.models import Step
from quality.domain.step_flow import FlowEvent, FlowLine, FlowStep, StepFlow, flows_of
from quality.sql import statement

Row = tuple[Any, ...]
LOT, SEQ = itemgetter(0), itemgetter(1)


@dataclass(frozen=True, slots=True)
class StepResult:
    """What the ledger says of a lot at one step it has left."""

    step: Step
    flow: StepFlow


def step_flows(lot_ids: Sequence[int]) -> dict[tuple[int, int], StepFlow]:
    """(lot, step) → flow, for every step that these lots have left; corrected events are not told.

    Dies cut from wafers are counted at the steps after the saw: a step has one unit of measure.
    """
    with connection.cursor() as cursor:
        cursor.execute(statement("step_flow_v1"), {"lots": list(lot_ids)})
        rows = cursor.fetchall()
    return {
        (lot_id, step_id): flow
        for lot_id, told in groupby(rows, LOT)
        for step_id, flow in flows_of(
            _event(list(lines)) for _, lines in groupby(told, SEQ)
        ).items()
    }


def step_results(lot_id: int) -> list[StepResult]:
    """The steps that the lot has left, in the order in which it came to them."""
    flows = {step_id: flow for (_, step_id), flow in step_flows([lot_id]).items()}
    steps = Step.objects.select_related("route_version__route").in_bulk(flows)
    return [StepResult(steps[step_id], flow) for step_id, flow in flows.items()]


def _event(rows: Sequence[Row]) -> FlowEvent:
    _, seq, occurred_at, verb, is_own, *steps = rows[0][:13]
    lines = tuple(
        FlowLine(UnitOfMeasure(unit), LineKind(kind), quantity, counted)
        for unit, kind, quantity, counted in (row[13:] for row in rows)
        if kind is not None
    )
    step_from, step_to = _step(steps[:4]), _step(steps[4:])
    return FlowEvent(seq, occurred_at, Verb(verb), step_from, step_to, lines, is_own)


def _step(columns: Sequence[Any]) -> FlowStep | None:
    return None if columns[0] is None else FlowStep(*columns)
