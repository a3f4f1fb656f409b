from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse

from operations.domain.restated import FIGURES
from operations.forms.conflicts import DecideForm
from operations.selectors import conflicts, restatements
from operations.views.page import Page, page_number
from supplychain.base.errors import ForbiddenError, SupplychainError
from testing.domain.words import ConflictKind, ConflictVerdict, RestatementCause
from testing.services import decide_conflict

CODE_CHARACTERS_MAX = 64
DECIDE = "testing.decide_identityconflict"


class RestatementListPage(Page):
    """What changed which figures of lot steps, and by which file or person."""

    template_name = "operations/restatement_list.html"
    title = "Changed figures"
    right = "testing.view_restatement"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        words = self.request.GET
        asked = restatements.RestatementsAsked(
            lot=words.get("lot", "").strip()[:CODE_CHARACTERS_MAX],
            step=words.get("step", "").strip()[:CODE_CHARACTERS_MAX],
            cause=words.get("cause", "" if "lot" in words else restatements.CHANGED),
            page=page_number(words.get("page", "")),
        )
        parts = {
            "asked": asked,
            "found": restatements.restated_page(asked),
            "heads": FIGURES.values(),
            "causes": [restatements.CHANGED, *RestatementCause],
        }
        return super().get_context_data(**{**parts, **kwargs})


class ConflictListPage(Page):
    """The same die under two ids, one id at two places, or sessions that count their parts."""

    template_name = "operations/conflict_list.html"
    title = "Identity conflicts"
    right = "testing.view_identityconflict"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        words = self.request.GET
        asked = conflicts.ConflictsAsked(
            verdict=words.get("verdict", ConflictVerdict.OPEN),
            kind=words.get("kind", ""),
            lot=words.get("lot", "").strip()[:CODE_CHARACTERS_MAX],
            step=words.get("step", "").strip()[:CODE_CHARACTERS_MAX],
            page=page_number(words.get("page", "")),
        )
        parts = {
            "asked": asked,
            "found": conflicts.conflict_page(asked),
            "kinds": list(ConflictKind),
            "verdicts": list(ConflictVerdict),
        }
        return super().get_context_data(**{**parts, **kwargs})


class ConflictPage(Page):
    """One conflict, what it rests on, and the decision."""

    template_name = "operations/conflict_detail.html"
    right = "testing.view_identityconflict"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        view = conflicts.conflict_view(self.kwargs["conflict_id"])
        conflict = view.line.row
        parts = {
            "view": view,
            "conflict": conflict,
            "title": f"Identity conflict {conflict.pk}",
        }
        if self.may(DECIDE):
            parts["form"] = DecideForm(
                initial={"seen": conflict.verdict}, is_counted=conflict.is_counted
            )
        return super().get_context_data(**{**parts, **kwargs})

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not self.may(DECIDE):
            raise ForbiddenError("Your role may not decide identity conflicts.")
        form = DecideForm(request.POST)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form))
        said = form.cleaned_data
        try:
            decide_conflict(
                conflict_id=self.kwargs["conflict_id"],
                verdict=ConflictVerdict(said["verdict"]),
                reason=said["reason"],
                actor=self.person,
                seen=ConflictVerdict(said["seen"]),
            )
        except SupplychainError as error:
            context = self.get_context_data(error=error)
            return self.render_to_response(context, status=error.status)
        messages.success(request, "Decided; the figures of the lot step were restated with it.")
        return HttpResponseRedirect(
            reverse("operations:conflict-detail", args=[self.kwargs["conflict_id"]])
        )
