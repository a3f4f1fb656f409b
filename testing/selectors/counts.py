"""Counts of units for yields, as grouped SQL over many lot steps at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.db import connection
from django.db.models import Count, Q

from testing.domain.words import Outcome
from testing.models import UnitResult
from testing.sql import statement

PASSED = Q(outcome=Outcome.PASS)


class Scope(StrEnum):
    LOT = "lot"
    WAFER = "wafer"
    PROGRAM = "program"
    SITE = "site"


@dataclass(frozen=True, slots=True)
class LotStepCount:
    """Units of one slice of a lot step, each counted where it was first inserted.

    The fields of other scopes are None; wafer_id is None too for units off any wafer.
    """

    lot_step_id: int
    scope: Scope
    wafer_id: int | None
    revision_id: int | None
    head: int | None
    site: int | None
    tested: int
    first_passed: int
    final_passed: int
    retested: int
    recovered: int


@dataclass(frozen=True, slots=True)
class BinCount:
    """Units whose deciding insertion ended in this hard bin; None where the file gave none."""

    lot_step_id: int
    hard_bin: int | None
    units: int
    passed: int


def lot_step_counts(lot_step_ids: Sequence[int]) -> list[LotStepCount]:
    with connection.cursor() as cursor:
        cursor.execute(statement("lot_step_counts"), {"lot_step_ids": list(lot_step_ids)})
        return [LotStepCount(row[0], Scope(row[1]), *row[2:]) for row in cursor.fetchall()]


def hard_bin_counts(lot_step_ids: Sequence[int]) -> list[BinCount]:
    rows = (
        UnitResult.objects.filter(lot_step__in=lot_step_ids, is_final=True)
        .order_by("lot_step", "hard_bin")
        .values("lot_step", "hard_bin")
        .annotate(units=Count("id"), passed=Count("id", filter=PASSED))
    )
    return [BinCount(row["lot_step"], row["hard_bin"], row["units"], row["passed"]) for row in rows]
