from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone

from lots.domain.commands import Command
from lots.domain.words import HoldClass, Source
from lots.models import Hold
from operations.forms.holds import HOLDS_FORMS
from operations.selectors.boards import BoardFilter, hold_board, holds_by_id
from operations.selectors.holds import stopped
from operations.selectors.queues import queue_board
from operations.services.hold_acts import (
    HOLDS_ACTS,
    HoldsAct,
    act_on_holds,
    try_on_holds,
    were_done,
)
from operations.views.page import Page, asked_words, picked_ids, sent_key
from supplychain.base.errors import ForbiddenError, MissingError, SupplychainError
from supplychain.base.requests import request_id

TEXT_MAX = 64


class HoldBoardPage(Page):
    """Every open hold, oldest first, beside what is usual for its product and step."""

    template_name = "operations/hold_board.html"
    title = "Lots on hold"
    right = "lots.view_hold"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        asked = self.request.GET
        after = asked.get("after", "")
        wanted = BoardFilter(
            hold_class=asked.get("hold_class", "")
            if asked.get("hold_class") in set(HoldClass)
            else "",
            owner=asked.get("owner", "") if asked.get("owner") in {"me", "nobody"} else "",
            product=asked.get("product", "")[:TEXT_MAX],
            due=_one_of(asked.get("due", ""), {"past"}),
            text=asked.get("q", "").strip()[:TEXT_MAX],
            after=int(after) if after.isascii() and after.isdigit() and len(after) < 18 else 0,
        )
        parts = {
            "wanted": wanted,
            "board": hold_board(wanted, self.person, timezone.now()),
            "classes": list(HoldClass),
            "acts": [act for act in HOLDS_ACTS.values() if self.may(act.right)],
        }
        return super().get_context_data(**{**parts, **kwargs})


class QueueBoardPage(Page):
    """Every lot that must begin work in time, by when."""

    template_name = "operations/queue_board.html"
    title = "Queue times"
    right = "lots.view_lot"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        parts = {"board": queue_board(timezone.now()), "is_board": True}
        return super().get_context_data(**{**parts, **kwargs})


def _one_of(word: str, known: Collection[str]) -> str:
    """The word, if it is a known one."""
    return word if word in known else ""


class HoldsActPage(Page):
    """Asks what an act on picked holds needs, tries it, and does it once the person agrees."""

    template_name = "operations/holds_act.html"
    right = "lots.view_hold"

    def act(self) -> HoldsAct:
        act = HOLDS_ACTS.get(self.kwargs["act"])
        if act is None:
            raise MissingError("There is no such act on holds.")
        if not self.may(act.right):
            raise ForbiddenError(f"Your role may not do this: {act.title.lower()}.")
        return act

    def picked(self) -> list[Hold]:
        words = self.request.POST.getlist("pick") or self.request.GET.getlist("pick")
        ids = picked_ids(words)
        holds = holds_by_id(ids)
        if not holds:
            raise MissingError("No open hold was picked. Tick the holds on the board first.")
        return holds

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        act, holds = self.act(), self.picked()
        name = "1 hold" if len(holds) == 1 else f"{len(holds)} holds"
        parts: dict[str, Any] = {"holds": holds, "title": f"{act.title}: {name}"}
        parts["stopped"] = {hold.pk: stopped(hold) for hold in holds}
        if "form" not in kwargs:
            parts["form"] = HOLDS_FORMS[act.name]()
        return super().get_context_data(**{**parts, **kwargs, "act": act})  # not its address word

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        act = self.act()
        if codes := self.repeated():
            return self.done(act, codes)
        holds = self.picked()
        form = HOLDS_FORMS[act.name](request.POST)
        if not form.is_valid() or request.POST.get("go") == "back":
            return self.render_to_response(self.get_context_data(form=form))
        do = act_on_holds if request.POST.get("go") == "do" else try_on_holds
        answers = form.cleaned_data
        try:
            do(act=act, holds=holds, answers=answers, command=self.command(answers["op_key"]))
        except SupplychainError as error:
            context = self.get_context_data(form=form, error=error)
            return self.render_to_response(context, status=error.status)
        if do is try_on_holds:
            return self.render_to_response(self.get_context_data(form=form, is_tried=True))
        return self.done(act, [hold.lot.code for hold in holds])

    def repeated(self) -> list[str]:
        """Lots whose holds were released by the same form before, so that they are open no more."""
        if self.request.POST.get("go") != "do":
            return []
        events = were_done(
            hold_ids=picked_ids(self.request.POST.getlist("pick")),
            op_key=sent_key(self.request),
            asked_sha256=asked_words(self.request),
        )
        return [event.lot.code for event in events]

    def done(self, act: HoldsAct, codes: Sequence[str]) -> HttpResponseBase:
        messages.success(self.request, f"{act.done}: {', '.join(dict.fromkeys(codes))}.")
        return HttpResponseRedirect(reverse("operations:hold-board"))

    def command(self, op_key: str) -> Command:
        return Command(
            op_key=op_key,
            occurred_at=timezone.now(),
            source=Source.PERSON,
            actor_id=self.person.pk,
            source_reference="page",
            request_id=request_id(),
            asked_sha256=asked_words(self.request),
        )
