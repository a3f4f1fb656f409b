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

from finance.models import LedgerRead
from finance.services import begin_read, end_read, log_read
from finance.services.reading import Begun
from supplychain.base.api import StrictQueryMixin
from supplychain.base.requests import request_id
from supplychain.base.tables import JSON

QUERY_CHARACTERS_MAX = 400
BOOKS = "/finance/"


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
            _keep(request, answer, self.begun.end_seq)
        self.end_read()
        return answer

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
    request: Request, content: Any, rows: int, as_of_seq: int, *, name: str = ""
) -> HttpResponse:
    """The content as JSON, with the read of it kept. name: of what was read; "" ends the path."""
    name = name or request.path.rpartition("/")[2]
    query = f"{name}?{request.META.get('QUERY_STRING', '')}"
    read = read_of(request, query, "json", as_of_seq)
    chunks = kept(request, read, _at_once(JSONRenderer().render(content), rows))
    answer = HttpResponse(b"".join(chunks), content_type=JSON)
    answer["X-As-Of-Seq"] = str(as_of_seq)
    return answer


def _keep(request: Request, answer: Response, as_of_seq: int) -> None:
    """Under what stands in the address behind `/finance/`; an act under its method too."""
    act = "" if request.method in {"GET", "HEAD"} else f"{request.method} "
    name = f"{act}{request.path.partition(BOOKS)[2]}"
    read = read_of(request, f"{name}?{request.META.get('QUERY_STRING', '')}", "json", as_of_seq)
    body = answer.render().content
    told = _at_once(b"", 0) if request.method == "HEAD" else _at_once(body, _row_count(answer.data))
    for _ in kept(request, read, told):
        pass


def _row_count(content: Any) -> int:
    """Of the longest list in it; one for what has none."""
    lists = [len(part) for part in content.values() if isinstance(part, list)]
    return max(lists, default=1)


def _at_once(body: bytes, rows: int) -> Generator[tuple[bytes, int]]:
    yield body, rows
