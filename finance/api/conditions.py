"""Conditional requests: what a reader holds already is neither read nor sent again."""

from __future__ import annotations

import hashlib

from django.http import HttpResponse
from rest_framework.request import Request

from lots.domain.chain import body_sha256
from supplychain.base.conditional import is_held

ANSWERS = 1
"""Counted up whenever the same question and state come to another answer."""


def tag_of(request: Request, *state: object) -> str:
    """Another whenever the question is, or what its answer hangs on. Quoted.

    state: all of that, of what nobody changes once it is there: the hash of the last ledger row,
    the versions that are approved. What also hangs on rows that change is tagged by its bytes.
    """
    asked = sorted((name, word) for name, word in request.query_params.items() if name != "format")
    question = [request.path, asked, str(request.accepted_renderer.format)]
    parts = {"answers": ANSWERS, "question": question, "state": [repr(part) for part in state]}
    return f'"{body_sha256(parts)}"'


def without_reading(request: Request, tag: str, as_of_seq: int) -> HttpResponse | None:
    """304 to who holds it, and its tag to HEAD; None where it has to be read."""
    headers = {"ETag": tag, "X-As-Of-Seq": str(as_of_seq)}
    if is_held(request, tag):
        return HttpResponse(status=304, headers=headers)
    if request.method == "HEAD":
        return HttpResponse(headers=headers, content_type=request.accepted_renderer.media_type)
    return None


def conditional(request: Request, answer: HttpResponse) -> HttpResponse:
    """The answer, tagged by its bytes unless it has a tag; 304 without them to who holds it."""
    answer.setdefault("ETag", f'"{hashlib.sha256(answer.content).hexdigest()}"')
    if not is_held(request, answer["ETag"]):
        return answer
    kept = {name: word for name, word in answer.items() if not name.startswith("Content-")}
    return HttpResponse(status=304, headers=kept)
