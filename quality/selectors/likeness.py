"""Past issues like one that somebody looks at, with what was found out and done about them."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.db.models.fields.json import KT, KeyTransform

from quality.domain.likeness import FACTS, LISTS, Likeness, Traits, likeness, marks_of
from quality.models import Issue

LOOKED_AT_MAX = 400
SHOWN_MAX = 5
_FACTS = [*FACTS, *LISTS, "likely_causes"]


@dataclass(frozen=True, slots=True)
class SimilarIssue:
    """An issue of before and what it has in common with the one looked at."""

    issue: Issue
    likeness: Likeness


def similar_issues(issue: Issue) -> list[SimilarIssue]:
    """The most alike of those opened before it, newest first among equals; one query.

    Looked at are the newest few hundred of its cause, its rule or its step.
    """
    own = _traits(issue, marks_of(issue.evidence))
    found = [
        SimilarIssue(other, like)
        for other in _candidates(issue)
        if (like := likeness(own, _traits(other, _marks(other)))).weight
    ]
    found.sort(key=lambda one: (-one.likeness.weight, -one.issue.pk))
    return found[:SHOWN_MAX]


def _candidates(issue: Issue) -> QuerySet[Issue]:
    wanted = Q(rule=issue.rule_id) | Q(cause_key=issue.cause_key)
    if issue.step_id is not None:
        wanted |= Q(step=issue.step_id)
    facts = {
        f"fact_{name}": KeyTransform(name, KeyTransform("facts", "evidence")) for name in _FACTS
    }
    return (
        Issue.objects.filter(wanted, pk__lt=issue.pk)
        .select_related("rule", "lot__product", "step")
        .defer("evidence")
        .annotate(statistic=KT("evidence__statistic"), value=KT("evidence__value"), **facts)
        .order_by("-id")[:LOOKED_AT_MAX]
    )


def _marks(other: Issue) -> frozenset[str]:
    facts = {name: getattr(other, f"fact_{name}") for name in _FACTS}
    told = vars(other)
    return marks_of({"statistic": told["statistic"], "value": told["value"], "facts": facts})


def _traits(issue: Issue, marks: frozenset[str]) -> Traits:
    return Traits(
        cause_key=issue.cause_key,
        rule=issue.rule.code,
        step=issue.step.code if issue.step else "",
        product=issue.lot.product.code if issue.lot else "",
        marks=marks,
    )
