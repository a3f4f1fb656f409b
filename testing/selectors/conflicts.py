"""Identities that contradict each other, and the insertions they rest on."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q, QuerySet

from lots.models import Wafer
from testing.domain.records import MISSING
from testing.models import IdentityConflict, Run, UnitResult
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


def sessions_in(conflicts: Iterable[IdentityConflict]) -> dict[int, Run]:
    """Our row of each session that counts its parts → the run, in order of time, in one query."""
    ids = {run_id for one in conflicts for run_id in one.run_ids}
    rows = Run.objects.filter(pk__in=ids).select_related("tester")
    return {run.pk: run for run in rows.order_by("started_at", "source_sha256")}


def insertions_in_conflict(conflict: IdentityConflict) -> QuerySet[UnitResult]:
    """Insertions at its positions, under its part ids or of its sessions, as they happened."""
    where = Q(pk__in=[])
    if conflict.is_counted:
        where = Q(run__in=conflict.run_ids)
    elif conflict.is_two_ids:
        for wafer, x, y in conflict.places:
            where |= Q(wafer=None if wafer == MISSING else wafer, x=x, y=y)
    else:
        where = Q(part_id__in=conflict.part_ids)
    return (
        UnitResult.objects.filter(where, that_count("run"), lot_step=conflict.lot_step_id)
        .select_related("run__tester", "wafer")
        .order_by("run__started_at", "run__source_sha256", "part_index")
    )
