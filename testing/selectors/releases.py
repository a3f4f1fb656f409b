"""Runs of program revisions that might not decide about production when they started."""

from __future__ import annotations

from django.db.models import Case, F, Q, Value, When

from testing.domain.words import ReleaseState


def ran_unreleased(path: str = "") -> Q:
    """As `testing.domain.releases` says. path: the field that leads from a row to its run."""
    run = f"{path}__" if path else ""
    started = f"{run}started_at"
    return (
        Q(**{f"{run}revision__state": ReleaseState.UNRELEASED})
        | Q(**{f"{started}__lt": F(f"{run}revision__released_at")})
        | Q(**{f"{started}__gte": F(f"{run}revision__retired_at")})
    )


def is_released(path: str = "") -> Case:
    """The same of each row, as a column."""
    return Case(When(ran_unreleased(path), then=Value(False)), default=Value(True))
