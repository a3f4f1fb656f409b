from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse

from lots.domain.moments import Moment
from lots.selectors import head_seq
from lots.selectors.as_of import LotsWanted
from operations.forms.as_of import LotsThenForm, MomentForm
from operations.selectors.as_of import LotsThen, lot_then, lots_then
from operations.selectors.lots import lot_by_code
from operations.views.page import ID_DIGITS_MAX, Page
from supplychain.base.errors import SupplychainError


class LotsThenPage(Page):
    """Lots and balances as known at an event, or as things happened by a time."""

    template_name = "operations/lots_then.html"
    title = "Lots as they stood"
    right = "lots.view_lot"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = LotsThenForm(request.GET or None)

        def then(moment: Moment) -> LotsThen:
            asked = form.cleaned_data
            wanted = LotsWanted(
                q=asked["q"] or None, step=asked["step"] or None, product=asked["product"] or None
            )
            word = request.GET.get("before", "")
            is_number = word.isascii() and word.isdigit() and len(word) <= ID_DIGITS_MAX
            return lots_then(moment, wanted, int(word) if is_number else None)

        parts, status = as_it_stood(form, then)
        return self.render_to_response(self.get_context_data(**parts), status=status)


class LotThenPage(Page):
    """One lot as it stood."""

    template_name = "operations/lot_then.html"
    right = "lots.view_lot"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        lot = lot_by_code(self.kwargs["code"])
        parts, status = as_it_stood(
            MomentForm(request.GET or None), lambda moment: lot_then(lot, moment)
        )
        parts |= {"lot": lot, "title": f"Lot {lot.code} as it stood"}
        return self.render_to_response(self.get_context_data(**parts), status=status)


def as_it_stood(form: MomentForm, then: Callable[[Moment], object]) -> tuple[dict[str, Any], int]:
    """What a page of the past shows, and its status: a moment that cannot be is told in its place,

    with the way to the ledger's head.
    """
    parts: dict[str, Any] = {"form": form, "head_seq": head_seq()}
    moment = form.cleaned_data.get("moment") if form.is_valid() else None
    if moment is None:
        return parts, 200
    try:
        return {**parts, "moment": moment, "then": then(moment)}, 200
    except SupplychainError as error:
        return {**parts, "error": error}, error.status
