"""What stands against pilots that lots wait for."""

from __future__ import annotations

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from lots.models import Event, Hold
from lots.selectors.pilots import with_pilots
from quality.domain.words import OPEN_STATES, IssueState
from quality.models import Issue, LedgerCursor, PendingReview
from quality.selectors.sightings import standing_in


def holds_with_pilots(holds: QuerySet[Hold]) -> QuerySet[Hold]:
    """The same with the pilot of each, for `pilot_of`; open issues found in it now count."""
    standing = OPEN_STATES | {IssueState.MERGED}
    found = standing_in(lot=OuterRef(OuterRef("pilot")))
    issues = Issue.objects.filter(found, state__in=standing, is_found=True)
    issues = issues.filter(Q(merged_into=None) | Q(merged_into__state__in=OPEN_STATES))
    return with_pilots(holds, ArraySubquery(issues.order_by("number").values("number")))


def reviewed_holds(cursor: str) -> QuerySet[Hold]:
    """Open holds that wait for a pilot which no review is due for: every event of it was followed.

    cursor: of whoever queues reviews.
    """
    read = Coalesce(Subquery(LedgerCursor.objects.filter(name=cursor).values("seq")), 0)
    unread = Event.objects.filter(lot=OuterRef("pilot_run__pilot"), seq__gt=read)
    reviews = PendingReview.objects.filter(lot=OuterRef("pilot_run__pilot"))
    waiting = Hold.objects.filter(released_at__isnull=True, pilot_run__isnull=False)
    return holds_with_pilots(waiting.exclude(Exists(unread)).exclude(Exists(reviews)))
