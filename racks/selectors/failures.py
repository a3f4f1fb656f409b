"""Parts that failed in the field, and what those that did have in common."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Count, Exists, F, OuterRef, QuerySet, Subquery, Sum

from lots.domain.words import Verb
from lots.models import Genealogy, Lot, Unit, Wafer
from quality.domain.partial import first_of
from racks.domain.clusters import Factor, Group, Population
from racks.models import Rack, RackContent
from racks.selectors.places import DEPTH_MAX, statement
from testing.domain.words import EquipmentKind
from testing.models import BurnInUnit, Equipment, UnitResult
from testing.selectors import that_count

FAILURES_MAX = 20_000


@dataclass(frozen=True, slots=True)
class FieldFailure:
    """A part swapped out of what stood in a rack. lot: in which it was born."""

    unit_id: int
    serial: str
    product_id: int
    product: str
    lot_id: int
    lot: str
    removed_at: datetime
    rack_id: int
    rack: str


def field_failures(since: datetime) -> list[FieldFailure]:
    """One a part, by its last failure; in one query."""
    asked: dict[str, Any] = {"since": since, "depth_max": DEPTH_MAX}
    with connection.cursor() as cursor:
        cursor.execute(statement("field_failures"), asked)
        rows = cursor.fetchmany(FAILURES_MAX + 1)
    return first_of([FieldFailure(*row) for row in rows], FAILURES_MAX)


def population(product_id: int, failures: Sequence[FieldFailure], fails_min: int) -> Population:
    """What these failures of one product have in common, beside all units of it in the field.

    Groups with fewer failures than fails_min are left out. Units of a lot, wafer or oven count also
    where they are not in a rack yet: that makes a group look better, never worse.
    """
    racked = _racked(product_id)
    groups = [
        group
        for factor, places in _places(failures).items()
        for group in _groups(factor, product_id, places, racked, fails_min)
    ]
    return Population(
        units=sum(racked.values()) + len(failures),
        fails=len(failures),
        groups=tuple(groups),
        families=_families(product_id, len(racked)),
    )


Places = dict[tuple[int, str], set[str]]
"""Id and name of a group → serials that failed."""


def _places(failures: Sequence[FieldFailure]) -> dict[Factor, Places]:
    serials = {one.unit_id: one.serial for one in failures}
    found: dict[Factor, Places] = {factor: defaultdict(set) for factor in Factor}
    for one in failures:
        found[Factor.LOT][one.lot_id, one.lot].add(one.serial)
        found[Factor.RACK][one.rack_id, one.rack].add(one.serial)
    dies = Genealogy.objects.filter(parent__in=serials, child__wafer__isnull=False)
    wafers: Any = dies.values_list("parent_id", "child__wafer_id", "child__wafer__code")
    for unit_id, wafer_id, code in wafers:
        found[Factor.WAFER][wafer_id, code].add(serials[unit_id])
    loads = BurnInUnit.objects.filter(unit__in=serials)
    ovens: Any = loads.values_list("unit_id", "run__oven_id", "run__oven__code")
    for unit_id, oven_id, code in ovens:
        found[Factor.OVEN][oven_id, code].add(serials[unit_id])
    return found


def _groups(
    factor: Factor, product_id: int, places: Places, racked: dict[int, int], fails_min: int
) -> Iterable[Group]:
    many = {place: failed for place, failed in places.items() if len(failed) >= fails_min}
    if not many:
        return []
    ids = [place_id for place_id, _ in many]
    sizes = (
        {rack_id: racked.get(rack_id, 0) + len(failed) for (rack_id, _), failed in many.items()}
        if factor is Factor.RACK
        else _sizes(factor, product_id, ids)
    )
    return [
        Group(factor, name, place_id, max(sizes.get(place_id, 0), len(failed)), frozenset(failed))
        for (place_id, name), failed in many.items()
    ]


def _sizes(factor: Factor, product_id: int, ids: Sequence[int]) -> dict[int, int]:
    """Units of the product by lot of birth, wafer of a die inside, or oven."""
    if factor is Factor.LOT:
        born = Unit.objects.filter(product=product_id, created_by__lot__in=ids)
        return dict(born.order_by().values_list("created_by__lot").annotate(Count("id")))
    if factor is Factor.WAFER:
        edges = Genealogy.objects.filter(child__wafer__in=ids, parent__product=product_id)
        counted = edges.values_list("child__wafer").annotate(Count("parent", distinct=True))
        return dict(counted.order_by())
    loads = BurnInUnit.objects.filter(run__oven__in=ids, unit__product=product_id)
    counted_loads = loads.values_list("run__oven").annotate(Count("unit", distinct=True))
    return dict(counted_loads.order_by())


def _racked(product_id: int) -> dict[int, int]:
    """Rack → units of the product in it."""
    rows = RackContent.objects.filter(product=product_id).values_list("rack")
    return dict(rows.annotate(Sum("unit_count")).order_by())


def _families(product_id: int, rack_count: int) -> dict[Factor, int]:
    """How many groups there are to look at, of each factor."""
    wafers = Wafer.objects.filter(dies__parent_edges__parent__product=product_id)
    return {
        Factor.LOT: Lot.objects.filter(product=product_id).count(),
        Factor.WAFER: wafers.distinct().count(),
        Factor.OVEN: Equipment.objects.filter(kind=EquipmentKind.OVEN).count(),
        Factor.RACK: max(rack_count, Rack.objects.filter(contents__product=product_id).count()),
    }


def untested_returns() -> QuerySet[Genealogy]:
    """Open edges of parts that were swapped out before, with no result that counts in between.

    A result of any step will do, from when it was taken out on. The oldest first.
    """
    taken_out = Genealogy.objects.filter(
        child=OuterRef("child"),
        closed_by__verb=Verb.SWAP,
        valid_to__gt=F("valid_from"),
        valid_to__lte=OuterRef("valid_from"),
    ).order_by("-valid_to")
    swapped = Genealogy.objects.filter(closed_by__isnull=False, closed_by__verb=Verb.SWAP)
    results = UnitResult.objects.filter(
        that_count("run"), unit=OuterRef("child"), run__started_at__gte=OuterRef("taken_out_at")
    )
    loads = BurnInUnit.objects.filter(
        unit=OuterRef("child"), inserted_at__gte=OuterRef("taken_out_at")
    )
    return (
        Genealogy.objects.filter(valid_to__isnull=True, child__in=swapped.values("child"))
        .annotate(taken_out_at=Subquery(taken_out.values("valid_to")[:1]))
        .filter(~Exists(results), ~Exists(loads), taken_out_at__isnull=False)
        .select_related("child__product", "parent")
        .order_by("valid_from", "pk")
    )
