"""Counts of test results, grouped in the database."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from django.db import connection

from quality.domain.yields import YieldCounts
from testing.domain.words import Outcome
from testing.models import BurnInUnit, LotStep
from testing.selectors import hard_bin_counts

CELLS = (Path(__file__).resolve().parent.parent / "sql" / "lot_step_cells_v1.sql").read_text()


@dataclass(frozen=True, slots=True)
class Cell:
    """Counts of the units first tested on one wafer, by one program, at one site of one tester."""

    wafer_id: int | None
    program_revision_id: int
    tester_id: int
    head: int
    site: int
    counts: YieldCounts


def lot_step_cells(lot_step: LotStep) -> list[Cell]:
    """All cells of a lot at a step; their sum is the lot."""
    with connection.cursor() as cursor:
        cursor.execute(CELLS, [lot_step.pk])
        rows = cursor.fetchall()
    return [
        Cell(wafer_id, revision_id, tester_id, head, site, YieldCounts(*counts))
        for wafer_id, revision_id, tester_id, head, site, *counts in rows
    ]


def fail_bins(lot_step: LotStep) -> dict[str, int]:
    """Hard bin → units whose deciding insertion did not pass; "" for a missing bin."""
    return {
        "" if row.hard_bin is None else str(row.hard_bin): row.units - row.passed
        for row in hard_bin_counts([lot_step.pk])
        if row.units > row.passed
    }


def burn_in_counts(lot_step: LotStep) -> YieldCounts:
    """Units of all oven loads of a lot at a step; the last load of a unit decides."""
    loads: dict[int, list[bool]] = defaultdict(list)
    rows = BurnInUnit.objects.filter(run__lot_step=lot_step).order_by("inserted_at", "pk")
    for unit_id, outcome in rows.values_list("unit_id", "outcome"):
        loads[unit_id].append(outcome == Outcome.PASS)
    units = list(loads.values())
    return YieldCounts(
        tested=len(units),
        first_passed=sum(unit[0] for unit in units),
        final_passed=sum(unit[-1] for unit in units),
        retested=sum(len(unit) > 1 for unit in units),
        recovered=sum(unit[-1] and not unit[0] for unit in units),
    )
