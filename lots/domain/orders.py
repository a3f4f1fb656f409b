"""What callers ask for where a verb takes more than a few words; checked for shape when made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Literal

from lots.domain.bins import named_bins
from lots.domain.commands import (
    MATERIALS_MAX,
    QUANTITY_MAX,
    HoldOrder,
    Selection,
    check_code,
    check_text,
    refuse_repeats,
)
from lots.domain.words import BinKind, HoldClass, HoldScope, LineKind, LotPurpose, Trigger, Verb
from supplychain.base.errors import MalformedError

LOSSES_MAX = 20
SHOWN_MAX = 5
ACTION_VERBS = (Verb.HOLD, Verb.BANK, Verb.SPLIT)
ACTION_KEY = "action:"
"""How the keys of events begin that a future action made; such an event sets off no other."""


@dataclass(frozen=True, slots=True)
class Loss:
    """What did not come out good: scrap is given up for good, a loss becomes reject units."""

    reason: str
    selection: Selection
    kind: LineKind = LineKind.SCRAP

    def __post_init__(self) -> None:
        if not self.reason.strip():
            raise MalformedError("Every loss needs a reason.", field="losses")
        check_text("reason", self.reason, 64)
        if self.kind not in {LineKind.SCRAP, LineKind.LOSS}:
            raise MalformedError("A loss is of kind scrap or loss.", field="losses")


@dataclass(frozen=True, slots=True)
class Reissue:
    """So many parts without serials came from issued_from; they are returned to the other lot."""

    returned_to: str
    issued_from: str
    quantity: int

    def __post_init__(self) -> None:
        check_code(self.returned_to)
        check_code(self.issued_from)
        if not 1 <= self.quantity <= QUANTITY_MAX:
            raise MalformedError(f"quantity must be from 1 to {QUANTITY_MAX:,}.", field="quantity")


@dataclass(frozen=True, slots=True)
class ReissueOrder:
    """From which lots an assembly took its material instead of those it named.

    is_exchange: it took what it named, and the parts were exchanged later, when the event says.
    """

    changes: tuple[Reissue, ...]
    is_exchange: bool = False

    def __post_init__(self) -> None:
        if not 1 <= len(self.changes) <= MATERIALS_MAX:
            raise MalformedError(f"Name 1 to {MATERIALS_MAX} changes.", field="changes")
        pairs = [(change.returned_to, change.issued_from) for change in self.changes]
        refuse_repeats("changes", [" and ".join(pair) for pair in pairs])
        both = {pair[0] for pair in pairs} & {pair[1] for pair in pairs}
        if both:
            raise MalformedError(
                f"Lot {min(both)} cannot take back and give at once. Say it in two orders.",
                field="changes",
            )

    @property
    def returned(self) -> dict[str, int]:
        """Lot → how many it takes back."""
        return _sums((change.returned_to, change.quantity) for change in self.changes)

    @property
    def issued(self) -> dict[str, int]:
        """Lot → how many it gives."""
        return _sums((change.issued_from, change.quantity) for change in self.changes)


def _sums(counts: Iterable[tuple[str, int]]) -> dict[str, int]:
    sums: dict[str, int] = {}
    for code, count in counts:
        sums[code] = sums.get(code, 0) + count
    return sums


@dataclass(frozen=True, slots=True)
class TrackOutOrder:
    """What came out of a step. to_step_code: "" is the next step of the route.

    The rest is good. bonus: units found extra, with the reason for it.
    """

    to_step_code: str = ""
    losses: tuple[Loss, ...] = ()
    bonus: int = 0
    bonus_reason: str = ""

    def __post_init__(self) -> None:
        check_text("to_step", self.to_step_code, 32)
        check_text("bonus_reason", self.bonus_reason, 64)
        if len(self.losses) > LOSSES_MAX:
            raise MalformedError(f"Name at most {LOSSES_MAX} losses.", field="losses")
        if not 0 <= self.bonus <= QUANTITY_MAX:
            raise MalformedError(f"bonus must be from 0 to {QUANTITY_MAX:,}.", field="bonus")
        for name in ("wafers", "serials"):
            named = [one for loss in self.losses for one in getattr(loss.selection, name)]
            refuse_repeats(f"losses, {name}", named)

    def told(self) -> dict[str, object]:
        """As plain values, each selection as it tells itself."""
        losses = [{**asdict(loss), "selection": loss.selection.told()} for loss in self.losses]
        return {**asdict(self), "losses": losses}


@dataclass(frozen=True, slots=True)
class AmendOrder:
    """What a lot says of itself from now on; None leaves it as it is. due_on "": no day."""

    is_hot: bool | None = None
    due_on: date | Literal[""] | None = None
    customer: str | None = None
    purpose: LotPurpose | None = None

    def __post_init__(self) -> None:
        if not self.wanted():
            raise MalformedError("Name what to change: is_hot, due_on, customer or purpose.")
        check_text("customer", self.customer or "", 120)

    def wanted(self) -> dict[str, object]:
        """Field of the lot → new value, for what is asked."""
        values: dict[str, object] = {
            "is_hot": self.is_hot,
            "due_on": self.due_on,
            "customer": self.customer,
            "purpose": self.purpose,
        }
        named = {name: value for name, value in values.items() if value is not None}
        return named | ({"due_on": None} if self.due_on == "" else {})


@dataclass(frozen=True, slots=True)
class FutureActionOrder:
    """What is to be done by itself, and when.

    One of lot_code and product_code. trigger arrives or leaves: at the step of route_code (its
    newest released version; "" for the lot's own); trigger event: after an event of on_verb.
    order: of a hold "hold_class", "due_on" and "releasing_role", a role's id, and where it is to
    stop a part only one of "wafers", "serials" and "bin_number"; of a split "child" and one of
    "quantity", "wafers", "serials" and "bins", the last with "bin_kind"; of a bank nothing.
    """

    trigger: Trigger
    verb: Verb
    reason: str
    lot_code: str = ""
    product_code: str = ""
    route_code: str = ""
    step_code: str = ""
    on_verb: Verb | None = None
    order: Mapping[str, object] = field(default_factory=dict)
    owner_id: int | None = None
    is_repeated: bool = False

    def __post_init__(self) -> None:
        if not self.reason.strip():
            raise MalformedError("A future action needs a reason.", field="reason")
        check_text("reason", self.reason, 200)
        if bool(self.lot_code) == bool(self.product_code):
            raise MalformedError("Name a lot or a product: exactly one.", field="lot")
        if self.verb not in ACTION_VERBS:
            raise MalformedError(
                f"A future action can be {', '.join(ACTION_VERBS)}; {self.verb} cannot.",
                field="verb",
            )
        self._refuse_half_trigger()
        action_wish(self.verb, self.order, self.reason)
        if self.product_code and self.order.get("serials"):
            raise MalformedError("Serials are of one lot. Plan for the lot.", field="order")

    def _refuse_half_trigger(self) -> None:
        is_event = self.trigger is Trigger.EVENT
        if is_event != (self.on_verb is not None) or is_event == bool(self.step_code):
            wanted = "on_verb and no step" if is_event else "a step and no on_verb"
            raise MalformedError(f"Trigger {self.trigger} needs {wanted}.", field="trigger")


@dataclass(frozen=True, slots=True)
class SplitWish:
    """What a future split takes off. child_code "": made from the lot's."""

    child_code: str
    selection: Selection


def action_wish(
    verb: Verb, order: Mapping[str, object], reason: str, owner_id: int | None = None
) -> HoldOrder | SplitWish | None:
    """The order a future action carries out; None for a bank. MalformedError for a wrong one."""
    held = {"hold_class", "due_on", "releasing_role", "wafers", "serials", "bin_number"}
    known = {Verb.HOLD: held, Verb.BANK: set[str]()}.get(
        verb, {"child", "quantity", "wafers", "serials", "bins", "bin_kind"}
    )
    if unknown := sorted(order.keys() - known):
        raise MalformedError(f"A future {verb} takes no {', '.join(unknown)}.", field="order")
    try:
        if verb is Verb.HOLD:
            return _hold_wish(order, reason, owner_id)
        return _split_wish(order) if verb is Verb.SPLIT else None
    except (ValueError, TypeError) as error:
        raise MalformedError(f"The order of the future {verb}: {error}.", field="order") from error


def _hold_wish(order: Mapping[str, object], reason: str, owner_id: int | None) -> HoldOrder:
    due_on, named = order.get("due_on"), named_things(order)
    bin_number = _whole(order, "bin_number")
    scopes = [HoldScope.WAFER] * bool(named.wafers) + [HoldScope.UNIT] * bool(named.serials)
    scopes += [HoldScope.BIN] * (bin_number is not None)
    if len(scopes) > 1:
        raise MalformedError("A hold names wafers, serials or one bin, or none.", field="order")
    return HoldOrder(
        HoldClass(str(order.get("hold_class", HoldClass.ENGINEERING))),
        reason,
        owner_id=owner_id,
        due_on=date.fromisoformat(str(due_on)) if due_on else None,
        scope=scopes[0] if scopes else HoldScope.LOT,
        wafers=named.wafers,
        serials=named.serials,
        bin_number=bin_number,
        releasing_role_id=_whole(order, "releasing_role"),
    )


@dataclass(frozen=True, slots=True)
class Named:
    """Things of a lot that a future action names: numbers of wafers, or serials."""

    wafers: tuple[int, ...] = ()
    serials: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.wafers or self.serials)

    def __str__(self) -> str:
        """`wafers 1, 2`; serials beyond the first few are counted."""
        words = [f"wafers {', '.join(map(str, self.wafers))}"] if self.wafers else []
        if self.serials:
            more = len(self.serials) - SHOWN_MAX
            shown = ", ".join(self.serials[:SHOWN_MAX])
            words.append(f"{shown} and {more} more" if more > 0 else shown)
        return "; ".join(words)

    def without(self, others: Named) -> Named:
        """Those that the others are not."""
        return Named(
            tuple(one for one in self.wafers if one not in others.wafers),
            tuple(one for one in self.serials if one not in others.serials),
        )

    def in_order(self, order: Mapping[str, object]) -> dict[str, object]:
        """The order with these in place of what it named."""
        rest = {name: value for name, value in order.items() if name not in {"wafers", "serials"}}
        named = {"wafers": list(self.wafers), "serials": list(self.serials)}
        return {**rest, **{name: values for name, values in named.items() if values}}


