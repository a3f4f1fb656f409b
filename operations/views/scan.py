from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from operations.domain.scanned import scanned_names
from operations.selectors.find import found_exactly
from operations.views.page import Page


class ScanPage(Page):
    """One large box for a scanner: what is scanned opens at once, what is not known is said."""

    template_name = "operations/scan.html"
    title = "Scan"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        raw = request.GET.get("code", "")
        found = found_exactly(raw, request.user)
        if found is not None:
            return HttpResponseRedirect(found.address)
        return self.render_to_response(self.get_context_data(unknown=readable(raw)))


def readable(raw: str) -> str:
    """A scanned text as it can be shown."""
    return next(iter(scanned_names(raw)), "")
