"""Where issues are found at present."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Exists, OuterRef, QuerySet, Subquery

from quality.domain.words import FOUND_KINDS
from quality.models import Issue, IssueEvent, Sighting

SHOWN_MAX = 10


@dataclass(frozen=True, slots=True)
class FoundLots:
    """The first lots in which an issue is found now, by code. count: how many there are."""

    codes: Sequence[str]
    count: int

    @property
    def more(self) -> int:
        return self.count - len(self.codes)


def is_standing() -> Exists:
    """Issues whose cause is found somewhere on facts that their own history knows.

    Facts on which a person closed an issue of before are left to that one.
    """
    return Exists(_sightings())


def standing_in(**lots: object) -> Exists:
    """The same, of those found in these lots: lot=… or lot__in=…."""
    return Exists(_sightings().filter(**lots))


def with_found_lots(issues: QuerySet[Issue]) -> QuerySet[Issue]:
    """The same, for `found_lots`."""
    rows = _sightings().filter(lot__isnull=False)
    codes = rows.order_by("lot__code").values("lot__code").distinct()
    counts = rows.order_by().values("cause_key").annotate(count=Count("lot", distinct=True))
    return issues.annotate(
        found_codes=ArraySubquery(codes[:SHOWN_MAX]), found_count=Subquery(counts.values("count"))
    )


def found_lots(issue: Issue) -> FoundLots:
    """Of an issue that `with_found_lots` gave."""
    told = vars(issue)
    return FoundLots(told["found_codes"], told["found_count"] or 0)


def _sightings() -> QuerySet[Sighting]:
    """Of the issue that is asked for around it."""
    known = IssueEvent.objects.filter(issue=OuterRef(OuterRef("pk")), kind__in=FOUND_KINDS)
    rows = Sighting.objects.filter(cause_key=OuterRef("cause_key"))
    return rows.filter(revision__in=known.values("revision"))
