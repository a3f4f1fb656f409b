"""Gates of steps: closed to a lot that lacks what is demanded, unless a waiver lets it through."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import F, QuerySet

from lots.domain.commands import Command
from lots.domain.errors import GateError
from lots.domain.gates import hours_waited, least_wait, overtime, waiver_fault
from lots.domain.queues import span_overtime
from lots.domain.words import Gate, GateMode, LotPurpose, Verb
from lots.models import Event, Lot, QueueClock, Step, Waiver, WaiverUse
from lots.selectors.gates import (
    ClosedGate,
    closed_gates,
    grant_of,
    guarded,
    register_gate,
    step_stood_at,
    steps_before_customer,
    steps_behind,
    steps_left,
    waivers_of,
)
from lots.selectors.placing import was_worked_on
from lots.selectors.queues import (
    Clock,
    by_last_step,
    clocks_left_out,
    clocks_of,
    clocks_to,
    steps_of_use,
)
from lots.services.frame import follow_events

__all__ = [
    "give_back",
    "lock_waivers_used",
    "refuse_closed_gates",
    "refuse_overtime",
    "refuse_unfit_for_customer",
    "refuse_unfit_to_use",
    "refuse_unproven",
    "register",
    "register_gate",
]


def register() -> None:
    """Have every correction looked at for what its event used."""
    follow_events(give_back)


def refuse_closed_gates(
    lot: Lot, from_step: Step, to_step: Step, command: Command, *, event_id: UUID
) -> None:
    """GateError when the locked lot may not leave the step, or leave out those between.

    A waiver that lets it through is used, also where the gate only flags. event_id: of the event
    that takes it there, written at the end of the same transaction.
    """
    _refuse(lot, from_step, steps_left(lot, from_step, to_step), command, event_id)


def refuse_unfit_for_customer(lot: Lot, command: Command, *, event_id: UUID) -> None:
    """GateError when the locked lot has not been through all that comes before shipping.

    So when it waited too long where it stands.
    """
    _refuse(lot, lot.step, steps_before_customer(lot), command, event_id)
    refuse_overtime(lot, command, event_id=event_id)


def refuse_unproven(lot: Lot, purpose_before: str, command: Command, *, event_id: UUID) -> None:
    """GateError when the locked lot, for engineering before, counts as production now, and was let

    past a gate meanwhile.
    """
    if purpose_before == LotPurpose.ENGINEERING and lot.purpose != LotPurpose.ENGINEERING:
        _refuse(lot, lot.step, steps_behind(lot), command, event_id)


def refuse_unfit_to_use(
    lot: Lot, command: Command, *, event_id: UUID, to_step: Step | None = None
) -> None:
    """GateError when parts of the locked lot may not go on from where it stands.

    So when they waited too long, here or on their way. to_step: where they go on in another lot,
    None for nowhere.
    """
    steps = list(guarded(steps_of_use(lot, step_stood_at(lot), to_step)))
    for closed in closed_gates(lot, lot.step, [step for step in steps if step.pk == lot.step_id]):
        _pass(lot, closed, command, event_id)
    for step in steps:
        if step.pk == lot.step_id:
            lot.step = step
            refuse_overtime(lot, command, event_id=event_id)
        elif missing := _late(clocks_of(step), command, None):
            _pass(lot, ClosedGate(Gate.QUEUE_TIME, step, missing), command, event_id)


def _refuse(
    lot: Lot, from_step: Step, steps: QuerySet[Step], command: Command, event_id: UUID
) -> None:
    wanted = list(guarded(steps))
    for closed in closed_gates(lot, from_step, wanted):
        _pass(lot, closed, command, event_id)
    if left_out := [step for step in wanted if step.pk != from_step.pk]:
        _refuse_late(lot, clocks_left_out(lot, left_out), command, event_id)


def refuse_overtime(
    lot: Lot,
    command: Command,
    *,
    event_id: UUID,
    to_step: Step | None = None,
    begins: bool = False,
) -> None:
    """The one rule of waits, asked by every verb that ends one.

    GateError when the locked lot, on which no work began, waited at its step, or took since it left
    an earlier one, longer than is allowed. to_step: where it goes instead; back, and on a route of
    free order, ends no wait.

    begins: work begins now. Else, where a supplier works, it is over and nobody reported its start:
    then the lot waited at least what the work cannot have taken.
    """
    step = lot.step
    is_left = to_step is None or _goes_on(lot, to_step)
    if not is_left or lot.tracked_in_at is not None or step.gate_mode == GateMode.OFF:
        return
    work_days = step.days_max if step.is_outsourced and not begins else None
    hours = _least_hours(lot.waits_since, command.occurred_at, work_days)
    clocks = clocks_of(step) if hasattr(step, "clocks_told") else clocks_to(lot, step)
    over = [overtime(hours, step.queue_hours_max), _late(clocks, command, work_days)]
    missing = "; ".join(filter(None, over))
    if missing and not was_worked_on(lot):
        _pass(lot, ClosedGate(Gate.QUEUE_TIME, step, missing), command, event_id)


def _goes_on(lot: Lot, to_step: Step) -> bool:
    """To a later step of its route, or to another version or route."""
    if lot.route_version.is_free:
        return False
    is_other = to_step.route_version_id != lot.step.route_version_id
    return is_other or to_step.sequence > lot.step.sequence


def _refuse_late(lot: Lot, rows: QuerySet[QueueClock], command: Command, event_id: UUID) -> None:
    """GateError for the first limit between steps that ran out before these clocks end."""
    for step, clocks in by_last_step(rows).items():
        if missing := _late(clocks, command, None):
            _pass(lot, ClosedGate(Gate.QUEUE_TIME, step, missing), command, event_id)


def _late(clocks: Iterable[Clock], command: Command, work_days: float | None) -> str:
    """Which of these limits ran out, in words; "" for none."""
    over = [
        span_overtime(
            _least_hours(clock.since, command.occurred_at, work_days),
            clock.hours_max,
            clock.from_code,
        )
        for clock in clocks
    ]
    return "; ".join(filter(None, over))


def _least_hours(since: datetime, until: datetime, work_days: float | None) -> float:
    """Hours waited; work_days: None at the start of work, otherwise what it took at most."""
    hours = hours_waited(since, until)
    return hours if work_days is None else least_wait(hours, work_days)


def _pass(lot: Lot, closed: ClosedGate, command: Command, event_id: UUID) -> None:
    """Under the waiver that ends first of those that let the whole lot through."""
    ids = waivers_of(lot).filter(gate=closed.gate, step=closed.step).values_list("id", flat=True)
    waivers = list(Waiver.objects.select_for_update().filter(id__in=list(ids)).order_by("id"))
    faults = {
        waiver: waiver_fault(grant_of(waiver), lot.quantity, command.occurred_at)
        for waiver in waivers
    }
    fit = [waiver for waiver, fault in faults.items() if not fault]
    if fit:
        _use(min(fit, key=lambda waiver: waiver.valid_to), lot, event_id)
    elif closed.is_stop:
        tried = [f"waiver {waiver.pk} {fault}" for waiver, fault in faults.items()]
        raise GateError(
            f"Lot {lot.code} cannot pass {closed}. "
            f"{'; '.join(tried) or 'no waiver is there'}. "
            "Bring what is missing, or have a waiver approved.",
            lot=lot.code,
            step=closed.step.code,
            gate=closed.gate,
            waivers=[waiver.pk for waiver in waivers],
        )


def lock_waivers_used(event: Event) -> None:
    """Waivers that the event used, before the ledger's head, as every verb locks them."""
    used = Waiver.objects.filter(uses__event=event).values("id")
    list(Waiver.objects.select_for_update().filter(id__in=used).order_by("id"))


def give_back(event: Event, _: Command) -> None:
    """What a corrected event used of waivers may be used again."""
    if event.verb != Verb.CORRECT:
        return
    for use in WaiverUse.objects.filter(event=event.corrects_id):
        Waiver.objects.filter(pk=use.waiver_id).update(used=F("used") - use.quantity)


def _use(waiver: Waiver, lot: Lot, event_id: UUID) -> None:
    WaiverUse.objects.create(waiver=waiver, event_id=event_id, quantity=lot.quantity)
    waiver.used += lot.quantity
    waiver.save(update_fields=["used"])
