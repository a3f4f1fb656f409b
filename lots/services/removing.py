"""Units that leave the good ones of a lot, and the reasons for it."""

from __future__ import annotations

from dataclasses import dataclass

from lots.domain.bins import Binned
from lots.domain.commands import Selection
from lots.domain.rules import refuse_unlisted_reason
from lots.domain.words import LineKind, UnitState, Verb
from lots.models import Lot, ReasonCode, Unit, Wafer
from lots.services.selecting import chosen, free_good, refuse_coarse

NOT_THERE = "missing"


@dataclass(frozen=True, slots=True)
class Removed:
    """How many left, and which wafers and units, for a correction to bring back."""

    quantity: int
    wafer_ids: tuple[int, ...]
    unit_ids: tuple[int, ...]
    binned: Binned | None = None

    def told(self) -> dict[str, object]:
        """As the payload of an event keeps it; nothing where nothing has a name."""
        named = {"wafer_ids": list(self.wafer_ids), "unit_ids": list(self.unit_ids)}
        told: dict[str, object] = {name: ids for name, ids in named.items() if ids}
        return told | (self.binned.told() if self.binned else {})


def remove_units(lot: Lot, selection: Selection, kind: LineKind, reason: ReasonCode) -> Removed:
    """Take them out of the locked lot's good units; what is built in is not the lot's and stays.

    Of a loss, those found bad become rejects, the others are missing: they may turn up again.
    The lot's own quantity is the caller's to set. QuantityError or PartError for what is not there,
    and for a bare count where the step records each piece.
    """
    refuse_coarse(lot, selection)
    part = chosen(lot, selection)
    Wafer.objects.filter(id__in=part.wafer_ids).update(is_scrapped=True)
    unit_ids: tuple[int, ...] = ()
    if part.units is not None:
        unit_ids = tuple(free_good(part.units).order_by("id").values_list("id", flat=True))
        Unit.objects.filter(id__in=unit_ids).update(state=_state_after(kind, reason))
    return Removed(part.quantity, part.wafer_ids, unit_ids, part.binned)


def _state_after(kind: LineKind, reason: ReasonCode) -> UnitState:
    if kind is LineKind.SCRAP:
        return UnitState.SCRAPPED
    is_bad = reason.code != NOT_THERE and reason.counts_in_yield
    return UnitState.REJECT if is_bad else UnitState.MISSING


def bring_back(*, wafer_ids: list[int], unit_ids: list[int]) -> None:
    """Undo remove_units for these."""
    Wafer.objects.filter(id__in=wafer_ids).update(is_scrapped=False)
    Unit.objects.filter(id__in=unit_ids).update(state=UnitState.GOOD)


def listed_reason(verb: Verb, reason: str) -> ReasonCode:
    """The active reason code of the verb. ReasonError naming those there are."""
    codes = {
        row.code: row
        for row in ReasonCode.objects.filter(verb=verb, is_active=True).order_by("code")
    }
    refuse_unlisted_reason(verb, reason, list(codes))
    return codes[reason]
