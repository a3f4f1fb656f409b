"""What speaks against an act on lots although no rule forbids it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import F, Q
from django.db.models.functions import Coalesce

from lots.domain.words import LotKind, StepKind, Verb
from lots.models import Lot, Step
from lots.selectors.gates import demands_results
from lots.selectors.rules import families_of
from quality.domain.words import OPEN_STATES
from quality.models import Issue
from quality.selectors.passed_steps import PassedStep, coverage, passed_result_steps

ISSUES_MAX = 20
"""Of one lot; the newest."""
WARNED_ABOUT = frozenset({Verb.MOVE, Verb.TRACK_OUT, Verb.SHIP})
"""What takes a lot on its way."""


@dataclass(frozen=True, slots=True)
class Warned:
    """One thing that speaks against it. issue: the number of an open issue; text: its title then.

    severity: of the issue.
    """

    lot: Lot
    text: str
    issue: str = ""
    severity: str = ""

    def __str__(self) -> str:
        return (
            f"Open issue {self.issue} ({self.severity}): {self.text}" if self.issue else self.text
        )


def warnings_of(verb: str, lots: Sequence[Lot], to_step: str = "") -> list[Warned]:
    """Lot by lot: steps left without required results, then open issues, newest first.

    to_step: code of where they go; empty for the next step of each. The number of queries does not
    grow with the lots. Nothing for acts that leave a lot where it is.
    """
    if verb not in WARNED_ABOUT:
        return []
    skipped, issues = _skipped(verb, lots, to_step), _issues(lots)
    return [one for lot in lots for one in (*skipped[lot.pk], *issues[lot.pk])]


def _issues(lots: Sequence[Lot]) -> Mapping[int, list[Warned]]:
    by_id = {lot.pk: lot for lot in lots}
    found: dict[int, list[Warned]] = defaultdict(list)
    merged = Q(merged_into__state__in=OPEN_STATES) & ~Q(merged_into__lot=F("lot"))
    rows = Issue.objects.filter(merged | Q(state__in=OPEN_STATES), lot__in=by_id).order_by("-id")
    told = [Coalesce(f"merged_into__{name}", name) for name in ("number", "title", "severity")]
    for lot_id, number, title, severity in rows.values_list("lot", *told):
        if len(found[lot_id]) < ISSUES_MAX:
            found[lot_id].append(Warned(by_id[lot_id], title, number, severity))
    return found


def _skipped(verb: str, lots: Sequence[Lot], to_step: str) -> Mapping[int, list[Warned]]:
    """Steps that require results and would be left without.

    On the way: from where the lot is to the step before its new one. Shipping: what was passed, and
    what its custodian has still to do.
    """
    ahead = _ahead(lots)
    left: list[PassedStep] = []
    if verb == Verb.SHIP:
        left += passed_result_steps([lot.pk for lot in lots])
        for lot in lots:
            left += _still_to_do(ahead[lot.pk])
    else:
        ends = _ends(lots, to_step)
        for lot in lots:
            left += [one for one in ahead[lot.pk] if one.step.sequence < ends[lot.pk]]
    by_id = {lot.pk: lot for lot in lots}
    covered = coverage(left)
    found: dict[int, list[Warned]] = defaultdict(list)
    for one in left:
        if missing := covered[one.lot.pk, one.step.pk].missing:
            found[one.lot.pk].append(Warned(by_id[one.lot.pk], _words(one, missing)))
    return found


def _ends(lots: Sequence[Lot], to_step: str) -> dict[int, int]:
    """Lot → where on its route it stops; right after its step where no other is named."""
    ends = {lot.pk: lot.step.sequence + 1 for lot in lots}
    if not to_step:
        return ends
    versions = {lot.route_version_id for lot in lots}
    rows = Step.objects.filter(route_version__in=versions, code=to_step)
    there = dict(rows.values_list("route_version", "sequence"))
    return {lot.pk: there.get(lot.route_version_id, ends[lot.pk]) for lot in lots}


def _still_to_do(ahead: Sequence[PassedStep]) -> list[PassedStep]:
    """Up to the first step that is another company's."""
    found = []
    for one in ahead:
        if one.step.supplier_id != one.lot.custodian_id:
            break
        found.append(one)
    return found


def _ahead(lots: Sequence[Lot]) -> Mapping[int, list[PassedStep]]:
    """Lot → steps from its present one on that require results of it, in route order."""
    bound = [lot for lot in lots if not lot.route_version.is_free]
    steps: dict[int, list[Step]] = defaultdict(list)
    versions = {lot.route_version_id for lot in bound}
    demanding = Step.objects.filter(route_version__in=versions, requires_results=True)
    for step in demanding.order_by("sequence"):
        steps[step.route_version_id].append(step)
    is_sampling = any(step.sampling_every > 1 for route in steps.values() for step in route)
    families = families_of([lot.pk for lot in bound]) if is_sampling else {}
    found: dict[int, list[PassedStep]] = defaultdict(list)
    for lot in bound:
        found[lot.pk] = [
            PassedStep(lot, step, lot.step_entered_at)
            for step in steps[lot.route_version_id]
            if step.sequence >= lot.step.sequence
            and (step.kind != StepKind.SORT or lot.kind == LotKind.WAFER)
            and demands_results(lot, step, families.get(lot.pk, ""))
        ]
    return found


def _words(one: PassedStep, missing: Sequence[str]) -> str:
    count = f"{len(missing):,} of lot {one.lot.code}"
    return f"{one.step.code}, {one.step.name}: required, and {count} without results."
