"""What every verb shares: answer a key once, lock lots in id order, write the event last."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from django.db import OperationalError, connection, transaction
from django.utils import timezone
from psycopg.errors import DeadlockDetected, SerializationFailure

from lots.domain.balance import Holding, Line
from lots.domain.chain import body_sha256, event_sha256
from lots.domain.commands import Command
from lots.domain.rules import (
    STOPPED_BY_HOLD,
    STOPPED_BY_LOT_SCOPE_ONLY,
    refuse_if_held,
    refuse_if_tracked_in,
    refuse_unless_allowed,
    state_when_empty,
)
from lots.domain.words import LotState, UnitOfMeasure, Verb
from lots.models import Event, Lot
from lots.selectors.ledger import content_of
from lots.selectors.lots import hold_reasons
from lots.services.recording import earlier_event, insert_event, locked_head, locked_row, save_lot
from supplychain.base.errors import MissingError, ReusedKeyError, StaleError, SupplychainError

T = TypeVar("T")
DEADLOCK_TRIES = 3
PROJECTED = [
    "quantity",
    "unit_of_measure",
    "state",
    "step",
    "step_entered_at",
    "custodian",
    "customer",
    "version",
]


STANDING = (
    "route_version_id", "step_id", "step_entered_at", "waiting_since", "tracked_in_at", "equipment",
    "state",
)  # fmt: skip
"""Where a lot stands: what a verb that moves it changes, and a correction brings back."""


@dataclass(frozen=True, slots=True)
class Draft:
    """An event ready to be written. touched: locked lots whose projections changed.

    fields: what else than PROJECTED is to be saved of them. corrects_id: the event this undoes,
    where the command names none.
    """

    verb: Verb
    lot: Lot
    id: uuid.UUID = field(default_factory=uuid.uuid4)
    lines: tuple[Line, ...] = ()
    step_from_id: int | None = None
    step_to_id: int | None = None
    reported_quantity: int | None = None
    payload: Mapping[str, object] = field(default_factory=dict)
    touched: tuple[Lot, ...] = ()
    fields: tuple[str, ...] = ()
    corrects_id: uuid.UUID | None = None


Follower = Callable[[Event, Command], None]
_followers: list[Follower] = []


def follow_events(follower: Follower) -> None:
    """From now on call the follower after every event, in its transaction."""
    _followers.append(follower)


def once(
    verb: Verb, wish: Mapping[str, object], command: Command, work: Callable[[], Draft]
) -> Event:
    """Do the work and write its event, in one transaction; a repeated key gets the first answer.

    wish: what is asked, as plain values. ConflictError when the key stands for another wish.

    Two verbs in one transaction of the caller hold the ledger's head while they lock the second
    lot. Such a caller locks all its lots first; whoever loses a deadlock to one is tried again.
    """
    body = command.asked_sha256 or body_sha256(
        {
            **wish,
            "verb": verb,
            "occurred_at": command.occurred_at,
            "reason": command.reason,
            "comment": command.comment,
            "corrects": command.corrects_id,
        }
    )
    return in_one_transaction(
        lambda: first_answer(command.op_key, body) or _write(work(), command, body)
    )


def in_one_transaction(work: Callable[[], T]) -> T:
    """The work, all of it or nothing. Whoever loses a deadlock is tried again.

    Once only within a transaction of the caller, who loses all of his.
    """
    return _in_transaction(work, 1 if connection.in_atomic_block else DEADLOCK_TRIES)


def is_lost_race(error: Exception) -> bool:
    """Whether the database took the work back for the sake of another's, and it may be done again.

    Nothing is wrong with the work itself.
    """
    return isinstance(error, OperationalError) and isinstance(
        error.__cause__, DeadlockDetected | SerializationFailure
    )


def answered(command: Command, work: Callable[[], Event]) -> Event:
    """The first answer to the command's key, or the work where the key is new.

    For doors that look up what the words of asked_sha256 name before they call a service: at a
    repeat it may be gone. A refusal is looked at again, for the first of two simultaneous callers
    may have been at it. ConflictError when the key stands for other words.
    """
    assert command.asked_sha256, "a door that takes the caller's own words"
    earlier = first_answer(command.op_key, command.asked_sha256)
    if earlier is not None:
        return earlier
    try:
        return work()
    except SupplychainError:
        earlier = first_answer(command.op_key, command.asked_sha256)
        if earlier is None:
            raise
        return earlier


def _in_transaction(work: Callable[[], T], tries: int) -> T:
    try:
        with transaction.atomic():
            return work()
    except OperationalError as error:
        if tries == 1 or not is_lost_race(error):
            raise
    return _in_transaction(work, tries - 1)


def first_answer(op_key: str, body: str) -> Event | None:
    """What the key was used for; ConflictError when that was something else than this body."""
    earlier = earlier_event(op_key)
    if earlier is not None and earlier.body_sha256 != body:
        raise ReusedKeyError(
            f"Operation {op_key} was used before with other content. Use a new key.",
            op_key=op_key,
            seq=earlier.seq,
        )
    return earlier


def _write(draft: Draft, command: Command, body: str) -> Event:
    """Projections, then the ledger's head, then the event: the head is locked last."""
    for lot in draft.touched:
        lot.version += 1
        save_lot(lot, [*PROJECTED, *draft.fields])
    head = locked_head()
    event = Event(
        id=draft.id,
        seq=head.seq + 1,
        op_key=command.op_key,
        body_sha256=body,
        verb=draft.verb,
        lot=draft.lot,
        step_from_id=draft.step_from_id,
        step_to_id=draft.step_to_id,
        reported_quantity=draft.reported_quantity,
        actor_id=command.actor_id,
        source=command.source,
        source_reference=command.source_reference,
        request_id=command.request_id,
        reason=command.reason,
        comment=command.comment,
        payload=dict(draft.payload),
        corrects_id=draft.corrects_id or command.corrects_id,
        occurred_at=command.occurred_at,
        recorded_at=timezone.now(),
        previous_sha256=head.sha256,
    )
    event.sha256 = event_sha256(head.sha256, content_of(event, draft.lines))
    insert_event(event, draft.lines)
    for follower in _followers:
        follower(event, command)
    return event


