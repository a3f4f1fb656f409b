"""Which runs count: all but those whose session a better copy tells instead."""

from __future__ import annotations

from django.db.models import Q


def that_count(path: str = "") -> Q:
    """Runs that count, or rows of such runs. path: the field that leads from a row to its run.

    Whatever adds up or lists readings, summaries, results or runs of several files asks this; a
    page of one run does not.
    """
    return Q(**{f"{path}__superseded_by__isnull" if path else "superseded_by__isnull": True})
