from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse

from lots.models import Lot
from operations.forms.lots import LotActForm
from operations.selectors.lots import lot_by_code
from operations.selectors.trace import unit_by_serial
from operations.services.acting.frame import LotAct
from operations.services.acting.plans import SWAP
from operations.services.lot_acts import do_act
from operations.views.lot_acts import LotActPage
from supplychain.base.errors import ForbiddenError, MissingError


class SwapPage(LotActPage):
    """One part of a unit goes out, another goes in; asked and shown like the acts on lots."""

    right = "lots.view_unit"

    def act(self) -> LotAct:
        if not self.may(SWAP.right):
            raise ForbiddenError("Your role may not swap parts. Ask an administrator for it.")
        return SWAP

    def lots(self) -> list[Lot]:
        unit = unit_by_serial(self.kwargs["serial"])
        if unit.lot is None:
            raise MissingError(
                f"{unit.serial} belongs to no lot, so no part of it is ours to swap."
            )
        return [lot_by_code(unit.lot.code)]

    def asked(self) -> dict[str, str]:
        return {**super().asked(), "parent": self.kwargs["serial"]}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        serial = self.kwargs["serial"]
        parts = {"title": f"Swap a part of {serial}"}
        return super().get_context_data(**{**parts, **kwargs})

    def back(self) -> str:
        return reverse("operations:unit-detail", args=[self.kwargs["serial"]])

    def do(self, act: LotAct, lots: list[Lot], form: LotActForm) -> HttpResponseBase:
        do_act(act=act, lots=lots, answers=form.cleaned_data, command=self.command(form))
        serial, position = form.cleaned_data["new_serial"], form.cleaned_data["position"]
        messages.success(self.request, f"{serial} is at {position} now.")
        return HttpResponseRedirect(self.back())
