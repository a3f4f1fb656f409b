"""Conditional requests: what the caller holds already is not sent again."""

from __future__ import annotations

from django.utils.http import parse_etags
from rest_framework.request import Request


def is_held(request: Request, etag: str) -> bool:
    """Whether If-None-Match names this quoted tag, weakly or not, or any at all."""
    tags = parse_etags(request.headers.get("If-None-Match", ""))
    return tags == ["*"] or etag in {tag.removeprefix("W/") for tag in tags}


def named_tag(request: Request) -> str:
    """What If-Match says the caller looked at, without quotes; "" for nothing or anything."""
    return request.headers.get("If-Match", "").strip().removeprefix("W/").strip('"*')
