"""Files of an issue: taken, sent, withdrawn."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse

from operations.forms.issues import AttachForm, ReasonForm
from operations.selectors import issues as selectors
from operations.views.page import Page
from quality.domain.attachments import FORMS as FILE_FORMS
from quality.domain.attachments import AttachmentKind
from quality.selectors.attachments import attachment_by_id
from quality.services import attach_file, withdraw_file
from supplychain.base.downloads import stored_answer
from supplychain.base.errors import SupplychainError

ATTACH = {"title": "Attach a file", "icon": "attach_file"}
WITHDRAW = {"title": "Withdraw", "icon": "undo"}


class IssueFilesPage(Page):
    """Takes a file for an issue."""

    template_name = "operations/issue_act.html"
    title = "Attach a file"
    right = "quality.attach_issue"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        picked = [selectors.issue_by_number(self.kwargs["number"])]
        return super().get_context_data(
            **{"picked": picked, "act": ATTACH, "form": AttachForm(), **kwargs}
        )

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        issue = selectors.issue_by_number(self.kwargs["number"])
        form = AttachForm(request.POST, request.FILES)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form), status=400)
        upload = form.cleaned_data["upload"]
        try:
            row = attach_file(issue=issue, stream=upload.file, name=upload.name, actor=self.person)
        except SupplychainError as error:
            context = self.get_context_data(form=form, error=error)
            return self.render_to_response(context, status=error.status)
        messages.success(request, f"{issue.number}: {row.name} is attached.")
        return HttpResponseRedirect(reverse("operations:issue-detail", args=[issue.number]))


class IssueFilePage(Page):
    """One file of an issue, as a download."""

    right = "quality.view_issueattachment"

    def get(  # type: ignore[override]  # a file has no template
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> StreamingHttpResponse:
        row = attachment_by_id(self.kwargs["number"], self.kwargs["pk"])
        form = FILE_FORMS[AttachmentKind(row.kind)]
        return stored_answer(row.storage_path, row.name, form.media_type, row.size)


class IssueFileWithdrawPage(Page):
    """Asks why a file counts no longer, and marks it."""

    template_name = "operations/issue_act.html"
    title = "Withdraw a file"
    right = "quality.attach_issue"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row = attachment_by_id(self.kwargs["number"], self.kwargs["pk"])
        act = {**WITHDRAW, "title": f"Withdraw {row.name}"}
        return super().get_context_data(
            **{"picked": [row.issue], "act": act, "form": ReasonForm(), **kwargs}
        )

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        row = attachment_by_id(self.kwargs["number"], self.kwargs["pk"])
        form = ReasonForm(request.POST)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form), status=400)
        try:
            withdraw_file(attachment=row, actor=self.person, reason=form.cleaned_data["reason"])
        except SupplychainError as error:
            context = self.get_context_data(form=form, error=error)
            return self.render_to_response(context, status=error.status)
        messages.success(request, f"{row.issue.number}: {row.name} is withdrawn.")
        return HttpResponseRedirect(reverse("operations:issue-detail", args=[row.issue.number]))
