from __future__ import annotations

from typing import Any

from operations.selectors.ovens import (
    board_maps,
    burn_in_equipment,
    fault_report,
    ovens,
    runs_of_equipment,
)
from operations.views.page import Page


class OvenListPage(Page):
    """Ovens, and the sockets, boards and units that fail more than chance allows."""

    template_name = "operations/oven_list.html"
    title = "Burn-in ovens"
    right = "testing.view_burninrun"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**{"ovens": ovens(), "report": fault_report(), **kwargs})


class OvenPage(Page):
    """One oven or burn-in board: its loads, sockets and fails."""

    template_name = "operations/oven_detail.html"
    right = "testing.view_burninrun"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        equipment = burn_in_equipment(self.kwargs["equipment_id"])
        parts = {
            "equipment": equipment,
            "title": f"{'Oven' if equipment.kind == 'oven' else 'Board'} {equipment.code}",
            "runs": runs_of_equipment(equipment),
            "boards": board_maps(equipment),
            "report": fault_report(equipment),
        }
        return super().get_context_data(**{**parts, **kwargs})
