"""Which verb is allowed when: by the lot's state, by its holds, and along its route."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lots.domain.errors import (
    BillError,
    HeldError,
    UnlikeLotsError,
    WrongStateError,
    WrongStepError,
)
from lots.domain.words import LotState, UnitState, Verb

STOPS = frozenset({Verb.HOLD, Verb.RELEASE})
ALLOWED: Mapping[LotState, frozenset[Verb]] = {
    LotState.ACTIVE: frozenset(Verb) - {Verb.RECEIVE},
    LotState.SHIPPED: STOPS | {Verb.RECEIVE, Verb.SCRAP},
    LotState.FINISHED: STOPS,
    LotState.SCRAPPED: STOPS,
}
STOPPED_BY_HOLD = frozenset({Verb.SPLIT, Verb.MERGE, Verb.DICE, Verb.ASSEMBLE, Verb.SHIP})
MERGE_ATTRIBUTES = (
    "product",
    "bill",
    "route_version",
    "step",
    "custodian",
    "purpose",
    "unit_of_measure",
)


@dataclass(frozen=True, slots=True)
class Place:
    """A step as the rules see it: its code and how far along the route it is."""

    code: str
    sequence: int


def refuse_unless_allowed(lot_code: str, state: LotState, verb: Verb) -> None:
    """WrongStateError when the lot's state does not allow the verb."""
    if verb not in ALLOWED[state]:
        allowed = ", ".join(sorted(ALLOWED[state]))
        raise WrongStateError(
            f"Lot {lot_code} is {state}; {verb} is not possible. Possible: {allowed}.",
            lot=lot_code,
            state=state,
            verb=verb,
        )


def refuse_if_held(lot_code: str, verb: Verb, hold_reasons: Sequence[str]) -> None:
    """HeldError for a verb that an open hold stops."""
    if hold_reasons and verb in STOPPED_BY_HOLD:
        raise _held(lot_code, verb, hold_reasons)


def refuse_move(
    lot_code: str, start: Place, end: Place, hold_reasons: Sequence[str], reason: str
) -> None:
    """On a route of fixed order: later only without a hold, back only with a reason."""
    if end.sequence > start.sequence and hold_reasons:
        raise _held(lot_code, Verb.MOVE, hold_reasons)
    if end.sequence < start.sequence and not reason:
        raise WrongStepError(
            f"Lot {lot_code} is at {start.code}, beyond {end.code}. Give a reason to move it back.",
            lot=lot_code,
            step_from=start.code,
            step_to=end.code,
        )


def _held(lot_code: str, verb: Verb, hold_reasons: Sequence[str]) -> HeldError:
    listed = "; ".join(hold_reasons)
    return HeldError(
        f"Lot {lot_code} is on hold ({listed}); {verb} must wait. Release the hold first.",
        lot=lot_code,
        verb=verb,
        holds=list(hold_reasons),
    )


def refuse_unlike(
    into_code: str, into: Mapping[str, str], other_code: str, other: Mapping[str, str]
) -> None:
    """UnlikeLotsError naming the first merge attribute that differs, and both values."""
    for name in MERGE_ATTRIBUTES:
        if into[name] != other[name]:
            words = name.replace("_", " ")
            raise UnlikeLotsError(
                f"{words}: {into_code} has {into[name] or 'none'}, "
                f"{other_code} has {other[name] or 'none'}. Only like lots merge.",
                attribute=name,
                into=into[name],
                other=other[name],
            )


def refuse_unless_as_billed(
    serial: str, needed: Mapping[str, int], given: Mapping[str, int]
) -> None:
    """BillError naming the component whose count differs. Both: product code → how many."""
    for code in sorted(needed.keys() | given.keys()):
        if needed.get(code, 0) != given.get(code, 0):
            raise BillError(
                f"{serial} needs {needed.get(code, 0)} of {code}, {given.get(code, 0)} were given.",
                serial=serial,
                component=code,
                needed=needed.get(code, 0),
                given=given.get(code, 0),
            )


def part_fault(state: UnitState, container: str) -> str:
    """Why a unit cannot be used now; "" when it can. container: serial it is built into, or ""."""
    if state is not UnitState.GOOD:
        return f"is {state}"
    return f"is built into {container}" if container else ""


def state_when_empty(verb: Verb) -> LotState:
    """The state of a lot out of which the verb took the last good unit."""
    return LotState.SCRAPPED if verb is Verb.SCRAP else LotState.FINISHED
