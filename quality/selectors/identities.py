"""Dies that should not have been built in, and identities that contradict each other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Exists, Max, OuterRef, Q

from lots.domain.words import LineKind, LotKind, LotPurpose, UnitKind
from lots.models import EventLine, Unit
from quality.domain.partial import first_of, resting_on
from quality.sql import statement
from testing.domain.words import ConflictVerdict
from testing.models import IdentityConflict, LotStep, UnitResult
from testing.selectors import that_count

ROWS_MAX = 20_000
CONFLICTS_MAX = 5_000


@dataclass(frozen=True, slots=True)
class BuiltDie:
    """A die inside something. lot: of its wafer. failed_at: None where its wafer's maps lack it."""

    lot_id: int
    lot: str
    wafer_id: int
    wafer: str
    serial: str
    host: str
    failed_at: str | None


def wrong_dies(lot_ids: Sequence[int]) -> list[list[BuiltDie]]:
    """Dies built in though they failed sort, or are off the map: a list for each wafer lot."""
    asked: dict[str, Any] = {"lot_ids": list(lot_ids), "rows_max": ROWS_MAX + 1}
    with connection.cursor() as cursor:
        cursor.execute(statement("packaged_dies"), asked)
        rows = first_of([BuiltDie(*row) for row in cursor.fetchall()], ROWS_MAX)
    found: dict[int, list[BuiltDie]] = defaultdict(list)
    for row in rows:
        found[row.lot_id].append(row)
    return resting_on(found.values(), rows)


def undecided_conflicts(lot_ids: Sequence[int]) -> list[tuple[LotStep, list[IdentityConflict]]]:
    """Lot steps with identities that contradict each other and that nobody has decided on."""
    rows = (
        IdentityConflict.objects.filter(lot_step__lot__in=lot_ids, verdict=ConflictVerdict.OPEN)
        .select_related("lot_step__lot", "lot_step__step")
        .order_by("lot_step", "kind", "subject")
    )
    found: dict[int, tuple[LotStep, list[IdentityConflict]]] = {}
    conflicts = first_of(rows, CONFLICTS_MAX)
    for conflict in conflicts:
        found.setdefault(conflict.lot_step_id, (conflict.lot_step, []))[1].append(conflict)
    return resting_on(found.values(), conflicts)


@dataclass(frozen=True, slots=True)
class Strangers:
    """Units tested of a lot that never had them. names: of serials; empty where only counted.

    tested: distinct units; held: the most the lot ever had, by serial or by count.
    """

    lot_step: LotStep
    tested: int
    held: int
    names: tuple[str, ...]


def strangers(lot_ids: Sequence[int]) -> list[Strangers]:
    """Lot steps with results of more units than the lot had, or of serials nobody registered.

    Wafer lots and engineering's are left out: the one is counted in wafers, the other may begin
    with a file. Three queries.
    """
    steps = (
        LotStep.objects.filter(lot__in=lot_ids, unit_count__gt=0)
        .exclude(Q(lot__kind=LotKind.WAFER) | Q(lot__purpose=LotPurpose.ENGINEERING))
        .annotate(is_named=Exists(_named_units()))
        .select_related("lot", "step")
        .order_by("pk")
    )
    known = {one.pk: one for one in steps}
    parts = _unregistered([pk for pk, one in known.items() if one.is_named])
    names: dict[int, list[str]] = defaultdict(list)
    for lot_step_id, part_id in parts:
        names[lot_step_id].append(part_id)
    held = _most_held({one.lot_id for one in known.values()})
    found = []
    for pk, one in known.items():
        most = held.get(one.lot_id, 0)
        is_over = not one.is_named and one.unit_count > most
        if names[pk] or is_over:
            found.append(Strangers(one, one.unit_count, most, tuple(names[pk])))
    return resting_on(found, parts)


def _named_units() -> Any:
    return Unit.objects.filter(lot=OuterRef("lot")).exclude(kind=UnitKind.DIE)


def _unregistered(lot_step_ids: Sequence[int]) -> list[tuple[int, str]]:
    """Lot steps and part ids that are the serial of no unit, in order."""
    known = Unit.objects.filter(serial=OuterRef("part_id"))
    rows = (
        UnitResult.objects.filter(
            ~Q(part_id=""), ~Exists(known), that_count("run"), lot_step__in=lot_step_ids,
            unit__isnull=True, is_final=True,
        )
        .order_by("lot_step", "part_id")
        .values_list("lot_step_id", "part_id")
    )  # fmt: skip
    return first_of(rows, ROWS_MAX)


def _most_held(lot_ids: set[int]) -> dict[int, int]:
    """Lot → the most units it ever had at once."""
    lines = EventLine.objects.filter(lot__in=lot_ids, kind__in=[LineKind.IN, LineKind.GOOD])
    return dict(lines.order_by().values_list("lot").annotate(Max("quantity")))
