"""What one run counted, and its tests summed up over sites."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]
from django.db import connection
from numpy.typing import NDArray

from testing.domain.pooling import Pooled, SiteSummaries, pool_sites
from testing.domain.words import Outcome
from testing.models import Parameter, Run
from testing.selectors.readings import summaries_by_site
from testing.sql import statement


@dataclass(frozen=True, slots=True)
class RunCount:
    """Insertions of one head, site, wafer, bins and outcome. units: those last inserted so."""

    head: int
    site: int
    wafer_id: int | None
    hard_bin: int | None
    soft_bin: int | None
    outcome: Outcome
    insertions: int
    units: int

    @property
    def is_passed(self) -> bool:
        return self.outcome is Outcome.PASS


@dataclass(frozen=True, slots=True)
class RunParameters:
    """The parameters with readings in a run, in order of number, and their pooled summaries."""

    parameters: tuple[Parameter, ...]
    pooled: Pooled


def run_counts(run: Run) -> list[RunCount]:
    """In one pass over the run's own insertions."""
    with connection.cursor() as cursor:
        cursor.execute(statement("run_counts"), {"run_id": run.pk})
        return [
            RunCount(head, site, wafer, hard_bin, soft_bin, Outcome(outcome), insertions, units)
            for head, site, wafer, hard_bin, soft_bin, outcome, insertions, units in (
                cursor.fetchall()
            )
        ]


def run_parameters(run: Run) -> RunParameters:
    """In two queries, however many tests and sites."""
    table = summaries_by_site([run.pk])
    ids = table.column("parameter_id").to_pylist()
    parameters = sorted(
        Parameter.objects.in_bulk(set(ids)).values(),
        key=lambda one: (one.number, one.text, one.occurrence, one.pk),
    )
    place = {parameter.pk: index for index, parameter in enumerate(parameters)}
    sites = SiteSummaries(
        group=np.array([place[one] for one in ids], dtype=np.int64),
        executed=_executed(table),
        count=table.column("count").to_numpy(),
        fail_count=table.column("fail_count").to_numpy(),
        mean=table.column("mean").to_numpy(),
        deviation=table.column("deviation").to_numpy(),
        minimum=table.column("minimum").to_numpy(),
        maximum=table.column("maximum").to_numpy(),
    )
    return RunParameters(tuple(parameters), pool_sites(sites, len(parameters)))


def _executed(table: pa.Table) -> NDArray[np.int64]:
    """How often each was tested; where that was not kept, how many values there are."""
    often, values = (table.column(name).to_pylist() for name in ("executed_count", "count"))
    told = [values[row] if count is None else count for row, count in enumerate(often)]
    return np.array(told, dtype=np.int64)
