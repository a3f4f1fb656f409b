from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from unfold.dataclasses import SearchResult

from operations.selectors.find import find, found_exactly
from operations.views.page import Page


class FindPage(Page):
    """One box for everything that has a name; an exact name goes straight to its page."""

    template_name = "operations/find.html"
    title = "Find"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        text = request.GET.get("q", "").strip()
        place = found_exactly(text, request.user) if text else None
        if place is not None:
            return HttpResponseRedirect(place.address)
        found = find(text, request.user) if text else []
        return self.render_to_response(self.get_context_data(text=text, found=found))


def command_results(request: HttpRequest, text: str) -> list[SearchResult]:
    """The same for the search dialog behind Ctrl+K."""
    return [
        SearchResult(found.name, found.what, found.address, found.icon)
        for found in find(text, request.user)
    ]
