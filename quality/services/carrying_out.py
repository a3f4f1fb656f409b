"""A signed disposition is carried out: by the verbs of lots, all of them or none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from django.db import transaction

from lots.domain.commands import Command
from lots.domain.orders import FutureActionOrder
from lots.domain.words import HoldClass, Trigger, Verb
from lots.models import Event, Hold, Lot, Step
from lots.services import (
    locked_lots,
    move_lot,
    plan_action,
    release_hold,
    rework_out,
    scrap_units,
    ship_lot,
)
from lots.services.holding import DISPOSITION_CHARACTERS_MAX
from lots.services.lookups import supplier_by_code
from quality.domain.dispositions import (
    DispositionOrder,
    Standing,
    answered_holds,
    changed_since,
    state_after,
)
from quality.domain.words import (
    DispositionKind,
    DispositionState,
    DispositionStep,
    IssueEventKind,
)
from quality.models import Disposition, Issue
from quality.selectors.dispositions import held_parts
from quality.services.disposition_frame import (
    answered_before,
    asked_of,
    end,
    locked_disposition,
    order_of,
    remember,
    standing_of,
)
from quality.services.dispositions import quantity_of, refuse_unless_stopped, selection_of
from supplychain.base.errors import MissingError, RefusedError

SCRAP_REASON = "review-board"


@transaction.atomic
def carry_out_disposition(*, disposition: Disposition, command: Command) -> Disposition:
    """Do what was signed, once: a repeated key gets the first answer.

    DispositionMoveError unless it is signed; RefusedError when the material moved since it was
    proposed; otherwise refused as the verbs of lots refuse. Then nothing is kept.
    """
    locked_lots([disposition.lot_id])
    issue, row = locked_disposition(disposition)
    asked = asked_of(command, {"carry-out": row.number})
    if earlier := answered_before(asked):
        return earlier
    after = state_after(DispositionStep.CARRY_OUT, DispositionState(row.state), row.number)
    events = do_effects(disposition=row, command=command)
    row.state = after
    end(row, asked)
    told = ", ".join(f"{event.verb} (event {event.seq})" for event in events)
    remember(
        issue,
        row,
        IssueEventKind.CARRIED_OUT,
        asked,
        f"{row} of lot {row.lot.code}: {told}.",
        events=[event.seq for event in events],
    )
    return row


@dataclass(frozen=True, slots=True)
class Work:
    """One disposition about to be carried out on its locked lot. holds: those it lifts."""

    issue: Issue
    row: Disposition
    order: DispositionOrder
    lot: Lot
    holds: tuple[int, ...]
    command: Command

    def told(self, what: str, reason: str = "") -> Command:
        """The command of one verb of it: its own key, and the issue's number in the comment."""
        return replace(
            self.command,
            op_key=f"disposition:{self.row.pk}:{what}",
            source_reference=self.row.number,
            reason=reason,
            comment=f"{self.issue.number} {self.row}: {self.row.reason}"[:10_000],
            expected_version=None,
            asked_sha256="",
        )


def do_effects(*, disposition: Disposition, command: Command) -> list[Event]:
    """What carrying it out does to the lot, without looking at signatures; previews take it back.

    The caller is in a transaction and has locked the lot.
    """
    issue, order = disposition.issue, order_of(disposition)
    (lot,) = locked_lots([disposition.lot_id])
    _refuse_moved(disposition, lot, order)
    refuse_unless_stopped(issue, lot, order)
    holds = answered_holds(order.wafers, order.serials, held_parts(issue, lot))
    return EFFECTS[order.kind](Work(issue, disposition, order, lot, holds, command))


def _refuse_moved(row: Disposition, lot: Lot, order: DispositionOrder) -> None:
    changed = changed_since(Standing(**row.standing), standing_of(lot))
    if changed:
        raise RefusedError(
            f"Lot {lot.code} is not where it was when {row.number} was proposed: "
            f"{'; '.join(changed)}. Withdraw it and propose anew.",
            lot=lot.code,
            changed=list(changed),
        )
    quantity_of(lot, order)  # what is named must still be there


def _use(work: Work) -> list[Event]:
    if not work.holds:
        raise RefusedError(
            f"The hold on lot {work.lot.code} stops more than what is decided on. Decide on all "
            "that it stops, or place a narrower hold first.",
            lot=work.lot.code,
        )
    return _released(work)


def _scrap(work: Work) -> list[Event]:
    selection = selection_of(work.lot, work.order)
    command = work.told("scrap", SCRAP_REASON)
    return [
        scrap_units(lot=work.lot, selection=selection, command=command),
        *_released(work),
    ]


def _rework(work: Work) -> list[Event]:
    order = work.order
    released = _released(work)
    left = rework_out(
        lot=work.lot,
        route_code=order.route,
        step_code=order.step,
        return_step_code=order.return_step,
        command=work.told("rework", order.reason_code),
    )
    return [*released, left]


def _retest(work: Work) -> list[Event]:
    """Back to the step, free to be tested, and held again when it leaves: to be decided on."""
    lot, step = work.lot, _step_behind(work)
    events = []
    if step.pk != lot.step_id:
        command = work.told("retest", f"Retest by {work.row.number}")
        events.append(move_lot(lot=lot, to_step=step, command=command))
    events += _released(work)
    plan_action(
        order=FutureActionOrder(
            trigger=Trigger.LEAVES,
            verb=Verb.HOLD,
            reason=f"{work.issue.number} retested at {step.code} by {work.row.number}",
            lot_code=lot.code,
            step_code=step.code,
            order={"hold_class": HoldClass.QUALITY},
            owner_id=work.issue.owner_id,
        ),
        actor=work.row.proposed_by,
    )
    return events


def _step_behind(work: Work) -> Step:
    """The step named, at which the lot stands or was before."""
    lot, code = work.lot, work.order.step
    steps = Step.objects.filter(route_version=lot.route_version_id, code=code)
    step = steps.select_related("route_version__route").first()
    if step is None:
        raise MissingError(f"There is no step {code} on {lot.route_version}.", step=code)
    if step.sequence > lot.step.sequence:
        raise RefusedError(
            f"Step {code} lies ahead of lot {lot.code}, which is at {lot.step.code}. Retest at a "
            "step it has been at.",
            lot=lot.code,
            step=code,
        )
    return step


def _return(work: Work) -> list[Event]:
    released = _released(work)
    to = supplier_by_code(work.order.to)
    command = work.told("ship")
    return [*released, ship_lot(lot=work.lot, to=to, customer="", command=command)]


def _released(work: Work) -> list[Event]:
    words = f"{work.issue.number} {work.row}: {work.row.reason}"[:DISPOSITION_CHARACTERS_MAX]
    holds = Hold.objects.select_related("lot").in_bulk(work.holds)
    return [
        release_hold(
            hold=holds[pk],
            disposition=words,
            command=work.told(f"release:{pk}"),
            is_decided=True,
        )
        for pk in sorted(work.holds)
    ]


EFFECTS: Mapping[DispositionKind, Callable[[Work], list[Event]]] = {
    DispositionKind.USE_AS_IS: _use,
    DispositionKind.RETEST: _retest,
    DispositionKind.REWORK: _rework,
    DispositionKind.SCRAP: _scrap,
    DispositionKind.RETURN: _return,
}
