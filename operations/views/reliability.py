from __future__ import annotations

from typing import Any

from operations.forms.reliability import USUAL, ReliabilityForm
from operations.selectors.reliability import pictures
from operations.views.page import Page
from quality.selectors.lives import burnt_in_products, reliability, requirement_of
from supplychain.base.errors import SupplychainError


class ReliabilityPage(Page):
    """What burn-in says about life in use: rates, fitted life, duration, and lots against PDA."""

    template_name = "operations/reliability.html"
    title = "Reliability"
    right = "testing.view_burninrun"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        first = burnt_in_products().first()
        if first is None:
            return super().get_context_data(**{"is_empty": True, **kwargs})
        usual = {**USUAL, "product": first.code}
        if requirement := requirement_of(first, ""):
            usual |= {
                "stress_celsius": _middle(
                    requirement.temperature_celsius_min, requirement.temperature_celsius_max
                )
            }
        form = ReliabilityForm({**usual, **self.request.GET.dict()})
        parts: dict[str, Any] = {"form": form}
        if form.is_valid():
            try:
                said = form.cleaned_data
                found = reliability(said["product"], said["step"].strip(), form.assumed())
                parts |= {"found": found, "pictures": pictures(found), "product": said["product"]}
            except SupplychainError as error:
                parts["error"] = error
        return super().get_context_data(**{**parts, **kwargs})


def _middle(low: float, high: float) -> float:
    return (low + high) / 2
