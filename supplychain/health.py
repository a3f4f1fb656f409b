"""Two questions of a load balancer, /healthz and /readyz: are you alive, and can you work."""

from __future__ import annotations

from collections.abc import Callable

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse


class HealthMiddleware:
    """Answers before anything looks at host names, sessions or TLS: probes come by address."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method in {"GET", "HEAD"} and request.path == "/healthz":
            return _plain("ok\n", 200)
        if request.method in {"GET", "HEAD"} and request.path == "/readyz":
            return _plain("ready\n", 200) if database_answers() else _plain("database away\n", 503)
        return self.get_response(request)


def database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def _plain(text: str, status: int) -> HttpResponse:
    response = HttpResponse(text, content_type="text/plain", status=status)
    response["Cache-Control"] = "no-store"
    return response
