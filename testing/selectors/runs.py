"""Runs and the insertions of a unit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery

from lots.models import Lot, Step, Unit
from supplychain.base.errors import MissingError
from testing.domain.program_changes import LimitChange, LimitRow, own_limit_change
from testing.models import Run, RunLimit, UnitResult
from testing.selectors.counting import that_count
from testing.sql import statement

NAME_CHARACTERS_SHOWN = 72


@dataclass(frozen=True, slots=True)
class RunFigures:
    """Counts of one run. final_hard_bins: bin → units by last insertion, binned ones only."""

    insertions: int
    units: int
    first_pass_passed: int
    final_passed: int
    final_hard_bins: dict[int, int]


def runs() -> QuerySet[Run]:
    """Every run with what a list shows of it, also those that do not count.

    has_own_limits: its file has not the program's. standing_key: the other run of the same file
    that stands. withdrawn_keys: the others that were taken back.
    """
    return Run.objects.select_related(
        "lot_step__lot", "lot_step__step", "revision__program__product", "tester",
        "probe_card", "load_board", "superseded_by", "withdrawal__actor",
    ).annotate(
        standing_key=Subquery(_same_file(is_withdrawn=False)[:1]),
        withdrawn_keys=ArraySubquery(_same_file(is_withdrawn=True)),
        has_own_limits=Exists(RunLimit.objects.filter(_LIMITS_DIFFER, run=OuterRef("pk")))
    )  # fmt: skip


def run_named(name: str) -> Run:
    """MissingError for an unknown one."""
    run = runs().filter(key=name).first()
    if run is None:
        raise MissingError(f"There is no test run {name[:NAME_CHARACTERS_SHOWN]}.")
    return run


def _same_file(*, is_withdrawn: bool) -> QuerySet[Run, Any]:
    others = Run.objects.filter(
        source_sha256=OuterRef("source_sha256"), is_withdrawn=is_withdrawn
    ).exclude(pk=OuterRef("pk"))
    return others.order_by("edition").values("key")


def _other(limit: str) -> Q:
    theirs = f"parameter__{limit}"
    return (
        Q(**{f"{limit}__lt": F(theirs)})
        | Q(**{f"{limit}__gt": F(theirs)})
        | Q(**{f"{limit}__isnull": True, f"{theirs}__isnull": False})
        | Q(**{f"{limit}__isnull": False, f"{theirs}__isnull": True})
    )


_IS_SILENT = Q(units="", limit_low__isnull=True, limit_high__isnull=True)
_LIMITS_DIFFER = ~_IS_SILENT & (
    ~Q(units=F("parameter__units")) | _other("limit_low") | _other("limit_high")
)
"""As `own_limit_change` says."""


def own_limits(run: Run) -> list[LimitChange]:
    """Tests whose limits in the run's file are not those of its program revision, by number.

    before: of the revision; after: as the file states them.
    """
    rows = run.own_limits.select_related("parameter").order_by(
        "parameter__number", "parameter__text", "parameter__occurrence"
    )
    found = []
    for row in rows:
        test = row.parameter
        key = test.number, test.text, test.occurrence
        released = LimitRow(*key, test.units, test.limit_low, test.limit_high)
        stated = LimitRow(*key, row.units, row.limit_low, row.limit_high)
        change = own_limit_change(released, stated)
        if change is not None:
            found.append(LimitChange(released, stated, change))
    return found


def run_figures(run: Run) -> RunFigures:
    with connection.cursor() as cursor:
        cursor.execute(statement("run_figures"), {"run_id": run.pk})
        bins = {hard_bin: units for hard_bin, units in cursor.fetchall() if hard_bin is not None}
    return RunFigures(
        insertions=run.insertion_count,
        units=run.unit_count,
        first_pass_passed=run.first_pass_count,
        final_passed=run.final_pass_count,
        final_hard_bins=bins,
    )


def results_of_unit(unit: Unit) -> QuerySet[UnitResult]:
    """Every insertion that counts in order of time, also from before the unit was known here."""
    if unit.wafer_id is not None:
        unknown = Q(wafer=unit.wafer_id, x=unit.x, y=unit.y)
    else:
        unknown = Q(
            unit__isnull=True,
            part_id=unit.serial,
            wafer__isnull=True,
            run__revision__program__product=unit.product_id,
        )
    return (
        UnitResult.objects.filter(Q(unit=unit) | unknown, that_count("run"))
        .select_related("lot_step__lot", "lot_step__step", "run__tester", "run__revision__program")
        .order_by("run__started_at", "run_id", "part_index")
    )


def distinct_unit_count(lot: Lot, step: Step) -> int:
    """Distinct units of the lot with a result at the step."""
    return UnitResult.objects.filter(lot_step__lot=lot, lot_step__step=step, is_final=True).count()
