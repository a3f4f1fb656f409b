"""What every page of ours shares: sign-in, the right to see it, and the admin's frame around it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.auth.mixins import LoginRequiredMixin
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.generic import TemplateView

from lots.domain.chain import body_sha256
from supplychain.base.errors import ForbiddenError, SupplychainError

ID_DIGITS_MAX = 18
"""More may not fit into an id of the database."""

KEY_CHARACTERS_MAX = 60
SHA256_CHARACTERS = 64
UNASKED = frozenset({"csrfmiddlewaretoken", "op_key", "expected_version", "go"})
"""Fields of a form that say nothing of what is wished."""


class Page(LoginRequiredMixin, TemplateView):
    """A page of the site. right: who may see it; empty for anyone signed in."""

    title: ClassVar[str] = ""
    right: ClassVar[str] = ""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        request.current_app = admin.site.name
        try:
            if request.user.is_authenticated and not self.may(self.right):
                raise ForbiddenError("Ask an administrator for a role that may see this page.")
            return super().dispatch(request, *args, **kwargs)
        except SupplychainError as error:
            return self.refused(error)

    def refused(self, error: SupplychainError) -> HttpResponseBase:
        """The reason in the same frame, with the error's own status."""
        frame = admin.site.each_context(self.request)
        context = {**frame, "title": error.title, "error": error}
        return TemplateResponse(
            self.request, "operations/refused.html", context, status=error.status
        )

    @property
    def person(self) -> User:
        """Whoever is signed in."""
        user = self.request.user
        assert isinstance(user, User), "dispatch asked for the sign-in"
        return user

    def may(self, right: str) -> bool:
        """Whether the person at the page holds the right; true for an empty one."""
        return not right or self.request.user.has_perm(right)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        frame = admin.site.each_context(self.request)
        return super().get_context_data(
            **{**frame, "title": self.title, "now": timezone.now(), **kwargs}
        )


def sent_key(request: HttpRequest) -> str:
    """The key a form was sent under; the same at a second click on its button."""
    return request.POST.get("op_key", "")[:KEY_CHARACTERS_MAX]


def seen_of(request: HttpRequest) -> str:
    """The hash that the form carries of what its page showed."""
    return request.POST.get("seen", "")[:SHA256_CHARACTERS]


def asked_words(request: HttpRequest) -> str:
    """SHA-256 of what a form asks, by whom and where: a repeat says the same."""
    said = {name: request.POST.getlist(name) for name in request.POST if name not in UNASKED}
    return body_sha256({"by": request.user.pk, "at": request.path, "asked": said})


def picked_ids(words: Iterable[str]) -> list[int]:
    """Ids of ticked rows from an address or a form; what cannot be one is passed over."""
    return [
        int(word)
        for word in words
        if word.isascii() and word.isdigit() and len(word) <= ID_DIGITS_MAX
    ]


def page_number(word: str) -> int:
    """A page from an address; the first for anything that is no number from 1 to 99999."""
    return max(int(word), 1) if word.isascii() and word.isdigit() and len(word) < 6 else 1
