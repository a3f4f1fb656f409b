from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse

from operations.forms.programs import ReleaseForm
from operations.selectors.programs import (
    WAITING,
    RevisionsAsked,
    comparison,
    earlier_revision,
    issue_of,
    program_revision,
    revision_page,
    sibling_revisions,
)
from operations.views.page import Page, page_number, picked_ids
from supplychain.base.errors import MissingError
from testing.domain.words import ReleaseState
from testing.services import (
    prepare_release,
    release_revision,
    retire_revision,
    withdraw_release,
)

TEXT_CHARACTERS_MAX = 100
PREPARE = "testing.change_programrevision"
RELEASE = "testing.release_programrevision"


class ProgramListPage(Page):
    """Every program revision, whether it is released, and by whom."""

    template_name = "operations/program_list.html"
    title = "Programs"
    right = "testing.view_programrevision"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        words = self.request.GET
        asked = RevisionsAsked(
            state=words.get("state", ""),
            product=words.get("product", "").strip()[:TEXT_CHARACTERS_MAX],
            text=words.get("q", "").strip()[:TEXT_CHARACTERS_MAX],
            page=page_number(words.get("page", "")),
        )
        parts = {
            "asked": asked,
            "found": revision_page(asked),
            "states": [WAITING, *ReleaseState],
        }
        return super().get_context_data(**{**parts, **kwargs})


class ProgramPage(Page):
    """A program revision: its release, its sisters, and what it changes against one of them."""

    template_name = "operations/program_detail.html"
    right = "testing.view_programrevision"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        revision = program_revision(self.kwargs["revision_id"])
        picked = picked_ids([self.request.GET.get("with", "")])
        before = program_revision(picked[0]) if picked else earlier_revision(revision)
        parts = {
            "revision": revision,
            "title": f"Program {revision}",
            "siblings": sibling_revisions(revision),
            "compared": comparison(before, revision) if before else None,
            "issue": issue_of(revision) if self.may("quality.view_issue") else None,
            "may_prepare": self.may(PREPARE),
            "may_release": self.may(RELEASE) and revision.prepared_by_id != self.person.pk,
            "form": ReleaseForm(),
        }
        return super().get_context_data(**{**parts, **kwargs})


class ProgramActPage(Page):
    """Prepares, releases, withdraws or retires, and goes back; a refusal is told on a page."""

    right = "testing.view_programrevision"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseRedirect:
        return HttpResponseRedirect(self.address())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        acts = {
            "prepare": self.prepare,
            "release": self.release,
            "withdraw": self.withdraw,
            "retire": self.retire,
        }
        act = acts.get(self.kwargs["act"])
        if act is None:
            raise MissingError("Nobody can do this to a program revision.")
        messages.success(request, act(self.kwargs["revision_id"]))
        return HttpResponseRedirect(self.address())

    def address(self) -> str:
        return reverse("operations:program-detail", args=[self.kwargs["revision_id"]])

    def prepare(self, revision_id: int) -> str:
        reason = self.request.POST.get("reason", "")
        prepare_release(revision_id=revision_id, reason=reason, actor=self.person)
        return "Prepared. Another person must release it."

    def release(self, revision_id: int) -> str:
        revision = release_revision(revision_id=revision_id, actor=self.person)
        return f"{revision} is released. What it tested before stays flagged."

    def withdraw(self, revision_id: int) -> str:
        revision = withdraw_release(revision_id=revision_id, actor=self.person)
        return f"The release of {revision} waits no more."

    def retire(self, revision_id: int) -> str:
        return f"{retire_revision(revision_id=revision_id, actor=self.person)} is retired."