def named_things(order: Mapping[str, object]) -> Named:
    """What an order names; nothing for one that is meant for the whole lot or a count."""
    return Named(
        tuple(int(str(number)) for number in _listed(order, "wafers")),
        tuple(str(serial) for serial in _listed(order, "serials")),
    )


def part_words(order: Mapping[str, object]) -> str:
    """What of a lot an order is meant for, as ` of wafers 1, 2`; "" for the whole of it."""
    named, bin_number = named_things(order), order.get("bin_number")
    if named:
        return f" of {named}"
    return f" of bin {bin_number}" if bin_number is not None else ""


def _split_wish(order: Mapping[str, object]) -> SplitWish:
    child, named = str(order.get("child", "")), named_things(order)
    if child:
        check_code(child)
    return SplitWish(
        child,
        Selection(
            quantity=_whole(order, "quantity"),
            wafers=named.wafers,
            serials=named.serials,
            bins=named_bins(
                str(order.get("bins", "")), BinKind(str(order.get("bin_kind", BinKind.HARD)))
            ),
        ),
    )


def _whole(order: Mapping[str, object], name: str) -> int | None:
    value = order.get(name)
    if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
        raise TypeError(f"{name} is no whole number")
    return value


def _listed(order: Mapping[str, object], name: str) -> list[object]:
    values = order.get(name, [])
    if not isinstance(values, list | tuple):
        raise TypeError(f"{name} is no list")
    return list(values)
