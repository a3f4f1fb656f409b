"""How the figures of a lot step changed, and what they would be under another retest policy."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import JSONObject

from testing.domain.retest import Insertions, RetestCounts, is_flagged_retest, retest_counts
from testing.domain.words import Outcome, RestatementCause, RetestPolicy
from testing.models import LotStep, Restatement, UnitResult

COUNT_FIELDS = (
    "insertion_count", "unit_count", "first_pass_count", "final_pass_count", "retested_count",
    "recovered_count",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Restated:
    """One change. before: None for the first file. source_name: of the file, "" for none."""

    revision: int
    cause: RestatementCause
    source_name: str
    policy: RetestPolicy
    recorded_at: datetime
    before: RetestCounts | None
    after: RetestCounts


def restatements(lot_step: LotStep) -> list[Restated]:
    """Every change of the lot step's figures, oldest first, in one query."""
    found: list[Restated] = []
    for row in lot_step.restatements.select_related("run").order_by("revision"):
        found.append(
            Restated(
                revision=row.revision,
                cause=RestatementCause(row.cause),
                source_name=row.run.source_name if row.run else "",
                policy=RetestPolicy(row.policy),
                recorded_at=row.recorded_at,
                before=found[-1].after if found else None,
                after=_counts(row),
            )
        )
    return found


def listed_restatements() -> QuerySet[Restatement]:
    """Every change of every lot step, each with what stood before it.

    before: as JSON, the counts and the policy; None for the first file.
    """
    earlier = Restatement.objects.filter(
        lot_step=OuterRef("lot_step"), revision__lt=OuterRef("revision")
    ).order_by("-revision")
    before = JSONObject(policy="policy", **{name: name for name in COUNT_FIELDS})
    return Restatement.objects.select_related(
        "lot_step__lot", "lot_step__step", "run", "actor"
    ).annotate(before=Subquery(earlier.annotate(stood=before).values("stood")[:1]))


def _counts(row: Restatement) -> RetestCounts:
    return RetestCounts(
        insertions=row.insertion_count,
        units=row.unit_count,
        first_passed=row.first_pass_count,
        final_passed=row.final_pass_count,
        retested=row.retested_count,
        recovered=row.recovered_count,
    )


def policy_figures(lot_step: LotStep) -> dict[RetestPolicy, RetestCounts]:
    """What the lot step's figures would be under each policy, from one reading of its results."""
    rows = list(
        UnitResult.objects.filter(lot_step=lot_step, attempt__isnull=False)
        .order_by("run__started_at", "run__source_sha256", "part_index")
        .values_list("unit_key", "outcome", "part_flag")
    )
    numbers: dict[str, int] = {}
    insertions = Insertions(
        np.array([numbers.setdefault(key, len(numbers)) for key, _, _ in rows], dtype=np.int64),
        np.array([outcome == Outcome.PASS for _, outcome, _ in rows], dtype=np.bool_),
        is_flagged_retest(np.array([flag for _, _, flag in rows], dtype=np.uint8)),
    )
    return {policy: retest_counts(insertions, policy) for policy in RetestPolicy}
