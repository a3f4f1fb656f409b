"""Programs and their revisions, with what each was used for."""

from __future__ import annotations

from django.db.models import Count, Max, Min, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from testing.models import Program, ProgramRevision, Run
from testing.selectors.counting import that_count


def listed_programs() -> QuerySet[Program]:
    """Every program with its product."""
    return Program.objects.select_related("product")


def listed_revisions() -> QuerySet[ProgramRevision]:
    """Every revision with who answers for it, how many runs it had, and when."""
    return ProgramRevision.objects.select_related(
        "program__product", "prepared_by", "released_by", "retired_by"
    ).annotate(
        run_count=Coalesce(_of_runs(Count("id")), 0),
        first_run_at=_of_runs(Min("started_at")),
        last_run_at=_of_runs(Max("started_at")),
    )


def _of_runs(figure: Count | Min | Max) -> Subquery:
    """A figure over the counting runs of a row, so that only the rows of a page are counted."""
    runs = Run.objects.filter(that_count(), revision=OuterRef("pk")).order_by().values("revision")
    return Subquery(runs.annotate(figure=figure).values("figure"))
