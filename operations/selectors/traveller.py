"""What stands on the sheet of paper that travels with a lot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from lots.models import Hold, Lot, Step
from lots.selectors import head_seq, open_holds
from lots.selectors.queues import limits_of, with_limits
from operations.domain.barcodes import bar_path, code_128, full_width
from operations.domain.datamatrix import QUIET_MODULES, data_matrix, dot_path
from operations.domain.decisions import Standing, Stop, next_decision
from operations.domain.traveller import TravellerStep
from operations.selectors.holds import stopped, with_stopped
from operations.selectors.lots import lot_traveller

BAR_HEIGHT = 40


@dataclass(frozen=True, slots=True)
class Drawn:
    """A code as a path; width and height in modules, quiet zone included."""

    path: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class SheetStep:
    """A step with what it demands, and where the lot is with it."""

    step: Step
    way: TravellerStep
    demands: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """The traveller. bars, dots: None for a code that they cannot say. as_of_seq: of the ledger.

    holds: each with the part of the lot that it stops; "" for all of it.
    """

    bars: Drawn | None
    dots: Drawn | None
    steps: tuple[SheetStep, ...]
    holds: Sequence[tuple[Hold, str]]
    decision: str
    as_of_seq: int


def sheet_of(lot: Lot, now: datetime) -> Sheet:
    """Everything on the paper, as known now."""
    route = Step.objects.filter(route_version=lot.route_version_id).order_by("sequence")
    steps = list(with_limits(route))
    holds = list(with_stopped(open_holds(lot).select_related("releasing_role")))
    ways = lot_traveller(lot, now)
    return Sheet(
        bars=_bars(lot.code),
        dots=_dots(lot.code),
        steps=tuple(
            SheetStep(step, way, demands_of(step, limits_of(step)))
            for step, way in zip(steps, ways, strict=True)
        ),
        holds=[(hold, stopped(hold)) for hold in holds],
        decision=decision_of(lot, holds, steps),
        as_of_seq=head_seq(),
    )


def decision_of(lot: Lot, holds: Sequence[Hold], steps: Sequence[Step]) -> str:
    """What is next for the lot. steps: of its route, in order."""
    later = (step.code for step in steps if step.sequence > lot.step.sequence)
    standing = Standing(
        state=lot.state,
        step=lot.step.code,
        next_step="" if lot.route_version.is_free else next(later, ""),
        is_tracked_in=lot.tracked_in_at is not None,
        is_outsourced=lot.step.is_outsourced,
        custodian=lot.custodian.code,
        rework_return=lot.rework_return_step.code if lot.rework_return_step else "",
    )
    return next_decision(standing, [stop_of(hold) for hold in holds])


def stop_of(hold: Hold) -> Stop:
    """The hold as the sentence needs it."""
    decider = hold.releasing_role.name if hold.releasing_role else hold.get_hold_class_display()
    owner = hold.owner.username if hold.owner else ""
    return Stop(hold.reason, decider, owner, hold.due_on)


def demands_of(step: Step, limits: Sequence[tuple[str, float]] = ()) -> tuple[str, ...]:
    """What the step asks for, in words. limits: steps that it follows in time, and hours."""
    demands = []
    if step.requires_results:
        often = f", every {step.sampling_every}. lot" if step.sampling_every > 1 else ""
        demands.append(f"test results{often}")
    if step.queue_hours_max:
        demands.append(f"start within {step.queue_hours_max:g} h")
    demands += [f"start within {hours:g} h of leaving {code}" for code, hours in limits]
    if step.track_depth != "lot":
        demands.append(f"record every {step.track_depth}")
    if step.is_outsourced:
        demands.append("reported by its supplier")
    return tuple(demands)


def _bars(code: str) -> Drawn | None:
    widths = code_128(code)
    return Drawn(bar_path(widths, BAR_HEIGHT), full_width(widths), BAR_HEIGHT) if widths else None


def _dots(code: str) -> Drawn | None:
    matrix = data_matrix(code)
    side = len(matrix) + 2 * QUIET_MODULES
    return Drawn(dot_path(matrix), side, side) if matrix else None
