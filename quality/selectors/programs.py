"""Production tested by programs that may not decide about it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from django.db.models import F, Q

from lots.domain.words import LotPurpose
from testing.domain.words import ReleaseState
from testing.models import ProgramRevision, Run

RUNS_MAX = 5000


@dataclass(frozen=True, slots=True)
class UnreleasedUse:
    """A revision and the runs it decided without being released, first recorded first."""

    revision: ProgramRevision
    runs: list[Run]


def unreleased_uses() -> list[UnreleasedUse]:
    """Revisions used on production lots while unreleased, or before their release date."""
    unreleased = Q(revision__state=ReleaseState.UNRELEASED)
    too_early = Q(revision__state=ReleaseState.RELEASED, started_at__lt=F("revision__released_at"))
    rows = (
        Run.objects.filter(unreleased | too_early)
        .exclude(lot_step__lot__purpose=LotPurpose.ENGINEERING)
        .select_related("revision__program__product", "lot_step__lot", "lot_step__step", "tester")
        .order_by("recorded_at", "pk")[:RUNS_MAX]
    )
    runs: dict[int, list[Run]] = defaultdict(list)
    for run in rows:
        runs[run.revision_id].append(run)
    return [UnreleasedUse(members[0].revision, members) for members in runs.values()]
