"""Identity conflicts as pages show them: wafers by their codes, and what stands behind each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from lots.models import Lot
from supplychain.base.errors import MissingError
from testing.domain.words import ConflictKind, ConflictVerdict
from testing.models import ConflictDecision, IdentityConflict, Run, UnitResult
from testing.selectors import insertions_in_conflict, listed_conflicts, sessions_in, wafer_codes

PAGE_ROWS = 50
INSERTIONS_MAX = 200


@dataclass(frozen=True, slots=True)
class ConflictsAsked:
    """What the list is narrowed to; empty means anything."""

    verdict: str = ConflictVerdict.OPEN
    kind: str = ""
    lot: str = ""
    step: str = ""
    page: int = 1


@dataclass(frozen=True, slots=True)
class ConflictLine:
    """A conflict with its positions in words, and sessions in order of time."""

    row: IdentityConflict
    places: tuple[str, ...]
    sessions: tuple[Run, ...] = ()


@dataclass(frozen=True, slots=True)
class ConflictPage:
    lines: Sequence[ConflictLine]
    has_next: bool


@dataclass(frozen=True, slots=True)
class ConflictView:
    """One conflict, every decision about it, the newest first, and the insertions behind it."""

    line: ConflictLine
    decisions: Sequence[ConflictDecision]
    insertions: Sequence[UnitResult]


def conflict_page(asked: ConflictsAsked) -> ConflictPage:
    """The newest first. MissingError for an unknown word, and for a page after the last."""
    rows = _narrowed(asked).order_by("-pk")
    start = (asked.page - 1) * PAGE_ROWS
    found = list(rows[start : start + PAGE_ROWS + 1])
    if not found and asked.page > 1:
        raise MissingError(f"The list has no page {asked.page}. Go back to its first page.")
    return ConflictPage(_lines(found[:PAGE_ROWS]), len(found) > PAGE_ROWS)


def _narrowed(asked: ConflictsAsked) -> QuerySet[IdentityConflict]:
    known = {*ConflictVerdict, *ConflictKind}
    if unknown := {asked.verdict, asked.kind} - known - {""}:
        raise MissingError(f"No conflict is {min(unknown)[:40]}.")
    wanted = {
        "verdict": asked.verdict,
        "kind": asked.kind,
        "lot_step__lot__code": asked.lot,
        "lot_step__step__code": asked.step,
    }
    return listed_conflicts().filter(**{name: value for name, value in wanted.items() if value})


def conflict_view(conflict_id: int) -> ConflictView:
    """MissingError for an unknown one."""
    conflict = listed_conflicts().filter(pk=conflict_id).first()
    if conflict is None:
        raise MissingError("There is no such identity conflict; a later file may have settled it.")
    return ConflictView(
        line=_lines([conflict])[0],
        decisions=list(conflict.decisions.select_related("actor").order_by("-pk")),
        insertions=list(insertions_in_conflict(conflict)[:INSERTIONS_MAX]),
    )


def open_conflict_count(lot: Lot) -> int:
    """Conflicts of the lot that wait for somebody."""
    return IdentityConflict.objects.filter(lot_step__lot=lot, verdict=ConflictVerdict.OPEN).count()


def _lines(conflicts: Sequence[IdentityConflict]) -> list[ConflictLine]:
    codes, runs = wafer_codes(conflicts), sessions_in(conflicts)
    return [
        ConflictLine(
            one,
            tuple(_place(codes.get(wafer, ""), x, y) for wafer, x, y in one.places),
            tuple(run for run_id, run in runs.items() if run_id in one.run_ids),
        )
        for one in conflicts
    ]


def _place(wafer: str, x: int, y: int) -> str:
    return f"{wafer or 'no wafer'} at {x}, {y}"
