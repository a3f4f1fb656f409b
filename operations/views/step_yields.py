"""What went into each step of a lot and what came out of it."""

from __future__ import annotations

from typing import Any

from operations.selectors.lots import lot_by_code
from operations.views.page import Page
from quality.domain.yields import rolled_ratio
from quality.selectors.step_flow import step_results


class LotStepYieldsPage(Page):
    """Step yield by the ledger, for every step the lot has left, tested or not."""

    template_name = "operations/lot_step_yields.html"
    right = "quality.view_yieldfigure"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        lot = lot_by_code(self.kwargs["code"])
        results = step_results(lot.pk)
        parts = {
            "lot": lot,
            "title": f"Step yield of {lot.code}",
            "results": results,
            "rolled": rolled_ratio(one.flow.first_time_ratio for one in results),
        }
        return super().get_context_data(**{**parts, **kwargs})
