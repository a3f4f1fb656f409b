from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone

from lots.domain.chain import body_sha256
from lots.domain.commands import Command
from lots.domain.words import Source
from operations.domain.recall_drawing import draw_exposure
from operations.domain.recall_questions import Question, question_of, question_values
from operations.domain.words import CaseState, Origin
from operations.forms.recalls import (
    RECALL_FORMS,
    ConclusionForm,
    ItemsForm,
    RecallForm,
    SettleForm,
)
from operations.models import RecallCase
from operations.selectors import recall_cases as selectors
from operations.selectors.recall import exposure_of
from operations.selectors.recall_export import csv_rows
from operations.selectors.recall_origins import suspects_of
from operations.selectors.unnamed import unnamed_builds
from operations.services.recalls import (
    cancel_case,
    close_case,
    open_case,
    refresh_case,
    settle_items,
)
from operations.views.page import Page, page_number, picked_ids, sent_key
from operations.views.sheets import sheet_stream
from supplychain.base.errors import ForbiddenError, MalformedError, MissingError, SupplychainError
from supplychain.base.requests import request_id

CASES_A_PAGE = 50
TRACK = "operations.track_recallcase"
ADD = "operations.add_recallcase"


class RecallListPage(Page):
    """Every case, newest first."""

    template_name = "operations/recall_list.html"
    title = "Recalls"
    right = "operations.view_recallcase"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        page = page_number(self.request.GET.get("page", ""))
        start = (page - 1) * CASES_A_PAGE
        rows = list(selectors.listed_cases()[start : start + CASES_A_PAGE + 1])
        parts = {
            "cases": rows[:CASES_A_PAGE],
            "page": page,
            "has_next": len(rows) > CASES_A_PAGE,
            "may_open": self.may(ADD),
        }
        return super().get_context_data(**{**parts, **kwargs})


class NewRecallPage(Page):
    """Asks from what to start, shows what that reaches, and opens a case on it."""

    template_name = "operations/recall_new.html"
    title = "New recall"
    right = "operations.view_recallcase"

    def form_class(self) -> type[RecallForm]:
        word = self.request.GET.get("origin", Origin.LOT)
        if word not in set(Origin):
            raise MissingError(f"A recall cannot start from {word}.")
        return RECALL_FORMS[Origin(word)]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = self.form_class()
        parts: dict[str, Any] = {
            "origins": list(Origin),
            "origin": form.origin,
            "may_open": self.may(ADD),
            "op_key": uuid.uuid4().hex,
        }
        if "form" not in kwargs:
            parts["form"] = form(initial=self.request.GET.dict())
        return super().get_context_data(**{**parts, **kwargs})

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        is_opening = request.POST.get("go") == "open" and bool(sent_key(request))
        form = self.form_class()(request.POST, is_opening=is_opening)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form))
        question: Question = form.cleaned_data["question"]
        try:
            if is_opening:
                return self.open(question, form)
            suspects = suspects_of(question)
            exposure = exposure_of(suspects)
        except SupplychainError as error:
            context = self.get_context_data(form=form, error=error)
            return self.render_to_response(context, status=error.status)
        unnamed = unnamed_builds(suspects.lot_ids)
        context = self.get_context_data(
            form=form, exposure=exposure, question=question, unnamed=unnamed
        )
        return self.render_to_response(context)

    def open(self, question: Question, form: RecallForm) -> HttpResponseBase:
        if not self.may(ADD):
            raise ForbiddenError("Your role may not open recalls. Ask an administrator for it.")
        answers = form.cleaned_data
        case = open_case(
            question=question,
            title=answers["title"],
            reason=answers["reason"],
            actor=self.person,
            command=self.command(question, form),
        )
        messages.success(self.request, f"{case} is open.")
        return HttpResponseRedirect(reverse("operations:recall-detail", args=[case.number]))

    def command(self, question: Question, form: RecallForm) -> Command:
        """Of the form's own key: a second click on its button opens nothing more."""
        told = {name: form.cleaned_data[name] for name in ("title", "reason")}
        asked = {"by": self.person.pk, "question": question_values(question), **told}
        return Command(
            op_key=f"page:{self.person.pk}:{sent_key(self.request)}",
            occurred_at=timezone.now(),
            source=Source.PERSON,
            actor_id=self.person.pk,
            request_id=request_id(),
            asked_sha256=body_sha256(asked),
        )


class CasePage(Page):
    """What pages of one case share."""

    right = "operations.view_recallcase"

    def case(self) -> RecallCase:
        return selectors.case_by_number(self.kwargs["number"])