def locked_lots(ids: Iterable[int]) -> list[Lot]:
    """These lots, locked in id order. MissingError when one is gone.

    Not against rows that only name a lot: finance and testing write those, many at a time, and
    would wait for our lots in an order of their own.
    """
    wanted = sorted(set(ids))
    found = list(
        Lot.objects.select_for_update(of=("self",), no_key=True)
        .select_related("step", "route_version__route", "product", "custodian", "bill")
        .filter(id__in=wanted)
        .order_by("id")
    )
    if len(found) != len(wanted):
        raise MissingError("A lot named here does not exist. Read the list again.")
    return found


def locked_lot(lot: Lot, verb: Verb, command: Command) -> Lot:
    """The lot as it stands now, locked, when verb, version and holds allow the verb.

    Alone: what it names is read by the verbs that ask for it.
    """
    now = locked_row(lot.pk)
    if now is None:
        raise MissingError(f"Lot {lot.code} does not exist. Read the list again.", lot=lot.code)
    refuse_stale(now, command)
    refuse_verb([now], verb)
    return now


def refuse_stale(lot: Lot, command: Command) -> None:
    """StaleError when the caller looked at another version of the lot."""
    if command.expected_version not in {None, lot.version}:
        raise StaleError(
            f"Lot {lot.code} is at version {lot.version}, you saw {command.expected_version}. "
            "Read it again.",
            lot=lot.code,
            version=lot.version,
        )


def refuse_verb(lots: Iterable[Lot], verb: Verb) -> None:
    """WrongStateError or HeldError for the first lot that does not allow the verb now."""
    lots = list(lots)
    for lot in lots:
        refuse_unless_allowed(lot.code, LotState(lot.state), verb)
        refuse_if_tracked_in(lot.code, verb, lot.tracked_in_at)
    if verb in STOPPED_BY_HOLD:
        only_whole = verb in STOPPED_BY_LOT_SCOPE_ONLY
        reasons = hold_reasons([lot.pk for lot in lots], only_whole=only_whole)
        for lot in lots:
            refuse_if_held(lot.code, verb, reasons.get(lot.pk, []))


def standing_of(lot: Lot, *more: str) -> dict[str, object]:
    """Where the lot stands before the event, as plain values, for a correction to bring back."""
    return plain_values(lot, *STANDING, *more)


def born_as(lot: Lot) -> dict[str, object]:
    """What a new lot is for good, as the event that it begins with tells."""
    product = lot.product.code
    bill = f"{product} v{lot.bill.version}" if lot.bill else ""
    return {"kind": lot.kind, "product": product, "bill": bill}


def plain_values(lot: Lot, *names: str) -> dict[str, object]:
    """Field of the lot → its value as JSON takes it."""
    values = {name: getattr(lot, name) for name in names}
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in values.items()
    }


def waits_told(lots: Iterable[Lot]) -> dict[str, object]:
    """Where and since when these lots wait that the event takes on; nothing without a limit."""
    waits = {
        lot.code: {"step_id": lot.step_id, "since": lot.waits_since.isoformat()}
        for lot in lots
        if lot.step.queue_hours_max is not None and lot.tracked_in_at is None
    }
    return {"waits": waits} if waits else {}


def holding_of(lot: Lot) -> Holding:
    """What the lot has before the event."""
    return Holding(lot.pk, lot.code, UnitOfMeasure(lot.unit_of_measure), lot.quantity)


def set_quantity(lot: Lot, verb: Verb, quantity: int) -> None:
    """Project the new quantity; a lot emptied by the verb ends."""
    if quantity == 0 and lot.quantity > 0:
        lot.state = state_when_empty(verb)
    lot.quantity = quantity
