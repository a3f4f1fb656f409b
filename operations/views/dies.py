from __future__ import annotations

from typing import Any

from operations.forms.dies import USUAL, DiesForm, sized_products
from operations.selectors.dies import dies_of
from operations.views.page import Page

PRODUCT_CHARACTERS_MAX = 64


class DiesPage(Page):
    """How many dies a wafer holds, placed one by one, and the defect density behind the yields."""

    template_name = "operations/dies.html"
    title = "Dies and defects"
    right = "quality.view_yieldfigure"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        said = self.request.GET.dict()
        wanted = said.get("product", "")[:PRODUCT_CHARACTERS_MAX]
        products = list(sized_products())
        if not products:
            return super().get_context_data(**{"is_empty": True, **kwargs})
        one = next((known for known in products if known.code == wanted), products[0])
        size = {"width_mm": one.die_width_mm, "height_mm": one.die_height_mm}
        form = DiesForm({**USUAL, **size, "product": one.code, **said})
        parts: dict[str, Any] = {"form": form, "product": one}
        if form.is_valid():
            answers = form.cleaned_data
            parts["dies"] = dies_of(
                answers["product"], form.placing(), answers["clustering"], answers["layers"]
            )
        return super().get_context_data(**{**parts, **kwargs})
