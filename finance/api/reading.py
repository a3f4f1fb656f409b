"""What every address that shows the books shares: the rate limit and the log of reads."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, cast

from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.utils import timezone
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from finance.models import LedgerRead
from finance.selectors.reading import wait_before_reading
from finance.services import log_read
from supplychain.base.requests import request_id
from supplychain.base.tables import JSON

QUERY_CHARACTERS_MAX = 400


class ReadsAMinute(BaseThrottle):
    """Counts the log of reads, so that all web workers keep one limit. Answers 304 are free."""

    seconds: float | None = None

    def allow_request(self, request: Request, view: Any) -> bool:
        """False when the last minute is used up; then `wait` says how long."""
        most = settings.LEDGER_READS_A_MINUTE
        left = wait_before_reading(cast("User", request.user), timezone.now(), most)
        self.seconds = left.total_seconds() if left else None
        return left is None

    def wait(self) -> float | None:
        """Seconds."""
        return self.seconds


def read_of(request: Request, query: str, kind: str, as_of_seq: int) -> LedgerRead:
    """A read to be logged once it is over."""
    return LedgerRead(
        reader=cast("User", request.user),
        token_key=getattr(request.auth, "token_key", ""),
        query=query[:QUERY_CHARACTERS_MAX],
        media_type=kind,
        as_of_seq=as_of_seq,
        request_id=request_id(),
    )


def logged(
    request: Request, content: Any, rows: int, as_of_seq: int, *, name: str = ""
) -> HttpResponse:
    """The content as JSON, with the read of it kept. name: of what was read; "" ends the path."""
    name = name or request.path.rpartition("/")[2]
    query = f"{name}?{request.META.get('QUERY_STRING', '')}"

    def body() -> Generator[tuple[bytes, int]]:
        yield JSONRenderer().render(content), rows

    chunks = log_read(read=read_of(request, query, "json", as_of_seq), chunks=body())
    answer = HttpResponse(b"".join(chunks), content_type=JSON)
    answer["X-As-Of-Seq"] = str(as_of_seq)
    return answer
