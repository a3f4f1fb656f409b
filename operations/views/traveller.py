from __future__ import annotations

from typing import Any

from django.utils import timezone

from operations.selectors.lots import lot_by_code
from operations.selectors.traveller import sheet_of
from operations.views.page import Page

PAPERS = {"a4": "A4", "letter": "Letter"}


class TravellerPage(Page):
    """The sheet that travels with a lot, to be printed."""

    template_name = "operations/traveller.html"
    right = "lots.view_lot"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        lot = lot_by_code(self.kwargs["code"])
        wanted = self.request.GET.get("paper", "")
        parts = {
            "lot": lot,
            "title": f"Traveller of lot {lot.code}",
            "sheet": sheet_of(lot, timezone.now()),
            "papers": PAPERS,
            "paper": wanted if wanted in PAPERS else "a4",
        }
        return super().get_context_data(**{**parts, **kwargs})
