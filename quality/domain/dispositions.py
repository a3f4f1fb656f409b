"""The life of a disposition: its moves, who must sign it, and what it asks of the material."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lots.domain.commands import check_serial, check_text, refuse_repeats
from quality.domain.words import DispositionKind, DispositionState, DispositionStep
from supplychain.base.errors import MalformedError, RefusedError

REASON_CHARACTERS_MAX = 10_000
ASKED = {
    DispositionKind.USE_AS_IS: frozenset[str](),
    DispositionKind.SCRAP: frozenset[str](),
    DispositionKind.RETEST: frozenset({"step"}),
    DispositionKind.REWORK: frozenset({"route", "step", "return_step", "reason_code"}),
    DispositionKind.RETURN: frozenset({"to"}),
}
"""What each kind must name beside the material."""

TAKES_PARTS = frozenset({DispositionKind.USE_AS_IS, DispositionKind.SCRAP})
"""Kinds that part of a lot can be given; the others send the whole lot somewhere."""


class DispositionMoveError(RefusedError):
    """The act is not possible in the state the disposition is in."""

    code = "disposition-move"
    title = "The disposition is in another state"


MOVES: dict[DispositionStep, tuple[frozenset[DispositionState], DispositionState]] = {
    DispositionStep.SIGN: (frozenset({DispositionState.PROPOSED}), DispositionState.SIGNED),
    DispositionStep.REFUSE: (frozenset({DispositionState.PROPOSED}), DispositionState.REFUSED),
    DispositionStep.WITHDRAW: (
        frozenset({DispositionState.PROPOSED, DispositionState.SIGNED}),
        DispositionState.WITHDRAWN,
    ),
    DispositionStep.CARRY_OUT: (
        frozenset({DispositionState.SIGNED}),
        DispositionState.CARRIED_OUT,
    ),
}
"""SIGN leads on with the last signature only; until then the disposition stays proposed."""


def state_after(step: DispositionStep, state: DispositionState, number: str) -> DispositionState:
    """The state that follows. DispositionMoveError naming what stands in the way."""
    allowed, after = MOVES[step]
    if state not in allowed:
        wanted = " or ".join(sorted(allowed))
        raise DispositionMoveError(
            f"{number} is {state}; to {step} it, it must be {wanted}.",
            disposition=number,
            state=str(state),
            allowed=sorted(allowed),
        )
    return after


@dataclass(frozen=True, slots=True)
class RoleRule:
    """A role that signs one kind, from more than so many units. unit_of_measure "": of any."""

    role_id: int
    above_quantity: int = 0
    unit_of_measure: str = ""


def roles_needed(rules: Iterable[RoleRule], quantity: int, unit_of_measure: str) -> tuple[int, ...]:
    """Roles that must sign this much, in the order of the rules.

    A rule for the unit of measure goes before the rule of the same role for any.
    """
    fitting: dict[int, RoleRule] = {}
    for rule in rules:
        standing = fitting.get(rule.role_id)
        if rule.unit_of_measure in {"", unit_of_measure} and (
            standing is None or not standing.unit_of_measure
        ):
            fitting[rule.role_id] = rule
    return tuple(role for role, rule in fitting.items() if quantity > rule.above_quantity)


@dataclass(frozen=True, slots=True)
class DispositionOrder:
    """What is proposed. The whole lot, unless wafers or serials are named.

    step: where a retest begins, or on the rework route. route, return_step, reason_code: of a
    rework. to: code of the company it goes back to.
    """

    kind: DispositionKind
    lot: str
    reason: str
    wafers: tuple[int, ...] = ()
    serials: tuple[str, ...] = ()
    step: str = ""
    route: str = ""
    return_step: str = ""
    reason_code: str = ""
    to: str = ""

    def __post_init__(self) -> None:
        if not self.reason.strip():
            raise MalformedError("Say why: reason is empty.", field="reason")
        check_text("reason", self.reason, REASON_CHARACTERS_MAX)
        for name in ("route", "step", "return_step", "reason_code", "to"):
            self._refuse_wrong(name, getattr(self, name))
        self._refuse_wrong_part()

    def _refuse_wrong(self, name: str, text: str) -> None:
        check_text(name, text, 64)
        is_wanted = name in ASKED[self.kind]
        if bool(text) != is_wanted:
            verb = "needs" if is_wanted else "takes no"
            raise MalformedError(f"{self.kind} {verb} {name}.", field=name)

    def _refuse_wrong_part(self) -> None:
        for serial in self.serials:
            check_serial(serial)
        refuse_repeats("wafers", self.wafers)
        refuse_repeats("serials", self.serials)
        if self.wafers and self.serials:
            raise MalformedError("Name wafers or serials, not both.", field="serials")
        if (self.wafers or self.serials) and self.kind not in TAKES_PARTS:
            raise RefusedError(
                f"{self.kind} is for a whole lot. Hold only those wafers or units, split them "
                "off, and decide on the new lot.",
                kind=str(self.kind),
            )

    def details(self) -> dict[str, str]:
        """What the kind names beside the material."""
        return {name: getattr(self, name) for name in sorted(ASKED[self.kind])}


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a lot stood when something was decided on it."""

    route: str
    step: str
    state: str
    quantity: int
    custodian: str


def changed_since(then: Standing, now: Standing) -> tuple[str, ...]:
    """Each fact that differs, as `step was FT-HOT, is BI`."""
    names = ("route", "step", "state", "quantity", "custodian")
    return tuple(
        f"{name} was {getattr(then, name)}, is {getattr(now, name)}"
        for name in names
        if getattr(then, name) != getattr(now, name)
    )


@dataclass(frozen=True, slots=True)
class HeldPart:
    """An open hold: on the whole lot when it names nothing."""

    hold_id: int
    wafers: frozenset[int] = frozenset()
    serials: frozenset[str] = frozenset()

    @property
    def is_whole(self) -> bool:
        """Whether it stops all of the lot."""
        return not self.wafers and not self.serials


def is_stopped(wafers: Sequence[int], serials: Sequence[str], holds: Sequence[HeldPart]) -> bool:
    """Whether the holds together stop all that is named; nothing named is the whole lot."""
    if any(hold.is_whole for hold in holds) or not (wafers or serials):
        return bool(holds)
    stopped_wafers = {number for hold in holds for number in hold.wafers}
    stopped_serials = {serial for hold in holds for serial in hold.serials}
    return set(wafers) <= stopped_wafers and set(serials) <= stopped_serials


def answered_holds(
    wafers: Sequence[int], serials: Sequence[str], holds: Sequence[HeldPart]
) -> tuple[int, ...]:
    """Holds that stop nothing beyond what is decided on, so that the decision lifts them."""
    if not (wafers or serials):
        return tuple(hold.hold_id for hold in holds)
    return tuple(
        hold.hold_id
        for hold in holds
        if not hold.is_whole and hold.wafers <= set(wafers) and hold.serials <= set(serials)
    )


def disposition_number(count: int) -> str:
    """The name people use: 12 is D-000012."""
    return f"D-{count:06d}"


def disposition_count(number: str) -> int | None:
    """What disposition_number was given; None for what is no such name."""
    return int(number[2:]) if re.fullmatch(r"D-[0-9]{6,9}", number) else None
