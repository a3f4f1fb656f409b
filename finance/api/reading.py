"""What every address of the books shares: the rate limit and the log of reads."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import suppress
from typing import Any, cast

from django.conf import settings
from django.contrib.auth.models import User
from django.db import InterfaceError, OperationalError
from django.http import HttpResponse
from django.utils import timezone
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle

from finance.api.conditions import conditional
from finance.models import LedgerRead
from finance.services import begin_read, end_read, log_read
from finance.services.reading import Begun
from supplychain.base.api import StrictQueryMixin
from supplychain.base.requests import request_id
from supplychain.base.tables import JSON

QUERY_CHARACTERS_MAX = 400
BOOKS = "/finance/"
READING = {"GET", "HEAD"}


class ReadsAMinute(BaseThrottle):
    """Counts reads that run and the log of reads, so that all web workers keep one limit.

    Asking whether something changed is free, where that can be told without reading it.
    """

    seconds: float | None = None

    def allow_request(self, request: Request, view: Any) -> bool:
        """False when the last minute is used up; then `wait` says how long."""
        begun = begin_read(
            reader=cast("User", request.user),
            now=timezone.now(),
            a_minute=settings.LEDGER_READS_A_MINUTE,
        )
        cast("BooksMixin", view).begun = begun
        self.seconds = begun.wait.total_seconds() if begun.wait else None
        return begun.wait is None

    def wait(self) -> float | None:
        """Seconds."""
        return self.seconds


class BooksMixin(StrictQueryMixin):
    """Every address of the books: what it tells is limited, and kept with who read it.

    A view answers with a Response, or keeps the read itself by what stands below.
    """

    throttle_classes = [ReadsAMinute]
    begun: Begun | None = None

    def handle_exception(self, exc: Exception) -> Response:
        """A refusal tells nothing of the books."""
        self.end_read()
        return super().handle_exception(exc)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """With the read kept, unless nothing was told."""
        answer: Any = super().finalize_response(request, response, *args, **kwargs)
        if self.begun and isinstance(answer, Response) and answer.data is not None:
            answer = _told(request, answer, self.begun.end_seq)
        self.end_read()
        return answer

    @property
    def end_seq(self) -> int:
        """The ledger's end when the read began."""
        assert self.begun, "every read of the books begins before it is answered"
        return self.begun.end_seq

    def end_read(self) -> None:
        """Without keeping it. It ends by itself while the database does not answer."""
        running = self.taken_read()
        if running is not None:
            with suppress(OperationalError, InterfaceError):
                end_read(running=running)

    def taken_read(self) -> int | None:
        """The read that runs, once: who takes it keeps it."""
        begun, self.begun = self.begun, None
        return begun.running if begun else None


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


def kept(
    request: Request, read: LedgerRead, chunks: Generator[tuple[bytes, int]]
) -> Iterator[bytes]:
    """The chunks on their way to the reader. The read runs until they are over."""
    view = cast("BooksMixin", request.parser_context["view"])
    return log_read(read=read, chunks=chunks, running=view.taken_read())


def logged(
    request: Request, content: Any, rows: int, as_of_seq: int, *, tag: str = ""
) -> HttpResponse:
    """The content as JSON, with the read of it kept. tag: by its bytes without one."""
    answer = HttpResponse(JSONRenderer().render(content), content_type=JSON)
    if tag:
        answer["ETag"] = tag
    answer["X-As-Of-Seq"] = str(as_of_seq)
    return told(request, answer, read_of(request, named(request), "json", as_of_seq), rows)


def told(request: Request, answer: HttpResponse, read: LedgerRead, rows: int) -> HttpResponse:
    """The answer with the read kept; nothing of it to who holds it, or only asks for the head."""
    is_act = request.method not in READING
    answer = answer if is_act else conditional(request, answer)
    body = b"" if request.method == "HEAD" else answer.content
    for _ in kept(request, read, _at_once(body, rows if body else 0)):
        pass
    return answer


def named(request: Request) -> str:
    """What was asked: what stands in the address behind `/finance/`; an act under its method."""
    act = "" if request.method in READING else f"{request.method} "
    return f"{act}{request.path.partition(BOOKS)[2]}?{request.META.get('QUERY_STRING', '')}"


def _told(request: Request, answer: Response, as_of_seq: int) -> HttpResponse:
    if request.method in READING:
        answer["X-As-Of-Seq"] = str(as_of_seq)
    read = read_of(request, named(request), "json", as_of_seq)
    return told(request, answer.render(), read, _row_count(answer.data))


def _row_count(content: Any) -> int:
    """Of the longest list in it; one for what has none."""
    lists = [len(part) for part in content.values() if isinstance(part, list)]
    return max(lists, default=1)


def _at_once(body: bytes, rows: int) -> Generator[tuple[bytes, int]]:
    yield body, rows
