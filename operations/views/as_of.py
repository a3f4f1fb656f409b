from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse

from lots.selectors import head_seq
from lots.selectors.as_of import LotsWanted
from operations.forms.as_of import LotsThenForm, MomentForm
from operations.selectors.as_of import lot_then, lots_then
from operations.selectors.lots import lot_by_code
from operations.views.page import ID_DIGITS_MAX, Page


class LotsThenPage(Page):
    """Lots and balances as known at an event, or as things happened by a time."""

    template_name = "operations/lots_then.html"
    title = "Lots as they stood"
    right = "lots.view_lot"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = LotsThenForm(self.request.GET or None)
        parts: dict[str, Any] = {"form": form, "head_seq": head_seq()}
        moment = form.cleaned_data.get("moment") if form.is_valid() else None
        if moment is not None:
            asked = form.cleaned_data
            wanted = LotsWanted(
                q=asked["q"] or None, step=asked["step"] or None, product=asked["product"] or None
            )
            word = self.request.GET.get("before", "")
            is_number = word.isascii() and word.isdigit() and len(word) <= ID_DIGITS_MAX
            before = int(word) if is_number else None
            parts |= {"moment": moment, "then": lots_then(moment, wanted, before)}
        return super().get_context_data(**{**parts, **kwargs})


class LotThenPage(Page):
    """One lot as it stood."""

    template_name = "operations/lot_then.html"
    right = "lots.view_lot"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        lot = lot_by_code(self.kwargs["code"])
        form = MomentForm(request.GET or None)
        moment = form.cleaned_data.get("moment") if form.is_valid() else None
        parts: dict[str, Any] = {"lot": lot, "form": form, "head_seq": head_seq()}
        parts["title"] = f"Lot {lot.code} as it stood"
        if moment is not None:
            parts |= {"moment": moment, "then": lot_then(lot, moment)}
        return self.render_to_response(self.get_context_data(**parts))
