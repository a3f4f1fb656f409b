"""Functional tests over chosen lots: verdicts without values, as shares that fail."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from operations.domain.fail_shares import FailShare
from operations.selectors.explore import Sample
from supplychain.base.deferred import pc
from testing.domain.words import Outcome, place_name
from testing.models import Run

MARKS = NDArray[np.bool_]


def share(found: Sample, label: str, where: MARKS | None = None) -> FailShare:
    """Of a selection, or of those of its readings."""
    outcome = found.table.column("outcome")
    failed, passed = (
        pc.equal(outcome, one.value).to_numpy(zero_copy_only=False)
        for one in (Outcome.FAIL, Outcome.PASS)
    )
    kept = np.ones(len(failed), dtype=np.bool_) if where is None else where
    fails, judged = int((failed & kept).sum()), int(((failed | passed) & kept).sum())
    return FailShare(label, judged, fails, int(kept.sum()) - judged)


def shares_by_run(found: Sample) -> list[tuple[Run, FailShare]]:
    """Runs in order of time."""
    run_id = found.table.column("run_id").to_numpy()
    return [
        (run, share(found, run.lot_step.lot.code, run_id == run.pk))
        for run in found.runs
        if (run_id == run.pk).any()
    ]


def shares_by_site(found: Sample) -> list[FailShare]:
    """Sites in order; named with their head where there are several heads."""
    head, site = (found.table.column(name).to_numpy() for name in ("head", "site"))
    places = sorted(set(zip(head.tolist(), site.tolist(), strict=True)))
    return [
        share(found, place_name(one, places), (head == one[0]) & (site == one[1])) for one in places
    ]
