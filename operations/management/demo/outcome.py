"""What the detectors made of the line, beside what was planted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.db.models import Q

from quality.models import Issue
from simulator.evaluate import FALSE_PER_TEN_LOTS_MAX, Raised, Verdict, evaluate


def judged(truth: Mapping[str, Any]) -> Verdict:
    """Issues on the line's lots, or on no lot; what its detector took back itself is left out."""
    rows = (
        Issue.objects.filter(Q(lot__code__in=truth["lots"]) | Q(lot=None), cleared_at=None)
        .order_by("id")
        .values_list("number", "rule__detector", "lot__code")
    )
    return evaluate(truth, [Raised(number, code, lot or "") for number, code, lot in rows])


def lines(verdict: Verdict) -> Iterator[str]:
    """For people to read: every cause, then what else was raised."""
    total = len(verdict.found) + len(verdict.missed)
    yield f"Planted causes found: {len(verdict.found)} of {total}"
    for cause, issue in verdict.found:
        yield f"  {issue.number}  {cause.id:20} {cause.detector:24} {cause.lot} at {cause.step}"
    for cause in verdict.missed:
        yield f"  MISSED    {cause.id:20} {cause.detector:24} {cause.lot} at {cause.step}"
    side = ", ".join(f"{issue.number} {issue.detector} {issue.lot}" for issue in verdict.side)
    yield f"Side effects of these causes: {side or 'none'}"
    yield (
        f"False issues: {len(verdict.false)} on {verdict.lot_count} lots, "
        f"{verdict.false_per_ten_lots:.2f} for every ten (at most {FALSE_PER_TEN_LOTS_MAX:.0f})"
    )
    for issue in verdict.false:
        yield f"  {issue.number}  {issue.detector} {issue.lot}"
