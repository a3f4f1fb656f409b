"""Units that a review board used as they are, knowing that they had failed the test."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db.models import Max, Q, QuerySet

from quality.domain.words import DispositionKind, DispositionState, IssueEventKind, IssueState
from quality.models import Disposition, Issue
from testing.domain.words import Outcome
from testing.models import BurnInUnit, UnitResult
from testing.selectors import that_count

DETECTOR = "test-escape"


def let_through(
    lot_ids: Collection[int], code: str, *, counted: Collection[int], is_burn_in: bool
) -> dict[int, set[str]]:
    """Lot → names of units let through at the step: serials, or unit keys for lots only counted.

    Only those that had failed when it was carried out, as was known then, so that nothing that
    comes to light later is covered by it. A whole lot is let through under an issue of the
    detector of escapes alone; units by name under any issue at the step. One query, and two for
    each decision.
    """
    found: dict[int, set[str]] = defaultdict(set)
    for lot_id, serials, decided_at in _decisions(lot_ids, code):
        if lot_id in counted:
            known = _keys_that_failed(lot_id, code, decided_at)
        elif is_burn_in:
            known = _failed(_loads(lot_id, code, decided_at))
        else:
            known = _failed(_results(lot_id, code, decided_at))
        found[lot_id] |= known & set(serials) if serials else known
    return found


def _decisions(lot_ids: Collection[int], code: str) -> list[tuple[int, list[str], datetime]]:
    """Lot, serials (none is the whole lot), and when we learned that it was carried out."""
    escapes = Issue.objects.filter(rule__detector=DETECTOR, step__code=code)
    merged = escapes.filter(state=IssueState.MERGED).values("merged_into")
    about = Q(issue__in=escapes) | Q(issue__in=merged)
    rows = Disposition.objects.filter(
        about | (~Q(serials=[]) & Q(issue__step__code=code)),
        lot__in=lot_ids,
        kind=DispositionKind.USE_AS_IS,
        state=DispositionState.CARRIED_OUT,
        wafers=[],
    )
    carried_out = Q(acts__event__kind=IssueEventKind.CARRIED_OUT)
    decided = rows.annotate(at=Max("acts__event__recorded_at", filter=carried_out)).order_by("pk")
    return list(decided.values_list("lot_id", "serials", "at"))


def _results(lot_id: int, code: str, at: datetime) -> QuerySet[UnitResult, Any]:
    """The newest result of each unit of the lot known then, also of a file replaced since."""
    rows = UnitResult.objects.filter(
        unit__lot=lot_id, lot_step__step__code=code, run__recorded_at__lte=at
    )
    newest = rows.order_by("unit_id", "-run__started_at", "-pk").distinct("unit_id")
    return newest.values_list("unit__serial", "outcome")


def _loads(lot_id: int, code: str, at: datetime) -> QuerySet[BurnInUnit, Any]:
    rows = BurnInUnit.objects.filter(
        unit__lot=lot_id, run__lot_step__step__code=code, run__recorded_at__lte=at
    )
    newest = rows.order_by("unit_id", "-removed_at", "-pk").distinct("unit_id")
    return newest.values_list("unit__serial", "outcome")


def _keys_that_failed(lot_id: int, code: str, at: datetime) -> set[str]:
    """Of a lot without serials: unit keys that had failed then, and still count as failed."""
    rows = UnitResult.objects.filter(lot_step__lot=lot_id, lot_step__step__code=code)
    then = rows.filter(run__recorded_at__lte=at)
    newest = then.order_by("unit_key", "-run__started_at", "-pk").distinct("unit_key")
    now = rows.filter(that_count("run"), is_final=True)
    return _failed(newest.values_list("unit_key", "outcome")) & _failed(
        now.values_list("unit_key", "outcome")
    )


def _failed(rows: QuerySet[Any, Any]) -> set[str]:
    return {name for name, outcome in rows if outcome != Outcome.PASS}
