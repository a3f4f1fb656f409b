"""Two files of one session: the better copy counts, in whatever order they come."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q

from testing.domain.copies import Copy, InsertionMark, are_copies
from testing.domain.identity import PART_ID_CHARACTERS_MAX, stored_text
from testing.domain.records import MISSING, MISSING_COORDINATE, RunRecord
from testing.models import Run, RunWafer
from testing.selectors import that_count


@dataclass(frozen=True, slots=True)
class Copies:
    """better: the standing run that counts instead. worse: runs that the new one replaces."""

    better: Run | None
    worse: tuple[Run, ...]


def copies_of(row: Run, run: RunRecord) -> Copies:
    """Other counting runs of the same session: same start, tester, program and sublot.

    Testers that write a file for each wafer may give all of them one start: where both name wafers,
    they share one.
    """
    wafers = {wafer.wafer_id for wafer in run.wafers}
    is_elsewhere = Exists(RunWafer.objects.filter(run=OuterRef("pk"))) & ~Exists(
        RunWafer.objects.filter(run=OuterRef("pk"), wafer__in=wafers)
    )
    others = Run.objects.filter(
        that_count(),
        ~is_elsewhere if wafers else Q(),
        lot_step=row.lot_step_id,
        started_at=row.started_at,
        tester=row.tester_id,
        revision=row.revision_id,
        sublot=row.sublot,
    ).exclude(pk=row.pk)
    mine = _copy(row)
    found = [
        other for other in others if are_copies(mine, _copy(other), _marks(run), _stored(other))
    ]
    better = max(found, key=lambda other: _copy(other).worth, default=None)
    if better is not None and _copy(better).worth > mine.worth:
        return Copies(better, ())
    return Copies(None, tuple(found))


def supersede(runs: tuple[Run, ...], by: Run) -> None:
    """Let runs count no more; their results stay as history, and are set aside elsewhere.

    What they replaced themselves is replaced by the run that now counts, too.
    """
    Run.objects.filter(Q(pk__in=[run.pk for run in runs]) | Q(superseded_by__in=runs)).update(
        superseded_by=by
    )


def revived_by(withdrawn: Run) -> list[Run]:
    """Copies that a run had replaced count again, now that it is taken back; which ones.

    The best of them first; what is a copy of one that counts is replaced by that one.
    """
    left = list(withdrawn.superseded.filter(is_withdrawn=False))
    revived: list[Run] = []
    for row in sorted(left, key=lambda one: _copy(one).worth, reverse=True):
        row.superseded_by = next((one for one in revived if _are_stored_copies(one, row)), None)
        row.save(update_fields=["superseded_by"])
        if row.superseded_by is None:
            revived.append(row)
    return revived


def _are_stored_copies(one: Run, other: Run) -> bool:
    return are_copies(_copy(one), _copy(other), _stored(one), _stored(other))


def _copy(row: Run) -> Copy:
    is_whole = not row.is_partial and not row.rejected_count
    return Copy(is_whole, row.insertion_count, row.source_sha256, row.doubt_count)


def _marks(run: RunRecord) -> Iterator[InsertionMark]:
    parts = run.parts
    names = (stored_text(text, PART_ID_CHARACTERS_MAX) for text in parts.part_id)
    columns = (
        parts.x, parts.y, parts.hard_bin, parts.soft_bin, parts.head, parts.site,
        parts.part_flag, parts.test_time_ms,
    )  # fmt: skip
    return zip(names, *(column.tolist() for column in columns), strict=True)


def _stored(row: Run) -> Iterator[InsertionMark]:
    found = row.results.order_by().values_list(
        "part_id", "x", "y", "hard_bin", "soft_bin", "head", "site", "part_flag", "test_time_ms"
    )
    missing = ("", MISSING_COORDINATE, MISSING_COORDINATE, MISSING, MISSING, 0, 0, 0, MISSING)
    for values in found:
        yield tuple(
            default if value is None else value
            for value, default in zip(values, missing, strict=True)
        )
