"""Runs that do not count, replaced or taken back, are left out unless they are asked for."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django.db.models import Q, QuerySet

SUPERSEDED_LABEL = (
    "Only of runs that a better copy of their session replaced, or only of others. Without it: of "
    "runs that count, and of a run that is named in any case."
)
WITHDRAWN_LABEL = (
    "Only of runs that were taken back, or only of others. Without it: of others, and of a run "
    "that is named in any case."
)
RUN_LABEL = "Name of the run: the SHA-256 of its file, with `-2` behind it for its second edition."
RUN_CHARACTERS_MAX = 72


def that_are_asked(*, superseded: bool | None, withdrawn: bool | None, path: str = "") -> Q:
    """Rows of runs as two filters ask; None: not asked. path: from a row to its run."""
    to = f"{path}__" if path else ""
    found = Q(**{f"{to}is_withdrawn": bool(withdrawn)})
    if superseded is None and withdrawn:
        return found
    return found & Q(**{f"{to}superseded_by__isnull": not superseded})


class CountingFilter(filters.FilterSet):
    """Rows of runs that count, unless `superseded`, `withdrawn` or `run` asks for others.

    run_path: the field that leads from a row to its run.
    """

    run_path = ""

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        rows = super().filter_queryset(queryset)
        given = self.form.cleaned_data
        if given.get("run"):
            return rows
        asked = {name: given[name] for name in ("superseded", "withdrawn")}
        return rows.filter(that_are_asked(**asked, path=self.run_path))
