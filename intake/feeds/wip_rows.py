"""One line of a WIP report, and what its words select."""

from __future__ import annotations

from dataclasses import dataclass

from intake.domain.errors import PassedOverError
from intake.domain.tables import count_of
from lots.domain.commands import Command, Selection
from lots.domain.serials import wafer_numbers
from lots.models import Event, Lot
from lots.selectors.placing import placing_events

KIND = "wip"


@dataclass(frozen=True, slots=True)
class WipRow:
    """One line, missing values as empty text."""

    lot: str
    supplier: str
    product: str = ""
    route: str = ""
    step: str = ""
    quantity: str = ""
    unit: str = ""
    wafers: str = ""
    to_lot: str = ""
    to: str = ""
    hold_class: str = ""
    reason: str = ""
    comment: str = ""
    serials: str = ""
    due_on: str = ""
    loss: str = ""
    equipment: str = ""
    return_step: str = ""

    def count(self) -> int:
        """The quantity. MalformedError when it is no number."""
        return count_of(self.quantity, "quantity")

    def selection(self) -> Selection:
        """Serials, else wafers, else the quantity."""
        if self.serials:
            return Selection(serials=tuple(self.serials.split()))
        if self.wafers:
            return Selection(wafers=wafer_numbers(self.wafers))
        return Selection(quantity=self.count())


def overtaken_by(lot: Lot, command: Command) -> Event | None:
    """The last event that placed the lot after the command happened; None for a command in time."""
    later = placing_events(lot).filter(occurred_at__gt=command.occurred_at)
    return later.order_by("-occurred_at", "-seq").first()


def words_of(lot: Lot, later: Event) -> str:
    """Why the command is late, as a sentence."""
    return (
        f"It came late: lot {lot.code} went on by {later.verb} at "
        f"{later.occurred_at:%Y-%m-%d %H:%M %Z}, after this happened."
    )


def refuse_overtaken(lot: Lot, command: Command) -> None:
    """PassedOverError for a step change that came after a later one was recorded."""
    later = overtaken_by(lot, command)
    if later is not None:
        raise PassedOverError(words_of(lot, later), lot=lot.code)
