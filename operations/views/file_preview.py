from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone

from intake.domain.words import Door
from intake.selectors import expectations
from intake.services import FilePreview, preview_file, receive_file
from operations.forms.files import PreviewForm
from operations.views.page import Page
from supplychain.base.errors import StaleError, SupplychainError
from supplychain.base.storing import storage_path, stored

SALT = "operations.file-preview"
TOKEN_SECONDS = 3600
ROWS_SHOWN = 300


class FilePreviewPage(Page):
    """What a report would do, row by row, before anything is applied."""

    template_name = "operations/file_preview.html"
    title = "See what a report would do"
    right = "intake.add_rawfile"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**{"form": PreviewForm(), **kwargs})

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if "token" in request.POST:
            return self.take(request.POST["token"])
        form = PreviewForm(request.POST, request.FILES)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form), status=400)
        upload = form.cleaned_data["upload"]
        try:
            preview = preview_file(stream=upload.file, name=upload.name)
        except SupplychainError as error:
            context = self.get_context_data(form=form, error=error)
            return self.render_to_response(context, status=error.status)
        return self.render_to_response(self.get_context_data(**shown(preview)))

    def take(self, token: str) -> HttpResponse:
        """Take in the very bytes that were shown."""
        try:
            words = signing.loads(token, salt=SALT, max_age=TOKEN_SECONDS)
        except signing.BadSignature as error:
            raise StaleError("This preview is too old. Choose the file again.") from error
        with stored(storage_path(words["sha256"])) as stream:
            receipt = receive_file(
                stream=stream, name=words["name"], door=Door.PAGE, actor_id=self.person.pk
            )
        messages.success(self.request, f"{receipt.file.name} is taken in; its rows are applied.")
        return HttpResponseRedirect(reverse("operations:file-detail", args=[receipt.file.sha256]))


def shown(preview: FilePreview) -> dict[str, Any]:
    """Rows that would not simply be applied come first."""
    rows = sorted(preview.rows, key=lambda row: (row.state == "applied", row.number))
    return {
        "preview": preview,
        "rows": rows[:ROWS_SHOWN],
        "totals": [(state.value, count) for state, count in preview.totals.items() if count],
        "token": signing.dumps({"sha256": preview.sha256, "name": preview.name}, salt=SALT),
    }


class ExpectedFilesPage(Page):
    """Files that partners owe: what came, and what is late."""

    template_name = "operations/expected_files.html"
    title = "Expected files"
    right = "intake.view_expectedfile"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = expectations(timezone.now())
        late = sum(one.is_late for one in found)
        return super().get_context_data(**{"expectations": found, "late": late, **kwargs})
