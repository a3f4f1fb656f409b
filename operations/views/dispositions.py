from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone

from lots.domain.commands import Command
from lots.domain.words import Source
from lots.models import Lot
from operations.forms.dispositions import PROPOSAL_FORMS, STEP_FORMS, KeyForm, ProposalForm
from operations.selectors import dispositions as selectors
from operations.selectors.issues import issue_by_number
from operations.selectors.lots import lot_by_code
from operations.services.disposition_acts import (
    DISPOSITION_ACTS,
    OFFERS,
    DispositionAct,
    Offer,
    Trial,
    try_carrying_out,
    try_proposal,
)
from operations.views.page import Page, asked_words
from quality.models import Disposition, Issue
from quality.selectors.dispositions import disposition_by_number
from quality.services import propose_disposition
from supplychain.base.errors import ForbiddenError, MissingError, SupplychainError
from supplychain.base.requests import request_id


def command_of(page: Page, key: str) -> Command:
    """Who asks at the page, now, under the key of its form."""
    return Command(
        op_key=key,
        occurred_at=timezone.now(),
        source=Source.PERSON,
        actor_id=page.person.pk,
        source_reference="page",
        request_id=request_id(),
        asked_sha256=asked_words(page.request),
    )


def issue_address(number: str) -> str:
    """The panel on the issue's page."""
    return f"{reverse('operations:issue-detail', args=[number])}#dispositions"


class SignaturesPage(Page):
    """What waits for the person's signature, and what else is not carried out."""

    template_name = "operations/disposition_list.html"
    title = "Waiting for my signature"
    right = "quality.view_disposition"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        waiting = selectors.cards_waiting_for(self.person) if self.may(selectors.SIGN) else []
        others = selectors.other_open_cards(self.person, waiting)
        return super().get_context_data(**{"waiting": waiting, "others": others, **kwargs})


class ProposePage(Page):
    """Asks what a kind needs, shows what it would change and who signs, and proposes it."""

    template_name = "operations/disposition_new.html"
    right = selectors.PROPOSE

    def offer(self) -> Offer:
        offer = OFFERS.get(self.kwargs["kind"])
        if offer is None:
            raise MissingError("There is no such disposition.")
        return offer

    def issue(self) -> Issue:
        return issue_by_number(self.kwargs["number"])

    def lot(self) -> Lot:
        code = self.request.POST.get("lot") or self.request.GET.get("lot", "")
        if not code:
            raise MissingError("Name the lot. Choose the disposition on the issue's page.")
        return lot_by_code(code)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        offer, issue, lot = self.offer(), self.issue(), self.lot()
        parts = {"offer": offer, "issue": issue, "lot": lot}
        parts["title"] = f"{offer.title}: {lot.code}"
        parts["back"] = issue_address(issue.number)
        if "form" not in kwargs:
            parts["form"] = PROPOSAL_FORMS[offer.kind](kind=offer.kind, lot=lot)
        return super().get_context_data(**{**parts, **kwargs})

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        offer = self.offer()
        form = PROPOSAL_FORMS[offer.kind](request.POST, kind=offer.kind, lot=self.lot())
        if not form.is_valid() or request.POST.get("go") == "back":
            return self.render_to_response(self.get_context_data(form=form))
        try:
            if request.POST.get("go") == "do":
                return self.propose(form)
            command = command_of(self, form.cleaned_data["op_key"])
            trial = try_proposal(issue=self.issue(), order=form.wish(), command=command)
        except SupplychainError as error:
            context = self.get_context_data(form=form, error=error)
            return self.render_to_response(context, status=error.status)
        return self.render_to_response(self.get_context_data(form=form, trial=trial))

    def propose(self, form: ProposalForm) -> HttpResponseBase:
        issue = self.issue()
        command = command_of(self, form.cleaned_data["op_key"])
        row = propose_disposition(issue=issue, order=form.wish(), command=command)
        messages.success(self.request, f"Proposed: {row.number}. It waits for signatures.")
        return HttpResponseRedirect(issue_address(issue.number))


class DispositionActPage(Page):
    """Shows what was proposed and what it would change, and takes the person's step."""

    template_name = "operations/disposition_act.html"
    right = "quality.view_disposition"

    def act(self) -> DispositionAct:
        act = DISPOSITION_ACTS.get(self.kwargs["act"])
        if act is None:
            raise MissingError("There is no such act on dispositions.")
        if not self.may(act.right):
            raise ForbiddenError(f"Your role may not do this: {act.title.lower()}.")
        return act

    def disposition(self) -> Disposition:
        return disposition_by_number(self.kwargs["number"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        act, card = self.act(), selectors.card_by_number(self.kwargs["number"], self.person)
        row = card.row
        parts: dict[str, Any] = {
            "step": act,
            "card": card,
            "title": f"{act.title} {row.number}",
            "back": issue_address(row.issue.number),
            "form": STEP_FORMS[act.form](),
        }
        if act.is_tried and card.is_open and "error" not in kwargs:
            parts |= self.tried(row, parts["form"])
        return super().get_context_data(**{**parts, **kwargs})

    def tried(self, row: Disposition, form: KeyForm) -> dict[str, Trial | SupplychainError]:
        command = command_of(self, form.get_initial_for_field(form.fields["op_key"], "op_key"))
        try:
            return {"trial": try_carrying_out(disposition=row, command=command)}
        except SupplychainError as error:
            return {"obstacle": error}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        act, row = self.act(), self.disposition()
        form = STEP_FORMS[act.form](request.POST)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form))
        command = command_of(self, form.cleaned_data["op_key"])
        try:
            act.run(row, command, form.cleaned_data.get("words", ""))
        except SupplychainError as error:
            context = self.get_context_data(form=form, error=error)
            return self.render_to_response(context, status=error.status)
        messages.success(request, f"{act.done}: {row.number}.")
        return HttpResponseRedirect(issue_address(row.issue.number))
