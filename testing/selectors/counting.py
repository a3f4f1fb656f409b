"""Which runs count: all but those taken back, and those whose session a better copy tells."""

from __future__ import annotations

from django.db.models import Q


def that_count(path: str = "") -> Q:
    """Runs that count, or rows of such runs. path: the field that leads from a row to its run.

    Whatever adds up or lists readings, summaries, results or runs of several files asks this; a
    page of one run does not.
    """
    to = f"{path}__" if path else ""
    return Q(**{f"{to}superseded_by__isnull": True, f"{to}is_withdrawn": False})
