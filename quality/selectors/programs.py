"""Production tested by programs that may not decide about it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from django.db.models import Count, Max, QuerySet, Sum, Window
from django.db.models.functions import RowNumber

from lots.domain.words import LotPurpose
from testing.models import ProgramRevision, Run
from testing.selectors import ran_unreleased, that_count

RUNS_NAMED_MAX = 200


@dataclass(frozen=True, slots=True)
class UnreleasedUse:
    """A revision and what it decided without being released.

    runs: the first recorded of them, at most RUNS_NAMED_MAX; the counts are of all.
    """

    revision: ProgramRevision
    runs: list[Run]
    run_count: int
    unit_count: int
    last_run_id: int


def unreleased_uses() -> list[UnreleasedUse]:
    """Revisions used on production lots while unreleased, before their release or after retiring.

    Every such revision is there, however many runs another one has.
    """
    counts = {
        row["revision"]: row
        for row in _unreleased_runs()
        .order_by()
        .values("revision")
        .annotate(runs=Count("id"), units=Sum("unit_count"), last=Max("id"))
    }
    runs: dict[int, list[Run]] = defaultdict(list)
    for run in _first_runs():
        runs[run.revision_id].append(run)
    return [
        UnreleasedUse(
            revision=members[0].revision,
            runs=members,
            run_count=counts[revision_id]["runs"],
            unit_count=counts[revision_id]["units"],
            last_run_id=counts[revision_id]["last"],
        )
        for revision_id, members in runs.items()
    ]


def _unreleased_runs() -> QuerySet[Run]:
    return Run.objects.filter(ran_unreleased(), that_count()).exclude(
        lot_step__lot__purpose=LotPurpose.ENGINEERING
    )


def _first_runs() -> QuerySet[Run]:
    place = Window(RowNumber(), partition_by="revision", order_by=["recorded_at", "pk"])
    return (
        _unreleased_runs()
        .annotate(place=place)
        .filter(place__lte=RUNS_NAMED_MAX)
        .select_related("revision__program__product", "lot_step__lot", "lot_step__step", "tester")
        .order_by("recorded_at", "pk")
    )
