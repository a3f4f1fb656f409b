"""Runs that a person is about to match anew."""

from __future__ import annotations

from collections.abc import Sequence

from intake.models import RawFile
from intake.services.rematch_trial import RUNS_MAX
from testing.models import Run
from testing.selectors import runs


def picked_runs(ids: Sequence[int]) -> list[Run]:
    """Those that are there, the newest last; at most as many as are done at once."""
    return list(runs().filter(pk__in=ids[:RUNS_MAX]).order_by("pk"))


def wafers_of_file(run: Run) -> list[str]:
    """Names of the wafers as the run's file has them."""
    found = RawFile.objects.filter(sha256=run.source_sha256).values_list("summary", flat=True)
    summary = found.first() or {}
    return [str(name) for name in summary.get("wafers", [])]
