from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.http.response import HttpResponseBase
from django.urls import reverse

from intake.domain.words import Door, FileState, RowState
from intake.models import RawFile
from intake.selectors import archive_members
from intake.services import let_file_create_lots, match_file, receive_file, retry_file
from operations.domain.signs import sign_of
from operations.forms.files import MatchForm, UploadForm
from operations.selectors import files
from operations.views.page import Page, page_number
from supplychain.base.errors import ForbiddenError, SupplychainError

RETRIES: dict[str, Callable[..., RawFile]] = {
    "retry": retry_file,
    "create": let_file_create_lots,
}


class UploadPage(Page):
    """Files from a person's machine. With scripts each shows its progress; without, a form."""

    template_name = "operations/upload.html"
    title = "Upload files"
    right = "intake.add_rawfile"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**{"form": UploadForm(), "signs": state_signs(), **kwargs})

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        form = UploadForm(request.POST, request.FILES)
        wants_json = request.headers.get("Accept") == "application/json"
        if not form.is_valid() and wants_json:
            return JsonResponse({"detail": "No file came. Choose one or more."}, status=400)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form), status=400)
        try:
            received = [self.receive(upload, form) for upload in form.cleaned_data["uploads"]]
        except SupplychainError as error:
            if wants_json:
                return JsonResponse({"detail": error.detail}, status=error.status)
            raise
        if wants_json:
            return JsonResponse({"files": received})
        messages.success(request, f"Files received: {len(received)}.")
        return HttpResponseRedirect(reverse("admin:intake_rawfile_changelist"))

    def receive(self, upload: Any, form: UploadForm) -> dict[str, Any]:
        receipt = receive_file(
            stream=upload.file,
            name=upload.name,
            door=Door.PAGE,
            actor_id=self.person.pk,
            creates_lots=form.cleaned_data["creates_lots"],
        )
        state = "duplicate" if receipt.is_duplicate else receipt.file.state
        return as_json(files.status_of(receipt.file)) | {"arrived": state}


class FileStatesPage(Page):
    """States of the files named in the address, for the upload page to ask again and again."""

    right = "intake.view_rawfile"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        statuses = files.file_statuses(request.GET.getlist("sha256"))
        return JsonResponse({"files": [as_json(status) for status in statuses]})


class FilePage(Page):
    """One file: what was read, what was left out and why, and the match it may wait for."""

    template_name = "operations/file_detail.html"
    right = "intake.view_rawfile"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        file = files.file_by_sha256(self.kwargs["sha256"])
        parts = {
            "file": file,
            "title": f"File {file.name}",
            "state": files.status_of(file).state,
            "summary": files.summary_of(file),
            "members": archive_members(file),
            "arrivals": file.arrivals.select_related("actor"),
            "attempts": file.attempts.all(),
            "rejected": files.rejected_of(file),
            **self.rows(file),
            "match_form": self.match_form(file),
            "may_retry": files.is_retriable(file) and self.may("intake.change_rawfile"),
        }
        return super().get_context_data(**{**parts, **kwargs})

    def rows(self, file: RawFile) -> dict[str, Any]:
        """A page of the report's rows, and what may be done with them."""
        state = self.request.GET.get("rows", "")
        state = state if state in set(RowState) else ""
        number = page_number(self.request.GET.get("page", ""))
        return {
            "balance": files.row_balance(file),
            "rows": files.rows_of(file, state, number),
            "rows_state": state,
            "rows_page": number,
            "may_decide": self.may("intake.change_feedrow"),
        }

    def match_form(self, file: RawFile, answers: Any = None) -> MatchForm | None:
        if file.state != FileState.UNMATCHED or not self.may("intake.change_rawfile"):
            return None
        return MatchForm(answers, initial={"lot": file.lot and file.lot.code})

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        file = files.file_by_sha256(self.kwargs["sha256"])
        if request.POST.get("go") in RETRIES:
            return self.retry(file, RETRIES[request.POST["go"]])
        form = self.match_form(file, request.POST)
        if form is None:
            raise ForbiddenError("This file waits for no match, or your role may not match files.")
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(match_form=form), status=400)
        try:
            match_file(file=file, actor=self.person, **form.match())
        except SupplychainError as error:
            context = self.get_context_data(match_form=form, error=error)
            return self.render_to_response(context, status=error.status)
        messages.success(request, "Matched. The file is loaded in a moment.")
        return HttpResponseRedirect(reverse("operations:file-detail", args=[file.sha256]))

    def retry(self, file: RawFile, run: Callable[..., RawFile]) -> HttpResponseBase:
        if not self.may("intake.change_rawfile"):
            raise ForbiddenError("Your role may not have files tried again.")
        try:
            run(file=file)
        except SupplychainError as error:
            context = self.get_context_data(error=error)
            return self.render_to_response(context, status=error.status)
        messages.success(self.request, "The file is tried again in a moment.")
        return HttpResponseRedirect(reverse("operations:file-detail", args=[file.sha256]))


def state_signs() -> dict[str, dict[str, str]]:
    """How the script writes each state."""
    words = [*FileState, "duplicate", "failed"]
    return {
        str(word): {
            "icon": sign_of(word).icon,
            "tone": sign_of(word).tone,
            "word": word.capitalize(),
        }
        for word in words
    }


def as_json(status: files.FileStatus) -> dict[str, Any]:
    return {
        "name": status.name,
        "sha256": status.sha256,
        "state": status.state,
        "message": status.message,
        "address": status.address,
        "is_settled": status.is_settled,
    }
