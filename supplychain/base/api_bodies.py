"""What API views ask of a body, its sender and its key."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request

from supplychain.base.errors import ForbiddenError, MalformedError

KEY_CHARACTERS_MAX = 100
KEY = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "minLength": 1, "maxLength": KEY_CHARACTERS_MAX},
    OpenApiParameter.HEADER,
    required=True,
    description="Yours; the same key and body get the first answer again.",
)


def sent_key(request: Request) -> str:
    """The Idempotency-Key. MalformedError without one."""
    key = request.headers.get("Idempotency-Key", "").strip()
    if not 1 <= len(key) <= KEY_CHARACTERS_MAX:
        raise MalformedError(
            f"Send an Idempotency-Key header of 1 to {KEY_CHARACTERS_MAX} characters."
        )
    return key


def operation_key(request: Request) -> str:
    """The Idempotency-Key, set apart from those of other people and doors; errors as above."""
    return f"api:{person_of(request).pk}:{sent_key(request)}"


def person_of(request: Any) -> User:
    """Who asks."""
    assert isinstance(request.user, User), "HasRight lets only people with an account pass"
    return request.user


def checked_body(request: Request, shape_class: type[serializers.Serializer[Any]]) -> Any:
    """The body's values, checked. MalformedError for a member that nobody reads."""
    body = request.data if isinstance(request.data, dict) else {}
    shape = shape_class(data=request.data)
    unknown = sorted(set(body) - set(shape.fields))
    if unknown:
        raise MalformedError(f"Nothing here is called {', '.join(unknown)}.", fields=unknown)
    shape.is_valid(raise_exception=True)
    return shape.validated_data


def refuse_without(request: Request, right: str) -> None:
    """ForbiddenError unless who asks has the right."""
    if not request.user.has_perm(right):
        raise ForbiddenError(f"This needs the right {right}. Ask an administrator.", right=right)
