"""How far people agreed with each detector, so that thresholds are argued from facts."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from operations.views.page import Page
from quality.selectors.budget import budget_ratio, budget_rule, spent_weeks
from quality.selectors.hit_rates import hit_rates

SPANS = {"90": "Last 90 days", "365": "Last year", "all": "Ever"}


class DetectorsPage(Page):
    """Every rule: issues it raised, and how many of those decided on were confirmed."""

    template_name = "operations/detector_list.html"
    title = "Detectors"
    right = "quality.view_rule"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        wanted = self.request.GET.get("span", "")
        span = wanted if wanted in SPANS else "365"
        rates = hit_rates(_since(span, timezone.now()))
        parts = {
            "span": span,
            "spans": SPANS,
            "rates": rates,
            "has_issues": any(rate.raised for rate in rates),
            "may_change": self.may("quality.change_rule"),
            "may_look": self.may("quality.view_issue"),
        }
        return super().get_context_data(**{**parts, **kwargs})


class BudgetPage(Page):
    """How much of the false-discovery budget each week has spent, over all series."""

    template_name = "operations/detector_budget.html"
    title = "False-discovery budget"
    right = "quality.view_rule"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rule = budget_rule()
        budget = budget_ratio(rule)
        parts = {
            "rule": rule,
            "budget": budget,
            "weeks": spent_weeks(budget),
            "may_change": rule is not None and self.may("quality.change_rule"),
        }
        return super().get_context_data(**{**parts, **kwargs})


def _since(span: str, now: datetime) -> datetime | None:
    return None if span == "all" else now - timedelta(days=int(span))
