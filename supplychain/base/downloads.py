"""Bytes that others handed in, sent so that no browser runs or guesses anything."""

from __future__ import annotations

from collections.abc import Iterator

from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header

from supplychain.base.storing import CHUNK_BYTES, stored


def stored_answer(path: str, name: str, media_type: str, size: int) -> StreamingHttpResponse:
    """A stored file as a download under its name, never shown inside our pages. size: bytes."""
    answer = StreamingHttpResponse(_pieces(path), content_type=media_type)
    answer["Content-Disposition"] = content_disposition_header(True, name)
    answer["Content-Length"] = str(size)
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer["Cache-Control"] = "private, no-store"
    return answer


def _pieces(path: str) -> Iterator[bytes]:
    with stored(path) as file:
        yield from file.chunks(CHUNK_BYTES)
