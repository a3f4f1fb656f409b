from __future__ import annotations

from typing import Any

from operations.selectors.concerns import concerns_of, issues_about
from operations.selectors.trace import trace_of
from operations.views.page import Page
from testing.selectors import burn_in_proof, results_of_unit

RESULTS_MAX = 100


class UnitPage(Page):
    """One unit: what it stands in, what it holds, where it came from, and how it tested."""

    template_name = "operations/unit_detail.html"
    right = "lots.view_unit"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        trace = trace_of(self.kwargs["serial"])
        unit = trace.unit
        parts = {
            "unit": unit,
            "title": f"{unit.get_kind_display()} {unit.serial}",
            "trace": trace,
            "concerns": concerns_of(trace),
        }
        if self.may("testing.view_unitresult"):
            parts["results"] = results_of_unit(unit)[:RESULTS_MAX]
            parts["burn_ins"] = burn_in_proof(unit)[:RESULTS_MAX]
        if self.may("quality.view_issue"):
            parts["issues"] = issues_about(trace)
        return super().get_context_data(**{**parts, **kwargs})
