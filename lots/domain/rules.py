"""Which verb is allowed when: by the lot's state, by its holds, and along its route."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from lots.domain.errors import (
    BillError,
    HeldError,
    QuantityError,
    ReasonError,
    UnlikeLotsError,
    WrongStateError,
    WrongStepError,
)
from lots.domain.words import LotState, UnitState, Verb
from supplychain.base.errors import RefusedError

STOPS = frozenset({Verb.HOLD, Verb.RELEASE, Verb.AMEND, Verb.CORRECT, Verb.LATE_MOVE})
AT_ANY_TIME = STOPS | {Verb.REISSUE}
ALLOWED: Mapping[LotState, frozenset[Verb]] = {
    LotState.ACTIVE: frozenset(Verb) - {Verb.RECEIVE, Verb.UNBANK},
    LotState.BANKED: AT_ANY_TIME | {Verb.UNBANK, Verb.SCRAP, Verb.LOSS, Verb.SPLIT, Verb.MERGE},
    LotState.SHIPPED: AT_ANY_TIME | {Verb.RECEIVE, Verb.SCRAP, Verb.SWAP},
    LotState.FINISHED: AT_ANY_TIME | {Verb.SWAP},
    LotState.SCRAPPED: AT_ANY_TIME,
    LotState.WITHDRAWN: frozenset({Verb.CORRECT, Verb.RELEASE}),
}
STOPPED_BY_HOLD = frozenset(
    {
        Verb.SPLIT,
        Verb.MERGE,
        Verb.DICE,
        Verb.ASSEMBLE,
        Verb.SHIP,
        Verb.TRACK_IN,
        Verb.TRACK_OUT,
        Verb.REWORK_OUT,
        Verb.REWORK_IN,
        Verb.BIN,
        Verb.REROUTE,
        Verb.SWAP,
    }
)
STOPPED_BY_LOT_SCOPE_ONLY = frozenset({Verb.SPLIT, Verb.ASSEMBLE, Verb.SWAP})
"""Verbs that take part of a lot: a hold on wafers or units stops them only for those."""
STOPPED_WHILE_TRACKED_IN = frozenset(
    {Verb.TRACK_IN, Verb.MERGE, Verb.SHIP, Verb.BANK, Verb.REROUTE, Verb.REWORK_IN}
)
EXCHANGED = "exchanged"
"""Reason code of parts taken out of what was built, with others put in their place."""
SCRAPPING = frozenset({Verb.SCRAP, Verb.LOSS, Verb.TRACK_OUT})
NEVER_BUILT_UPON = STOPS
ORIGINS = frozenset({Verb.RECEIVE, Verb.DICE, Verb.ASSEMBLE})
"""Verbs that make things known: their correction takes these back."""
STANDS_BESIDE_ORIGIN = frozenset({Verb.HOLD, Verb.RELEASE, Verb.CORRECT})
"""What may have happened to a lot since, when an origin of things in it is taken back."""
STANDS_BESIDE_PARTS = NEVER_BUILT_UPON - {Verb.AMEND} | {
    Verb.ASSEMBLE,
    Verb.BIN,
    Verb.BONUS,
    Verb.LOSS,
    Verb.REISSUE,
    Verb.SCRAP,
    Verb.SPLIT,
    Verb.SWAP,
}
"""What may have happened to a lot since it gave parts that come back to it: it stands there."""
CORRECTABLE = ORIGINS | frozenset(
    {
        Verb.MOVE,
        Verb.TRACK_IN,
        Verb.TRACK_OUT,
        Verb.LOSS,
        Verb.BONUS,
        Verb.SCRAP,
        Verb.BANK,
        Verb.UNBANK,
        Verb.REWORK_OUT,
        Verb.REWORK_IN,
        Verb.AMEND,
        Verb.HOLD,
        Verb.REROUTE,
        Verb.SHIP,
        Verb.LATE_MOVE,
    }
)


@dataclass(frozen=True, slots=True)
class Place:
    """A step as the rules see it: its code and how far along the route it is."""

    code: str
    sequence: int


def refuse_unless_allowed(lot_code: str, state: LotState, verb: Verb) -> None:
    """WrongStateError when the lot's state does not allow the verb."""
    if verb not in ALLOWED[state]:
        allowed = ", ".join(sorted(ALLOWED[state] - {Verb.LATE_MOVE}))
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


