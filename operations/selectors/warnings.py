"""What speaks against an act on a lot although no rule forbids it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lots.domain.words import LotKind, StepKind, Verb
from lots.models import Lot, Step
from lots.selectors.gates import demands_results
from quality.domain.words import OPEN_STATES
from quality.models import Issue
from quality.selectors.passed_steps import PassedStep, coverage, passed_result_steps

ISSUES_MAX = 20


def open_issues_of(verb: str, lots: Sequence[Lot]) -> Sequence[Issue]:
    """Open issues of lots that are about to move or leave, newest first."""
    if verb not in {Verb.MOVE, Verb.SHIP}:
        return []
    issues = Issue.objects.filter(lot__in=lots, state__in=OPEN_STATES)
    return list(issues.order_by("-id")[:ISSUES_MAX])


def skipped_steps(verb: str, lots: Sequence[Lot], answers: Mapping[str, Any]) -> list[str]:
    """Steps that require results and would be left without, in words.

    A move: from where the lot is to the step before its new one. Shipping: what was passed, and
    what its custodian has still to do.
    """
    left: list[PassedStep] = []
    for lot in lots:
        if verb == Verb.MOVE:
            left += _between(lot, answers["to_step"])
        elif verb == Verb.SHIP:
            left += [*passed_result_steps([lot.pk]), *_still_to_do(lot)]
    covered = coverage(left)
    return [_words(one, covered[one.lot.pk, one.step.pk].missing) for one in left
            if covered[one.lot.pk, one.step.pk].missing]  # fmt: skip


def _between(lot: Lot, to_step: Step) -> list[PassedStep]:
    return [one for one in _ahead(lot) if one.step.sequence < to_step.sequence]


def _still_to_do(lot: Lot) -> list[PassedStep]:
    """Up to the first step that is another company's."""
    found = []
    for one in _ahead(lot):
        if one.step.supplier_id != lot.custodian_id:
            break
        found.append(one)
    return found


def _ahead(lot: Lot) -> list[PassedStep]:
    """Steps from the present one on that require results of such a lot, in route order."""
    if lot.route_version.is_free:
        return []
    steps = Step.objects.filter(
        route_version=lot.route_version_id,
        sequence__gte=lot.step.sequence,
        requires_results=True,
    )
    if lot.kind != LotKind.WAFER:
        steps = steps.exclude(kind=StepKind.SORT)
    return [
        PassedStep(lot, step, lot.step_entered_at)
        for step in steps.order_by("sequence")
        if demands_results(lot, step)
    ]


def _words(one: PassedStep, missing: Sequence[str]) -> str:
    count = f"{len(missing):,} of lot {one.lot.code}"
    return f"{one.step.code}, {one.step.name}: required, and {count} without results."
