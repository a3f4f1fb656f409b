"""Changes of the figures of lot steps, narrowed and page by page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from operations.domain.restated import FIGURES, Figure, figures
from supplychain.base.errors import MissingError
from testing.domain.words import RestatementCause
from testing.models import Restatement
from testing.selectors import listed_restatements

PAGE_ROWS = 50
CHANGED = "changed"
"""Everything but first files."""


@dataclass(frozen=True, slots=True)
class RestatementsAsked:
    """What the list is narrowed to; empty means anything. cause: `changed` or one cause."""

    lot: str = ""
    step: str = ""
    cause: str = ""
    page: int = 1


@dataclass(frozen=True, slots=True)
class RestatedLine:
    """One change with its figures. policy_before: "" where it is the same one."""

    row: Restatement
    figures: tuple[Figure, ...]
    policy_before: str


@dataclass(frozen=True, slots=True)
class RestatedPage:
    lines: Sequence[RestatedLine]
    has_next: bool


def restated_page(asked: RestatementsAsked) -> RestatedPage:
    """The newest first. MissingError for an unknown cause, and for a page after the last."""
    rows = _narrowed(asked).order_by("-pk")
    start = (asked.page - 1) * PAGE_ROWS
    found = list(rows[start : start + PAGE_ROWS + 1])
    if not found and asked.page > 1:
        raise MissingError(f"The list has no page {asked.page}. Go back to its first page.")
    return RestatedPage([_line(row) for row in found[:PAGE_ROWS]], len(found) > PAGE_ROWS)


def _narrowed(asked: RestatementsAsked) -> QuerySet[Restatement]:
    rows = listed_restatements()
    if asked.lot:
        rows = rows.filter(lot_step__lot__code=asked.lot)
    if asked.step:
        rows = rows.filter(lot_step__step__code=asked.step)
    if asked.cause == CHANGED:
        return rows.exclude(cause=RestatementCause.FIRST)
    if asked.cause and asked.cause not in set(RestatementCause):
        raise MissingError(f"No figure changes because of {asked.cause[:40]}.")
    return rows.filter(cause=asked.cause) if asked.cause else rows


def _line(row: Restatement) -> RestatedLine:
    before = row.before  # type: ignore[attr-defined]
    policy_before = before["policy"] if before else row.policy
    return RestatedLine(
        row,
        figures(before, {name: getattr(row, name) for name in FIGURES}),
        policy_before if policy_before != row.policy else "",
    )
