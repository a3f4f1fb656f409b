"""The head of each reading. Stored readings have sites only, and nearly every run has one head."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet
from numpy.typing import NDArray

from testing.domain.words import ALL_HEADS
from testing.models import ReadingSummary, Run, UnitResult


def with_heads(runs: QuerySet[Run], parameter_ids: Collection[int] | None = None) -> QuerySet[Run]:
    """Runs with their heads, of these parameters' summaries, as `heads_of` asks for."""
    sums = ReadingSummary.objects.filter(run=OuterRef("pk"))
    if parameter_ids is not None:
        sums = sums.filter(parameter__in=parameter_ids)
    return runs.annotate(heads=ArraySubquery(sums.order_by().values("head").distinct()))


def heads_of(runs: Sequence[Run], readings: pa.Table) -> NDArray[np.int16]:
    """(reading,), of readings of these runs, which are `with_heads`.

    A query more only where a run has several, or was loaded before they were told apart.
    """
    run_id = readings.column("run_id").to_numpy()
    found = np.zeros(len(run_id), dtype=np.int16)
    several: list[int] = []
    for run in runs:
        heads: list[int] = getattr(run, "heads")  # noqa: B009 - annotated
        if len(heads) == 1 and heads[0] != ALL_HEADS:
            found[run_id == run.pk] = heads[0]
        else:
            several.append(run.pk)
    if several:
        _look_up(several, readings, found)
    return found


def _look_up(run_ids: Sequence[int], readings: pa.Table, found: NDArray[np.int16]) -> None:
    rows = UnitResult.objects.filter(run__in=run_ids).order_by()
    told = np.array([*rows.values_list("run_id", "part_index", "head")], dtype=np.int64)
    run_id, part = (readings.column(name).to_numpy() for name in ("run_id", "part_index"))
    for one in run_ids:
        own = told[told[:, 0] == one] if len(told) else told.reshape(0, 3)
        head = np.zeros(int(own[:, 1].max(initial=0)) + 1, dtype=np.int16)
        head[own[:, 1]] = own[:, 2]
        is_own = run_id == one
        found[is_own] = head[part[is_own]]
