"""A plain model of lots without serials: what they are, what they were, and what happened when."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from lots.models import Lot
from lots.selectors.as_of import LotAsOf

STEPS = ["RCV", "SFT", "TRAY", "FCT", "PORT", "STOCK", "INSTALL", "FABRIC"]
LESSER = "NSW-LITE"


@dataclass(frozen=True)
class Stand:
    """What the model says of a lot. step: place on its route; version: of the route."""

    quantity: int
    step: int = 0
    version: int = 1
    state: str = "active"
    holds: int = 0
    is_tracked_in: bool = False
    custodian: str = "ODM1"
    is_hot: bool = False
    customer: str = ""
    purpose: str = "production"
    product: str = "NSW-1"

    @property
    def is_free(self) -> bool:
        """Nothing stops work on it."""
        return self.state == "active" and not self.holds and not self.is_tracked_in


@dataclass(frozen=True)
class Deed:
    """What one event changed of a lot, and at which hour it happened; None for as it was.

    is_stop: a hold or a release, on which nothing is built.
    """

    hour: int
    change: int = 0
    place: tuple[int, int] | None = None
    custodian: str | None = None
    is_stop: bool = False


@dataclass
class Past:
    """What happened to a lot. birth: what it was at its first hour. is_undone: it never was."""

    birth: Deed
    deeds: list[Deed] = field(default_factory=list)
    is_undone: bool = False

    def by(self, hour: int) -> tuple[int, tuple[int, int] | None, str | None]:
        """Quantity, (step, route version) and custodian as it happened until then."""
        quantity, place, custodian = self.birth.change, self.birth.place, self.birth.custodian
        for deed in self.until(hour):
            quantity += deed.change
            place, custodian = deed.place or place, deed.custodian or custodian
        return quantity, place, custodian

    def until(self, hour: int) -> Iterator[Deed]:
        """In the order in which they happened."""
        return (deed for deed in sorted(self.deeds, key=lambda one: one.hour) if deed.hour <= hour)


@dataclass
class Model:
    """Lots by code, what they were after every event, and what happened to each."""

    lots: dict[str, Stand] = field(default_factory=dict)
    told: list[dict[str, Stand]] = field(default_factory=list)
    past: dict[str, Past] = field(default_factory=dict)

    def bear(self, code: str, stand: Stand, hour: int) -> None:
        """A lot begins."""
        self.lots[code] = stand
        birth = Deed(hour, stand.quantity, (stand.step, stand.version), stand.custodian)
        self.past[code] = Past(birth)

    def change(self, code: str, hour: int, **facts: Any) -> None:
        """What an event made of a lot; where it is kept, too, when that was told anew."""
        before = self.lots[code]
        now = replace(before, **facts)
        self.lots[code] = now
        self.past[code].deeds.append(
            Deed(
                hour,
                now.quantity - before.quantity,
                (now.step, now.version) if {"step", "version"} & facts.keys() else None,
                facts.get("custodian"),
                is_stop=facts.keys() == {"holds"},
            )
        )

    def is_as_born(self, code: str) -> bool:
        """Nothing stands that happened to the lot since, and nothing holds it."""
        is_stopped = self.lots[code].holds or not self.is_there(code)
        return not is_stopped and all(deed.is_stop for deed in self.past[code].deeds)

    def is_there(self, code: str) -> bool:
        """What made it was not taken back."""
        return not self.past[code].is_undone

    def take_back(self, code: str) -> None:
        """It never was; its row stays."""
        self.lots[code] = replace(self.lots[code], quantity=0, state="withdrawn")
        self.past[code].is_undone = True

    def note(self) -> None:
        """The next event is over."""
        there = {code: one for code, one in self.lots.items() if self.is_there(code)}
        self.told.append(there)

    def happened_by(self, hour: int) -> dict[str, tuple[Any, ...]]:
        """Code → quantity, place and custodian of all that was there."""
        there = {code: past for code, past in self.past.items() if not past.is_undone}
        return {code: past.by(hour) for code, past in there.items() if past.birth.hour <= hour}


def stand_of(lot: Lot, holds: int) -> Stand:
    """The lot's own row."""
    return Stand(
        lot.quantity,
        STEPS.index(lot.step.code),
        lot.route_version.version,
        lot.state,
        holds,
        lot.tracked_in_at is not None,
        lot.custodian.code,
        lot.is_hot,
        lot.customer,
        lot.purpose,
        lot.product.code,
    )


def stand_then(one: LotAsOf) -> Stand:
    """The lot folded from the ledger."""
    return Stand(
        one.quantity,
        STEPS.index(one.step),
        one.route_version,
        one.state,
        len(one.hold_reasons),
        one.is_tracked_in,
        one.custodian,
        one.is_hot,
        one.customer,
        one.purpose,
        one.product,
    )
