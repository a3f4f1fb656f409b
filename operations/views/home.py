from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone

from operations.selectors import home
from operations.selectors.files import files_for_person
from operations.selectors.morning import DAYS, morning, waiting_for_me
from operations.selectors.places import deployed_everywhere
from operations.views.page import Page

SIGN_NAME = "to_sign"


class HomePage(Page):
    """What is new, got worse and waits for the person. Each part is for those who may see it."""

    template_name = "operations/home.html"
    title = "Home"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        now = timezone.now()
        parts: dict[str, Any] = {}
        waiting = waiting_for_me(self.person, now)
        parts["waiting"] = [one for one in waiting.values() if one.count]
        parts["may_wait"] = bool(waiting)
        if self.may("quality.view_issue"):
            parts |= self._issues(now)
        if SIGN_NAME in waiting:
            parts["to_sign"] = waiting[SIGN_NAME].count
        if self.may("lots.view_lot"):
            parts |= self._lots(now)
        if self.may("racks.view_site"):
            parts["deployed"] = deployed_everywhere()
        if self.may("intake.view_rawfile"):
            parts["files"] = files_for_person()
        if self.may("quality.view_yieldfigure"):
            parts["trends"] = home.yield_trends(now)
        return super().get_context_data(**{**parts, **kwargs})

    def _issues(self, now: datetime) -> dict[str, Any]:
        asked = self.request.GET.get("days", "")
        days = asked if asked in DAYS else "1"
        return {
            "issue_counts": home.issue_counts(now),
            "morning": morning(now, int(days)),
            "days": days,
            "spans": DAYS.items(),
        }

    def _lots(self, now: datetime) -> dict[str, Any]:
        held, late = home.open_hold_rows(), home.late_lots(timezone.localdate(now))
        holds, late_lots = list(held[: home.ROWS_MAX]), list(late[: home.ROWS_MAX])
        return {
            "holds": holds,
            "hold_count": home.count_of(held, holds),
            "late_lots": late_lots,
            "late_count": home.count_of(late, late_lots),
            "wip": home.wip_bars(),
        }
