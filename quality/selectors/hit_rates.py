"""How often people agreed with what each detector found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Aggregate, Count, DurationField, F, Max, Q

from quality.domain.intervals import Interval, wilson
from quality.domain.words import OPEN_STATES, IssueState
from quality.domain.yields import ratio
from quality.models import Rule
from quality.selectors.budget import BUDGET

SOLVED = (IssueState.RESOLVED, IssueState.VERIFIED)
DROPPED = (IssueState.DISMISSED,)


class Median(Aggregate):
    """Of the rows that have a value."""

    function = "percentile_cont"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = DurationField()


@dataclass(frozen=True, slots=True)
class HitRate:
    """Issues of one rule. confirmed, dismissed: by a person; cleared: gone before anybody looked.

    waited: the median from opening to a person's decision; None before the first.
    """

    rule: Rule
    raised: int
    open: int
    confirmed: int
    dismissed: int
    cleared: int
    waited: timedelta | None
    last_at: datetime | None

    @property
    def decided(self) -> int:
        return self.confirmed + self.dismissed

    @property
    def waited_hours(self) -> float | None:
        return None if self.waited is None else self.waited / timedelta(hours=1)

    @property
    def ratio(self) -> float | None:
        """Confirmed of the decided, 0 to 1; None before the first decision."""
        return ratio(self.confirmed, self.decided)

    @property
    def interval(self) -> Interval | None:
        """95 % Wilson bounds of the ratio."""
        return wilson(self.confirmed, self.decided)


def hit_rates(since: datetime | None) -> Sequence[HitRate]:
    """Every rule with its issues opened since then, or ever; most raised first. The budget apart.

    What was merged into another issue shares its lot.
    """
    asked = Q(issues__opened_at__gte=since) if since else Q(issues__isnull=False)
    by_person = Q(asked, issues__closed_by__isnull=False)
    solved, dismissed, still_open = (_stands(*states) for states in (SOLVED, DROPPED, OPEN_STATES))
    rows = (
        Rule.objects.exclude(detector=BUDGET)
        .annotate(
            raised=Count("issues", filter=asked),
            open=Count("issues", filter=asked & still_open),
            confirmed=Count("issues", filter=by_person & solved),
            dismissed=Count("issues", filter=asked & dismissed),
            cleared=Count("issues", filter=asked & solved & Q(issues__closed_by__isnull=True)),
            waited=Median(F("issues__closed_at") - F("issues__opened_at"), filter=by_person),
            last_at=Max("issues__opened_at", filter=asked),
        )
        .order_by("-raised", "code")
    )
    names = ("raised", "open", "confirmed", "dismissed", "cleared", "waited", "last_at")
    return [HitRate(row, **{name: getattr(row, name) for name in names}) for row in rows]


def _stands(*states: IssueState) -> Q:
    return Q(issues__state__in=states) | Q(issues__merged_into__state__in=states)
