"""How a lot stands, told again from its events alone: at which step, since when, and at what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Any

from lots.domain.words import Verb

ADDED = "wafers"
"""In the payload of a receipt of more wafers for a lot: their codes."""
_BIRTHS = frozenset({Verb.RECEIVE, Verb.ASSEMBLE, Verb.SWAP})
_GOING = frozenset({Verb.MOVE, Verb.REROUTE, Verb.REWORK_OUT, Verb.REWORK_IN})
_NOT_ALWAYS_TOLD = frozenset({"kind", "product", "bill"})
_TIMES = frozenset({"step_entered_at", "waiting_since", "tracked_in_at"})
_KEPT = ("step_id", "step_entered_at", "waiting_since", "tracked_in_at", "equipment",
         "rework_return_step_id", "rework_attempt")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Standing:
    """A lot at its step. Product, bill and kind are None where its ledger does not tell them."""

    step_id: int
    step_entered_at: datetime
    started_at: datetime
    waiting_since: datetime | None = None
    tracked_in_at: datetime | None = None
    equipment: str = ""
    rework_return_step_id: int | None = None
    rework_attempt: int = 0
    is_pilot: bool = False
    is_withdrawn: bool = False
    kind: str | None = None
    product: str | None = None
    bill: str | None = None

    @property
    def waits_since(self) -> datetime:
        """From when its wait at the step counts."""
        return self.waiting_since or self.step_entered_at

    def difference(self, says: Standing) -> str:
        """The first thing that the lot's own row says otherwise; empty for none."""
        for name in [one.name for one in fields(self)]:
            told, said = getattr(self, name), getattr(says, name)
            if told != said and not (told is None and name in _NOT_ALWAYS_TOLD):
                return f"{name} {said}, its ledger says {told}"
        return ""

    def at(self, step_id: int, since: datetime) -> Standing:
        """Come to a step, where it waits."""
        return replace(
            self,
            step_id=step_id,
            step_entered_at=since,
            waiting_since=None,
            tracked_in_at=None,
            equipment="",
        )


@dataclass(frozen=True, slots=True)
class Place:
    """A step by what it is called on which version of a route."""

    version_id: int
    code: str


@dataclass(frozen=True, slots=True)
class Told:
    """What an event says of where lots stand. others: lots it has lines of, without its own.

    is_empty: nothing of its own lot is left. corrected: the event that it undoes.
    """

    verb: Verb
    lot_id: int
    occurred_at: datetime
    step_from_id: int | None = None
    step_to_id: int | None = None
    payload: Mapping[str, Any] = field(default_factory=dict)
    others: frozenset[int] = frozenset()
    is_empty: bool = False
    corrected: Told | None = None

    @property
    def is_birth(self) -> bool:
        """Whether its lot began with it; wafers added to a lot began none."""
        begins = self.verb in _BIRTHS and self.step_from_id is None and self.step_to_id is not None
        return begins and not (self.verb is Verb.RECEIVE and ADDED in self.payload)

    @property
    def brings_to(self) -> int | None:
        """The step where its lot waits from now on; None where the lot stays."""
        is_arrival = self.verb is Verb.RECEIVE and self.step_from_id is not None
        is_done = self.verb is Verb.TRACK_OUT and not self.is_empty
        return self.step_to_id if self.verb in _GOING or is_arrival or is_done else None


@dataclass(slots=True)
class Standings:
    """Lot → how it stands, event by event. steps: every step there is."""

    steps: Mapping[int, Place]
    of: dict[int, Standing] = field(default_factory=dict)
    _at: dict[Place, int] = field(init=False)

    def __post_init__(self) -> None:
        self._at = {place: step for step, place in self.steps.items()}

    def tell(self, told: Told) -> None:
        """Go on past the next event; one of a lot that never began tells nothing."""
        lot = self.of.get(told.lot_id)
        if told.is_birth:
            self.of[told.lot_id] = _born(told)
        elif lot is None:
            return
        elif told.verb in {Verb.SPLIT, Verb.BIN}:
            self.of.update(dict.fromkeys(told.others, _part(lot, told.payload)))
        elif told.corrected is not None:
            self.of[told.lot_id] = _taken_back(lot, told.corrected)
        elif told.brings_to is not None:
            self.of[told.lot_id] = self._come(lot, told, told.brings_to)
        else:
            self.of[told.lot_id] = _stays(lot, told)

    def _come(self, lot: Standing, told: Told, step_id: int) -> Standing:
        there = lot.at(step_id, told.occurred_at)
        if told.verb is Verb.REWORK_OUT:
            own = Place(self.steps[lot.step_id].version_id, told.payload.get("return_step", ""))
            back = self._at.get(own)
            attempt = lot.rework_attempt + 1
            return replace(there, rework_return_step_id=back, rework_attempt=attempt)
        if told.verb is Verb.REWORK_IN:
            return replace(there, rework_return_step_id=None)
        is_kept = "waiting_since" in told.payload.get("before", {})
        if told.verb is Verb.REROUTE and is_kept and self._is_alike(lot.step_id, step_id):
            return replace(there, waiting_since=lot.waits_since)
        return there

    def _is_alike(self, old: int, new: int) -> bool:
        return self.steps[old].code == self.steps[new].code


def _born(told: Told) -> Standing:
    assert told.step_to_id is not None, "a birth says where"
    return Standing(
        step_id=told.step_to_id,
        step_entered_at=told.occurred_at,
        started_at=told.occurred_at,
        kind=told.payload.get("kind"),
        product=told.payload.get("product"),
        bill=told.payload.get("bill"),
    )


def _part(lot: Standing, payload: Mapping[str, Any]) -> Standing:
    """As the lot it came from; binned down it is of another product."""
    child = replace(lot, is_pilot="until_step" in payload)
    if "product_to" in payload:
        child = replace(child, product=payload["product_to"], bill=payload.get("bill"))
    return child


def _stays(lot: Standing, told: Told) -> Standing:
    """Work begins or ends without anything left, or how long it waits there changes."""
    match told.verb:
        case Verb.TRACK_IN:
            equipment = told.payload.get("equipment", "")
            return replace(lot, tracked_in_at=told.occurred_at, equipment=equipment)
        case Verb.TRACK_OUT:
            return replace(lot, tracked_in_at=None, equipment="")
        case Verb.UNBANK:
            since = lot.waits_since
            return replace(lot, waiting_since=since, step_entered_at=told.occurred_at)
        case Verb.MERGE:
            return _changed(lot, told.payload)
    return lot


def _taken_back(lot: Standing, undone: Told) -> Standing:
    """As the undone event found it; what was made by it is not there any more."""
    if undone.is_birth:
        return replace(lot, is_withdrawn=True)
    return _changed(lot, undone.payload.get("before", {}))


def _changed(lot: Standing, to: Mapping[str, Any]) -> Standing:
    return replace(lot, **{name: _value(name, to[name]) for name in _KEPT if name in to})


def _value(name: str, value: Any) -> Any:
    return datetime.fromisoformat(value) if name in _TIMES and value else value
