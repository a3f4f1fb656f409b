from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone

from lots.domain.commands import Command
from lots.domain.words import Source
from lots.models import Event
from lots.services import first_answer
from operations.forms.receiving import ReceiveForm
from operations.services.new_lots import receive_new, try_receiving
from operations.views.page import Page, asked_words, sent_key
from supplychain.base.errors import SupplychainError
from supplychain.base.requests import request_id


class ReceivePage(Page):
    """A lot that is new here: asked, shown, and received once the person agrees."""

    template_name = "operations/lot_act.html"
    title = "Receive a new lot"
    right = "lots.receive_lot"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        parts: dict[str, Any] = {
            "act": {"title": "Receive", "icon": "call_received"},
            "lots": [],
            "back": reverse("admin:lots_lot_changelist"),
        }
        if "form" not in kwargs:
            parts["form"] = ReceiveForm()
        return super().get_context_data(**{**parts, **kwargs})

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        form = ReceiveForm(request.POST)
        is_asked = form.is_valid() and request.POST.get("go") != "back"
        if not is_asked:
            return self.repeated() or self.render_to_response(self.get_context_data(form=form))
        answers, command = form.cleaned_data, self.command(form)
        try:
            if request.POST.get("go") == "do":
                return self.done(receive_new(answers=answers, command=command))
            tried = try_receiving(answers=answers, command=command)
        except SupplychainError as error:
            context = self.get_context_data(form=form, error=error)
            return self.render_to_response(context, status=error.status)
        return self.render_to_response(self.get_context_data(form=form, changes=tried))

    def repeated(self) -> HttpResponseBase | None:
        """The first answer, where the same form was sent before: the lot is there by now."""
        if self.request.POST.get("go") != "do":
            return None
        event = first_answer(sent_key(self.request), asked_words(self.request))
        return self.done(event) if event else None

    def done(self, event: Event) -> HttpResponseBase:
        messages.success(self.request, f"Received: {event.lot.code}.")
        return HttpResponseRedirect(reverse("operations:lot-detail", args=[event.lot.code]))

    def command(self, form: ReceiveForm) -> Command:
        return Command(
            op_key=form.cleaned_data["op_key"],
            occurred_at=timezone.now(),
            source=Source.PERSON,
            actor_id=self.person.pk,
            source_reference="page",
            request_id=request_id(),
            comment=form.cleaned_data["comment"],
            asked_sha256=asked_words(self.request),
        )
