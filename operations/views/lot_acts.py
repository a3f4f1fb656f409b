from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone

from lots.domain.commands import Command
from lots.domain.words import Source, Verb
from lots.models import Lot
from operations.forms.lots import FORMS, LotActForm
from operations.selectors.holds import hold_words_of
from operations.selectors.lots import lot_by_code
from operations.selectors.recall import exposure_of_hold
from operations.selectors.warnings import warnings_of
from operations.services.acting.frame import LotAct
from operations.services.lot_acts import LOT_ACTS, do_act, try_act, was_done
from operations.views.dispositions import issue_address
from operations.views.page import Page, asked_words, sent_key
from quality.selectors.dispositions import issue_by_reason
from supplychain.base.errors import ConflictError, ForbiddenError, MissingError, SupplychainError
from supplychain.base.requests import request_id


class LotActPage(Page):
    """Asks, shows what would change, and does it once the person agrees."""

    template_name = "operations/lot_act.html"
    right = "lots.view_lot"

    def act(self) -> LotAct:
        word = self.kwargs["verb"]
        act = LOT_ACTS.get(word)
        if act is None:
            raise MissingError(f"Nobody can {word} a lot on a page.")
        if not self.may(act.right):
            raise ForbiddenError(f"Your role may not {act.verb} lots. Ask an administrator for it.")
        return act

    def lots(self) -> list[Lot]:
        return [lot_by_code(self.kwargs["code"])]

    def asked(self) -> dict[str, str]:
        """First answers, from the address."""
        return {name: str(value) for name, value in self.request.GET.items()}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        act, lots = self.act(), self.lots()
        parts = {"act": act, "lots": lots, "title": f"{act.title} {lots[0].code}"}
        parts["back"] = self.back()
        parts["held"] = hold_words_of([lot.pk for lot in lots])
        if "form" not in kwargs:
            parts["form"] = FORMS[act.verb](lots=lots, actor=self.person, asked=self.asked())
        return super().get_context_data(**{**parts, **kwargs})

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        act, lots = self.act(), self.lots()
        form = FORMS[act.verb](request.POST, lots=lots, actor=self.person)
        if not form.is_valid() or request.POST.get("go") == "back":
            return self.repeated(act, lots) or self.render_to_response(
                self.get_context_data(form=form)
            )
        try:
            if request.POST.get("go") == "do":
                return self.do(act, lots, form)
            tried = try_act(
                act=act, lots=lots, answers=form.cleaned_data, command=self.command(form)
            )
        except SupplychainError as error:
            context = self.get_context_data(form=form, error=error)
            return self.repeated(act, lots) or self.render_to_response(context, status=error.status)
        to_step = form.cleaned_data.get("to_step")
        code = to_step.code if to_step else ""
        told: dict[str, Any] = {"warned": warnings_of(act.verb, lots, code)}
        if act.verb == Verb.HOLD:
            told["exposure"] = exposure_of_hold(lots, form.cleaned_data)
        return self.render_to_response(self.get_context_data(form=form, changes=tried, **told))

    def do(self, act: LotAct, lots: list[Lot], form: LotActForm) -> HttpResponseBase:
        do_act(act=act, lots=lots, answers=form.cleaned_data, command=self.command(form))
        return self.done(act, lots)

    def repeated(self, act: LotAct, lots: list[Lot]) -> HttpResponseBase | None:
        """The first answer, where the same was sent before; what it asked may be gone by now."""
        if self.request.POST.get("go") != "do":
            return None
        try:
            is_repeated = was_done(
                lots=lots,
                op_key=sent_key(self.request),
                asked_sha256=asked_words(self.request),
            )
        except ConflictError:
            return None
        return self.done(act, lots) if is_repeated else None

    def done(self, act: LotAct, lots: list[Lot]) -> HttpResponseBase:
        codes = ", ".join(lot.code for lot in lots)
        messages.success(self.request, f"{act.done}: {codes}.")
        return HttpResponseRedirect(self.back())

    def back(self) -> str:
        """Where one goes from here: to the issue that a hold is for, else to the lot."""
        asked = self.request.GET.get("hold_reason", "")
        issue = issue_by_reason(self.request.POST.get("hold_reason", asked))
        if issue is not None and self.may("quality.view_issue"):
            return issue_address(issue.number)
        return reverse("operations:lot-detail", args=[self.kwargs["code"]])

    def command(self, form: LotActForm) -> Command:
        answers = form.cleaned_data
        return Command(
            op_key=answers["op_key"],
            occurred_at=answers.get("happened_at") or timezone.now(),
            source=Source.PERSON,
            actor_id=self.person.pk,
            source_reference="page",
            request_id=request_id(),
            reason=answers.get("reason", ""),
            comment=answers["comment"],
            expected_version=answers.get("expected_version"),
            asked_sha256=asked_words(self.request),
        )
