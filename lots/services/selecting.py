"""What a selection of a lot means in rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from django.db.models import Exists, OuterRef, QuerySet

from lots.domain.bins import Binned, Bins, found_in
from lots.domain.commands import Selection
from lots.domain.errors import PartError, QuantityError
from lots.domain.rules import coarse_fault, part_fault
from lots.domain.words import TrackDepth, UnitOfMeasure, UnitState
from lots.models import Genealogy, Lot, Unit, Wafer
from lots.selectors.bins import bin_results
from lots.services.lookups import NAMED_AT_MOST


@dataclass(frozen=True, slots=True)
class Chosen:
    """How many of the lot's good units, and the wafers and units that go with them.

    binned: where and how many a bin, when bins were named.
    """

    quantity: int
    wafer_ids: tuple[int, ...] = ()
    units: QuerySet[Unit] | None = None
    binned: Binned | None = None

    def told(self) -> dict[str, object]:
        """What the event keeps of it beside the selection: of bins, which units were in them."""
        if self.binned is None:
            return {}
        return {**self.binned.told(), "unit_ids": list(self.binned.unit_ids)}


def chosen(lot: Lot, selection: Selection) -> Chosen:
    """Rows of the locked lot. QuantityError or PartError naming what it does not hold."""
    if selection.wafers:
        return _wafers(lot, selection.wafers)
    if selection.serials:
        return _serials(lot, selection.serials)
    if selection.bins is not None:
        return _bins(lot, selection.bins)
    assert selection.quantity is not None, "a selection says one thing"
    return _count(lot, selection.quantity)


def refuse_coarse(lot: Lot, selection: Selection) -> None:
    """QuantityError for a bare count of part of the locked lot at a step that records each piece.

    Where nothing of the lot has a name on record there is nothing to say but how many.
    """
    if selection.quantity in {None, lot.quantity}:
        return
    depth = TrackDepth(lot.step.track_depth)
    is_wafers = lot.unit_of_measure == UnitOfMeasure.WAFER
    if depth is TrackDepth.LOT or (depth is TrackDepth.WAFER and not is_wafers):
        return
    known = _wafer_names(lot) if is_wafers else _serials_of(lot)
    if known:
        fault = coarse_fault(lot.step.code, lot.unit_of_measure, known)
        raise QuantityError(fault, lot=lot.code, step=lot.step.code, track_depth=depth)


def _wafer_names(lot: Lot) -> list[str]:
    live = Wafer.objects.filter(lot=lot, is_scrapped=False).order_by("number", "code")
    return [str(number or code) for number, code in live.values_list("number", "code")]


def _serials_of(lot: Lot) -> list[str]:
    units = free_good(Unit.objects.filter(lot=lot, kind=lot.unit_of_measure))
    return list(units.order_by("serial").values_list("serial", flat=True)[:NAMED_AT_MOST])


def free_good(units: QuerySet[Unit]) -> QuerySet[Unit]:
    """Those that may be used: good, and built into nothing now."""
    edges = Genealogy.objects.filter(child=OuterRef("pk"), valid_to__isnull=True)
    return units.filter(~Exists(edges), state=UnitState.GOOD)


class PartLike(Protocol):
    """A unit, or what was read of it."""

    @property
    def id(self) -> int: ...
    @property
    def serial(self) -> str: ...
    @property
    def state(self) -> str: ...


def refuse_unusable(units: Sequence[PartLike]) -> None:
    """PartError naming the first units that are bad or built into something."""
    ids = [unit.id for unit in units]
    edges = Genealogy.objects.filter(child_id__in=ids, valid_to__isnull=True)
    containers = dict(edges.values_list("child_id", "parent__serial"))
    faults = [
        f"{unit.serial} {fault}"
        for unit in units
        if (fault := part_fault(UnitState(unit.state), containers.get(unit.id, "")))
    ]
    if faults:
        raise PartError(
            f"{len(faults)} cannot be used: {'; '.join(faults[:NAMED_AT_MOST])}.",
            faults=faults[:NAMED_AT_MOST],
        )


def _wafers(lot: Lot, numbers: Sequence[int]) -> Chosen:
    live = Wafer.objects.filter(lot=lot, number__in=numbers, is_scrapped=False)
    found = live.order_by("id").values_list("id", "number")
    counts = Counter(number for _, number in found)
    wrong = [str(number) for number in numbers if counts[number] != 1]
    if wrong:
        raise QuantityError(
            f"Lot {lot.code} does not have exactly one live wafer of number {', '.join(wrong)}.",
            lot=lot.code,
            wafers=wrong,
        )
    ids = tuple(pk for pk, _ in found)
    units = Unit.objects.filter(lot=lot, wafer_id__in=ids)
    if lot.unit_of_measure == UnitOfMeasure.WAFER:
        return Chosen(len(ids), ids, units)
    return Chosen(free_good(units).count(), ids, units)


def _serials(lot: Lot, serials: Sequence[str]) -> Chosen:
    units = Unit.objects.filter(lot=lot, serial__in=serials, kind=lot.unit_of_measure)
    found = list(units)
    missing = sorted(set(serials) - {unit.serial for unit in found})
    if missing:
        raise QuantityError(
            f"Lot {lot.code} does not hold {', '.join(missing[:NAMED_AT_MOST])}.",
            lot=lot.code,
            serials=missing[:NAMED_AT_MOST],
        )
    refuse_unusable(found)
    return Chosen(len(found), (), units)


def _bins(lot: Lot, bins: Bins) -> Chosen:
    units = free_good(Unit.objects.filter(lot=lot, kind=lot.unit_of_measure))
    serials = dict(units.values_list("id", "serial"))
    if not serials:
        is_wafers = lot.unit_of_measure == UnitOfMeasure.WAFER
        why = "is still whole wafers" if is_wafers else "has no units with serials"
        raise QuantityError(
            f"Lot {lot.code} {why}, and bins are of units. "
            f"Name {'wafers' if is_wafers else 'a quantity'}.",
            lot=lot.code,
        )
    found = found_in(lot.code, bins, serials, bin_results(lot, bins.kind))
    chosen_units = Unit.objects.filter(id__in=found.unit_ids)
    return Chosen(len(found.unit_ids), (), chosen_units, found)


def _count(lot: Lot, quantity: int) -> Chosen:
    """A bare number will do where nothing has a name, or where it means all."""
    wafers = Wafer.objects.filter(lot=lot, is_scrapped=False)
    units = Unit.objects.filter(lot=lot)
    if quantity == lot.quantity:
        return Chosen(quantity, tuple(wafers.values_list("id", flat=True)), units)
    if lot.unit_of_measure == UnitOfMeasure.WAFER and wafers.exists():
        raise QuantityError(f"Lot {lot.code} has numbered wafers; say which.", lot=lot.code)
    if units.exists():
        raise QuantityError(f"Lot {lot.code} has serial numbers; say which.", lot=lot.code)
    return Chosen(quantity)
