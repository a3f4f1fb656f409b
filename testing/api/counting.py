"""Runs that a better copy of their session replaced: left out unless they are asked for."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django.db.models import QuerySet

from testing.selectors import that_count

SUPERSEDED_LABEL = (
    "Only of runs that a better copy of their session replaced, or only of others. Without it: of "
    "runs that count, and of a run that is named by its SHA-256 in any case."
)


class CountingFilter(filters.FilterSet):
    """Rows of runs that count, unless `superseded` or `run` asks for others.

    run_path: the field that leads from a row to its run.
    """

    run_path = ""

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        rows = super().filter_queryset(queryset)
        given = self.form.cleaned_data
        is_asked = given["superseded"] is not None or given.get("run")
        return rows if is_asked else rows.filter(that_count(self.run_path))
