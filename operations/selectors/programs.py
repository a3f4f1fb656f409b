"""Revisions of test programs, what one changes against another, and what they decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Max, Min, QuerySet

from supplychain.base.errors import MissingError
from testing.domain.program_changes import (
    BinChange,
    BinRow,
    LimitChange,
    LimitRow,
    bin_changes,
    limit_changes,
)
from testing.models import ProgramRevision

CHANGES_MAX = 500
TESTS_MAX = 50_000


@dataclass(frozen=True, slots=True)
class Comparison:
    """before: the revision on the left. counts: how many tests changed in which way."""

    before: ProgramRevision
    tests: Sequence[LimitChange]
    bins: Sequence[BinChange]
    counts: Sequence[tuple[str, int]]
    test_count: int


def program_revision(revision_id: int) -> ProgramRevision:
    """MissingError for an unknown one."""
    found = (
        ProgramRevision.objects.select_related("program__product", "released_by")
        .filter(pk=revision_id)
        .first()
    )
    if found is None:
        raise MissingError("There is no such program revision.")
    return found


def sibling_revisions(revision: ProgramRevision) -> QuerySet[ProgramRevision]:
    """All revisions of the program with what they decided, the newest first."""
    return revision.program.revisions.annotate(
        run_count=Count("runs"),
        first_run_at=Min("runs__started_at"),
        last_run_at=Max("runs__started_at"),
    ).order_by("-pk")


def earlier_revision(revision: ProgramRevision) -> ProgramRevision | None:
    """The one that came before it, to compare with by itself."""
    return revision.program.revisions.filter(pk__lt=revision.pk).order_by("-pk").first()


def comparison(before: ProgramRevision, after: ProgramRevision) -> Comparison:
    """What `after` changes against `before`, of the same program."""
    if before.program_id != after.program_id:
        raise MissingError("This revision is of another program; choose one of the same.")
    tests = limit_changes(_limits(before), _limits(after))
    counts: dict[str, int] = {}
    for one in tests:
        counts[one.change] = counts.get(one.change, 0) + 1
    return Comparison(
        before=before,
        tests=tests[:CHANGES_MAX],
        bins=bin_changes(_bins(before), _bins(after)),
        counts=sorted(counts.items()),
        test_count=len(tests),
    )


def _limits(revision: ProgramRevision) -> list[LimitRow]:
    rows = revision.parameters.order_by().values_list(
        "number", "text", "occurrence", "units", "limit_low", "limit_high"
    )
    return [LimitRow(*row) for row in rows[:TESTS_MAX]]


def _bins(revision: ProgramRevision) -> list[BinRow]:
    rows = revision.bins.order_by().values_list("kind", "number", "name", "passes")
    return [BinRow(*row) for row in rows]
