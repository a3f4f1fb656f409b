"""Identities that contradict each other, and the insertions they rest on."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q, QuerySet

from lots.models import Wafer
from testing.domain.records import MISSING
from testing.models import IdentityConflict, UnitResult
from testing.selectors.counting import that_count


def listed_conflicts() -> QuerySet[IdentityConflict]:
    """Every conflict with what a list shows of it."""
    return IdentityConflict.objects.select_related(
        "lot_step__lot__product", "lot_step__step", "decided_by"
    )


def wafer_codes(conflicts: Iterable[IdentityConflict]) -> dict[int, str]:
    """Our row of each wafer in them → its code, in one query."""
    ids = {place[0] for one in conflicts for place in one.places} - {MISSING}
    return dict(Wafer.objects.filter(pk__in=ids).order_by().values_list("id", "code"))


def insertions_in_conflict(conflict: IdentityConflict) -> QuerySet[UnitResult]:
    """Insertions at its positions or under its part ids, in the order they happened."""
    where = Q(pk__in=[])
    if conflict.is_two_ids:
        for wafer, x, y in conflict.places:
            where |= Q(wafer=None if wafer == MISSING else wafer, x=x, y=y)
    else:
        where = Q(part_id__in=conflict.part_ids)
    return (
        UnitResult.objects.filter(where, that_count("run"), lot_step=conflict.lot_step_id)
        .select_related("run__tester", "wafer")
        .order_by("run__started_at", "run__source_sha256", "part_index")
    )
