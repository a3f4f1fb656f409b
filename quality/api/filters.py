from __future__ import annotations

from typing import Any

import django_filters as filters
from django.db.models import Q, QuerySet

from lots.models import Lot
from notices.domain.words import Severity
from quality.domain.words import OPEN_STATES, IssueState
from quality.models import Issue
from quality.selectors.issues import about_lots
from supplychain.base.choices import choices


class IssueFilter(filters.FilterSet):
    """What people narrow the queue to."""

    is_open = filters.BooleanFilter(method="by_openness", label="Whether it still needs somebody.")
    is_escalated = filters.BooleanFilter(
        label="Whether it counts: a fact, or within the false-discovery budget."
    )
    state = filters.ChoiceFilter(choices=choices(IssueState))
    severity = filters.ChoiceFilter(choices=choices(Severity))
    rule = filters.CharFilter("rule__code", max_length=64, label="Rule code.")
    lot = filters.CharFilter(
        method="by_lot", max_length=64, label="Code of a lot: opened on it, or found in it now."
    )
    step = filters.CharFilter("step__code", max_length=32, label="Step code, on any route.")
    due_before = filters.DateFilter("due_on", "lt", label="Due before this day.")
    merged_into = filters.CharFilter(
        "merged_into__number", max_length=16, label="Number of the issue that stands for it."
    )
    owner = filters.CharFilter("owner__username", max_length=150, label="Sign-in name.")

    class Meta:
        model = Issue
        fields: list[str] = []

    def by_lot(self, queryset: QuerySet[Issue], name: str, value: str) -> QuerySet[Issue, Any]:
        lots = Lot.objects.filter(code=value)
        return queryset.filter(about_lots(lots.values_list("pk", flat=True)))

    def by_openness(
        self, queryset: QuerySet[Issue], name: str, value: bool
    ) -> QuerySet[Issue, Any]:
        is_open = Q(state__in=OPEN_STATES)
        return queryset.filter(is_open if value else ~is_open)