def refuse_if_tracked_in(lot_code: str, verb: Verb, tracked_in_at: datetime | None) -> None:
    """WrongStateError for a verb that must wait until the lot is tracked out."""
    if tracked_in_at is not None and verb in STOPPED_WHILE_TRACKED_IN:
        raise WrongStateError(
            f"Lot {lot_code} is being worked on since {tracked_in_at:%Y-%m-%d %H:%M} UTC; "
            f"{verb} must wait. Track it out first.",
            lot=lot_code,
            verb=verb,
        )


def refuse_torn_hold(lot_code: str, reason: str, taken: int, total: int) -> None:
    """HeldError when a part takes some, but not all, of what a hold on part of the lot stops."""
    if 0 < taken < total:
        raise HeldError(
            f"{taken} of {total} held things of lot {lot_code} ({reason}) are in the part named. "
            "Take all of them or none.",
            lot=lot_code,
            taken=taken,
            held=total,
        )


def refuse_unlisted_reason(verb: Verb, reason: str, known: Sequence[str]) -> None:
    """ReasonError naming the reasons there are, when this is none of them."""
    if reason not in known:
        listed = ", ".join(known) or "none yet; add one to the reason codes"
        fault = (
            f"{reason} is no reason for {verb}" if reason else f"{verb.capitalize()} needs a reason"
        )
        raise ReasonError(
            f"{fault}. Known: {listed}.",
            verb=verb,
            reason=reason,
            known=list(known),
        )


def refuse_exchange_not_told(reason: str, is_exchange: bool) -> None:
    """ReasonError for parts exchanged by the reason given, and never by the rest of the order."""
    if reason == EXCHANGED and not is_exchange:
        raise ReasonError(
            "The reason says that parts were exchanged, and the order that they never were built "
            "in. Say that it is an exchange, or choose the reason for the mistake.",
            verb=Verb.REISSUE,
            reason=reason,
        )


def refuse_uncorrectable(seq: int, verb: Verb) -> None:
    """RefusedError for a verb that another verb of the trade takes back."""
    if verb not in CORRECTABLE:
        raise RefusedError(
            f"Event {seq} is a {verb}; it is not corrected as such. Record what happened instead: "
            "a split is taken back by a merge, a release by a new hold.",
            seq=seq,
            verb=verb,
        )


def refuse_unlike(
    into_code: str, into: Mapping[str, str], other_code: str, other: Mapping[str, str]
) -> None:
    """UnlikeLotsError naming the first attribute that differs, and both values.

    Both: what must be alike, by name, in the same order.
    """
    for name in into:
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


def refuse_unless_materials_as_billed(
    product: str, builds: int, needed: Mapping[str, int], given: Mapping[str, int]
) -> None:
    """BillError naming the material that so many builds do not take, or take another count of.

    needed: material's product code → how many one build takes; given: → how many for all builds.
    A material that nobody names is not asked for: a vendor may bring its own.
    """
    for code in sorted(given):
        wanted = builds * needed.get(code, 0)
        if given[code] != wanted:
            raise BillError(
                f"{builds} of {product} take {wanted} of {code}, {given[code]} were given. Name "
                "lots for all of them or for none; scrap in its own lot what was lost.",
                component=code,
                needed=wanted,
                given=given[code],
            )


def refuse_material_not_told(
    seq: int, told: Mapping[str, int], lot_code: str, quantity: int
) -> None:
    """QuantityError where the assembly took fewer from that lot. told: lot → how many it took."""
    if quantity > told.get(lot_code, 0):
        listed = ", ".join(f"{count} from {code}" for code, count in sorted(told.items()) if count)
        raise QuantityError(
            f"Event {seq} did not take {quantity} from lot {lot_code}; it took "
            f"{listed or 'nothing from a named lot'}. Check the lot and the count.",
            lot=lot_code,
            told={code: count for code, count in told.items() if count},
        )


def part_fault(state: UnitState, container: str) -> str:
    """Why a unit cannot be used now; "" when it can. container: serial it is built into, or ""."""
    if state is not UnitState.GOOD:
        return f"is {state}"
    return f"is built into {container}" if container else ""


def coarse_fault(step_code: str, unit: str, known: Sequence[str]) -> str:
    """Why a bare count will not do at a step that records each piece. known: names of some."""
    return (
        f"Step {step_code} records every {unit}. Say which leave, not only how many: "
        f"the lot has {', '.join(known)}."
    )


def state_when_empty(verb: Verb) -> LotState:
    """The state of a lot out of which the verb took the last good unit."""
    return LotState.SCRAPPED if verb in SCRAPPING else LotState.FINISHED