class RecallPage(CasePage):
    """One case: how much is exposed where, and each thing on its list."""

    template_name = "operations/recall_detail.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        case = self.case()
        wanted, page = items_asked(self.request), page_number(self.request.GET.get("page", ""))
        is_open = case.state == CaseState.OPEN
        parts = {
            "case": case,
            "title": f"Recall {case}",
            "question": question_of(case.query),
            "bars": draw_exposure(selectors.standings(case)),
            "racks": selectors.racks_of(case),
            "elsewhere": selectors.elsewhere_of(case),
            "systems": selectors.systems_of(case),
            "joined_count": selectors.joined_since(case),
            "items": selectors.item_page(case, wanted, page),
            "page": page,
            "filter": ItemsForm(self.request.GET or None),
            "may_track": is_open and self.may(TRACK),
            "settle": SettleForm(),
            "conclude": ConclusionForm(),
        }
        return super().get_context_data(**{**parts, **kwargs})


ASKED_BY_ACT: dict[str, tuple[str, type[Form]]] = {
    "settle": ("settle", SettleForm),
    "close": ("conclude", ConclusionForm),
    "cancel": ("conclude", ConclusionForm),
}
"""Under which name the case's page shows what an act asks."""


class RecallActPage(RecallPage):
    """Carries out one act on a case and goes back to it; a refusal keeps what was typed."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return HttpResponseRedirect(self.address())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        acts = {
            "refresh": self.refresh,
            "settle": self.settle,
            "close": self.close,
            "cancel": self.cancel,
        }
        act = acts.get(self.kwargs["act"])
        if act is None:
            raise MissingError("Nobody can do this to a recall.")
        if not self.may(TRACK):
            raise ForbiddenError("Your role may not track recalls. Ask an administrator for it.")
        try:
            messages.success(request, act(self.case()))
        except SupplychainError as error:
            return self.again(error)
        return HttpResponseRedirect(self.address())

    def again(self, error: SupplychainError) -> HttpResponseBase:
        """The case with the refusal; an answer that is missing is told beside its field alone."""
        picked = picked_ids(self.request.POST.getlist("pick"))
        parts: dict[str, Any] = {"picked": picked, "error": error}
        if self.kwargs["act"] in ASKED_BY_ACT:
            name, form_class = ASKED_BY_ACT[self.kwargs["act"]]
            parts[name] = form = form_class(self.request.POST)
            if isinstance(error, MalformedError) and not form.is_valid():
                parts["error"] = None
        return self.render_to_response(self.get_context_data(**parts), status=error.status)

    def address(self) -> str:
        here = reverse("operations:recall-detail", args=[self.kwargs["number"]])
        query = self.request.GET.urlencode()
        return f"{here}?{query}" if query else here

    def refresh(self, case: RecallCase) -> str:
        found = refresh_case(case=case)
        return (
            f"{found.joined:,} joined, {found.settled:,} settled by themselves, "
            f"{found.reopened:,} exposed again, {found.moved:,} are elsewhere now."
        )

    def settle(self, case: RecallCase) -> str:
        posted = self.request.POST
        picked = picked_ids(posted.getlist("pick"))
        is_all = posted.get("scope") == "all"
        wanted = items_asked(self.request) if is_all else selectors.ItemsWanted(ids=picked)
        reason = posted.get("reason", "")
        count = settle_items(case=case, wanted=wanted, reason=reason, actor=self.person)
        return f"{count:,} settled."

    def close(self, case: RecallCase) -> str:
        conclusion = self.request.POST.get("conclusion", "")
        return f"{close_case(case=case, conclusion=conclusion, actor=self.person)} is closed."

    def cancel(self, case: RecallCase) -> str:
        reason = self.request.POST.get("conclusion", "")
        return f"{cancel_case(case=case, reason=reason, actor=self.person)} is cancelled."


class RecallCsv(CasePage):
    """The whole list as a file."""

    def get(  # type: ignore[override]  # a file has no template
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> StreamingHttpResponse:
        case = self.case()
        return sheet_stream(csv_rows(case), str(case))


def items_asked(request: HttpRequest) -> selectors.ItemsWanted:
    """What the filter in the address asks; exposed items where it says nothing of a state."""
    form = ItemsForm(request.GET)
    asked = form.cleaned_data if form.is_valid() else {}
    state = asked.get("state") or "open"
    return selectors.ItemsWanted(
        place=asked.get("place", ""),
        rack=asked.get("rack", ""),
        is_settled=None if state == "all" else state == "settled",
        q=asked.get("q", ""),
    )
