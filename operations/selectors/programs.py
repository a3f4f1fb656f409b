"""Revisions of test programs, what one changes against another, and what they decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from quality.detectors.programs import UnreleasedProgram
from quality.models import Issue
from supplychain.base.errors import MissingError
from testing.domain.program_changes import (
    BinChange,
    BinRow,
    LimitChange,
    LimitRow,
    bin_changes,
    limit_changes,
)
from testing.domain.words import ReleaseState
from testing.models import ProgramRevision
from testing.selectors import listed_revisions

PAGE_ROWS = 50
WAITING = "waiting"
"""Prepared by one person, not yet released by another."""
UNRELEASED = UnreleasedProgram.code
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


@dataclass(frozen=True, slots=True)
class RevisionsAsked:
    """What the list is narrowed to; empty means anything. state: `waiting` or one of release."""

    state: str = ""
    product: str = ""
    text: str = ""
    page: int = 1


@dataclass(frozen=True, slots=True)
class RevisionPage:
    revisions: Sequence[ProgramRevision]
    has_next: bool


def revision_page(asked: RevisionsAsked) -> RevisionPage:
    """The newest first. MissingError for an unknown state, and for a page after the last."""
    rows = listed_revisions()
    if asked.state == WAITING:
        rows = rows.filter(state=ReleaseState.UNRELEASED, prepared_by__isnull=False)
    elif asked.state in set(ReleaseState):
        rows = rows.filter(state=asked.state)
    elif asked.state:
        raise MissingError(f"No program revision is {asked.state[:40]}.")
    if asked.product:
        rows = rows.filter(program__product__code=asked.product)
    if asked.text:
        rows = rows.filter(program__code__icontains=asked.text)
    start = (asked.page - 1) * PAGE_ROWS
    found = list(rows.order_by("-pk")[start : start + PAGE_ROWS + 1])
    if not found and asked.page > 1:
        raise MissingError(f"The list has no page {asked.page}. Go back to its first page.")
    return RevisionPage(found[:PAGE_ROWS], len(found) > PAGE_ROWS)


def issue_of(revision: ProgramRevision) -> Issue | None:
    """The newest issue about its use without release."""
    cause = f"{UNRELEASED}:{revision.program.product.code}:{revision.pk}"
    return Issue.objects.filter(cause_key=cause).order_by("-pk").first()


def program_revision(revision_id: int) -> ProgramRevision:
    """MissingError for an unknown one."""
    found = (
        ProgramRevision.objects.select_related(
            "program__product", "prepared_by", "released_by", "retired_by"
        )
        .filter(pk=revision_id)
        .first()
    )
    if found is None:
        raise MissingError("There is no such program revision.")
    return found


def sibling_revisions(revision: ProgramRevision) -> QuerySet[ProgramRevision]:
    """All revisions of the program with what they decided, the newest first."""
    return listed_revisions().filter(program=revision.program_id).order_by("-pk")


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
