"""One id per request: in its answer, in every log line it causes, and on the events it records."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from contextvars import ContextVar
from uuid import uuid4

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse

_SAFE = re.compile(r"[A-Za-z0-9._-]{1,64}")
_current: ContextVar[str] = ContextVar("request_id", default="")


def request_id() -> str:
    """Id of the request being answered here; empty outside one."""
    return _current.get()


class RequestIdMiddleware:
    """Take X-Request-ID from the caller if it is harmless, else make one, and send it back."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer with the id set."""
        sent = request.headers.get("X-Request-ID", "")
        # Never reset: Django logs a failed answer after us, and the next request sets its own.
        _current.set(sent if _SAFE.fullmatch(sent) else uuid4().hex)
        response = self.get_response(request)
        response["X-Request-ID"] = _current.get()
        return response


class NullCharacterMiddleware:
    """No name contains a null character, and PostgreSQL takes none: refused before any view."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """BadRequest for an address with one. Forms refuse them by themselves, and so does the API.

        The API says which parameter has it.
        """
        query = "" if request.path_info.startswith("/api/") else request.META["QUERY_STRING"]
        if "\0" in request.path_info or "%00" in query:
            raise BadRequest("The address contains a null character.")
        return self.get_response(request)


class RequestIdFilter(logging.Filter):
    """Gives every log record a `request_id`."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Never drops a record."""
        record.request_id = _current.get() or "-"
        return True
