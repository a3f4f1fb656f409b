"""Bins that units were sorted into and that the program's own table does not name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, QuerySet

from lots.domain.words import BinKind
from quality.domain.partial import first_of, resting_on
from testing.models import BinDefinition, LotStep, ProgramRevision, UnitResult
from testing.selectors import that_count

COLUMN = {BinKind.HARD: "hard_bin", BinKind.SOFT: "soft_bin"}


@dataclass(frozen=True, slots=True)
class UnnamedBin:
    """insertions: of the lot step that ended in it. known: numbers that the table does name."""

    lot_step: LotStep
    revision: ProgramRevision
    kind: BinKind
    number: int
    insertions: int
    known: tuple[int, ...]


def unnamed_bins(lot_ids: Sequence[int], bins_max: int) -> list[UnnamedBin]:
    """Bins of these lots' results beside a table of that kind without them; five queries at most.

    A revision whose files have never named a bin of the kind has no table to miss one in. A Partial
    beyond bins_max of a kind.
    """
    read = {kind: first_of(_numbers(lot_ids, kind), bins_max) for kind in BinKind}
    found = [(kind, *row) for kind, rows in read.items() for row in rows]
    if not found:
        return resting_on([], *read.values())
    lot_steps = LotStep.objects.select_related("lot__product", "step").in_bulk(
        {lot_step for _, lot_step, _, _, _ in found}
    )
    revisions = ProgramRevision.objects.select_related("program__product").in_bulk(
        {revision for _, _, revision, _, _ in found}
    )
    tables: dict[tuple[int, str], list[int]] = {}
    rows = BinDefinition.objects.filter(revision__in=revisions).order_by("number")
    for revision_id, named, number in rows.values_list("revision_id", "kind", "number"):
        tables.setdefault((revision_id, named), []).append(number)
    bins = [
        UnnamedBin(
            lot_steps[lot_step], revisions[revision], kind, number, count,
            tuple(tables[revision, kind]),
        )
        for kind, lot_step, revision, number, count in found
    ]  # fmt: skip
    return resting_on(bins, *read.values())


def _numbers(lot_ids: Sequence[int], kind: BinKind) -> QuerySet[UnitResult, Any]:
    """Lot step, revision, bin and insertions."""
    column = COLUMN[kind]
    table = BinDefinition.objects.filter(revision=OuterRef("run__revision"), kind=kind)
    return (
        UnitResult.objects.filter(
            that_count("run"), lot_step__lot__in=lot_ids, **{f"{column}__isnull": False}
        )
        .filter(Exists(table))
        .exclude(Exists(table.filter(number=OuterRef(column))))
        .order_by("lot_step", "run__revision", column)
        .values_list("lot_step_id", "run__revision_id", column)
        .annotate(insertions=Count("id"))
    )
