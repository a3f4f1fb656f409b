from __future__ import annotations

from typing import Any

from operations.domain.fallout_drawing import draw_fallout
from operations.selectors.burnin import burn_in_run, burn_in_view
from operations.views.page import Page
from testing.selectors import burn_in_fallout


class BurnInPage(Page):
    """One load of an oven: log, window, sockets and hours."""

    template_name = "operations/burnin_detail.html"
    right = "testing.view_burninrun"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        run = burn_in_run(self.kwargs["run_id"])
        lost = burn_in_fallout([run.lot_step_id]).get(run.lot_step_id)
        parts = {
            "run": run,
            "fallout": lost and lost.judged,
            "fallout_drawing": lost and draw_fallout(lost.judged),
            "title": f"Burn-in of {run.lot_step.lot.code}",
            "load": burn_in_view(run),
        }
        return super().get_context_data(**{**parts, **kwargs})
