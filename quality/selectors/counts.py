"""Counts of test results, grouped in the database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from quality.domain.words import YieldSlice
from quality.domain.yields import YieldCounts
from quality.models import YieldPart
from quality.sql import statement
from testing.models import LotStep
from testing.selectors import hard_bin_counts

PLACE = ("lot_step_id", "slice", "slice_key")
"""Columns that tell parts apart."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a lot step, as last counted. key: as in `YieldPart`."""

    slice: YieldSlice
    key: str
    counts: YieldCounts


def lot_step_parts(lot_step: LotStep) -> list[Part]:
    """The whole and every part of a lot at a step."""
    return [
        Part(
            YieldSlice(row.slice),
            row.slice_key,
            YieldCounts(
                row.tested, row.first_passed, row.final_passed, row.retested, row.recovered
            ),
        )
        for row in YieldPart.objects.filter(lot_step=lot_step).order_by("slice", "slice_key")
    ]


def fail_bins(lot_step: LotStep) -> dict[str, int]:
    """Hard bin → units whose deciding insertion did not pass; "" for a missing bin."""
    return {
        "" if row.hard_bin is None else str(row.hard_bin): row.units - row.passed
        for row in hard_bin_counts([lot_step.pk])
        if row.units > row.passed
    }


def counted(name: str, lot_step_ids: Sequence[int] | None) -> Iterator[tuple[Any, ...]]:
    """Rows of `yield_parts_v1`, `yield_books_v1` or `yield_totals_v1`. None: of every lot step."""
    ids = None if lot_step_ids is None else list(lot_step_ids)
    with connection.cursor() as cursor:
        cursor.execute(statement(name), {"lot_step_ids": ids})
        yield from cursor
