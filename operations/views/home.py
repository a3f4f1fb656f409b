from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone

from operations.selectors import home
from operations.selectors.dispositions import SIGN, waiting_count
from operations.selectors.files import files_for_person
from operations.selectors.places import deployed_everywhere
from operations.views.page import Page


class HomePage(Page):
    """What needs attention now. Each part is there for those who may see its rows."""

    template_name = "operations/home.html"
    title = "Home"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        now = timezone.now()
        parts: dict[str, Any] = {}
        if self.may("quality.view_issue"):
            parts["issue_counts"] = home.issue_counts(now)
            parts["issues"] = home.newest_open_issues(now)
        if self.may(SIGN):
            parts["to_sign"] = waiting_count(self.person)
        if self.may("lots.view_lot"):
            parts |= self._lots(now)
        if self.may("racks.view_site"):
            parts["deployed"] = deployed_everywhere()
        if self.may("intake.view_rawfile"):
            parts["files"] = files_for_person()
        if self.may("quality.view_yieldfigure"):
            parts["trends"] = home.yield_trends(now)
        return super().get_context_data(**{**parts, **kwargs})

    def _lots(self, now: datetime) -> dict[str, Any]:
        holds = list(home.open_hold_rows()[: home.ROWS_MAX])
        late = home.late_lots(timezone.localdate(now))
        return {
            "holds": holds,
            "hold_count": home.open_hold_rows().count(),
            "late_lots": late[: home.ROWS_MAX],
            "late_count": late.count(),
            "wip": home.wip_bars(),
        }
