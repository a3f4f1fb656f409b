"""Pages that neither count nor skip: each starts after the last row of the one before."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from operator import attrgetter
from typing import TYPE_CHECKING, Any, ClassVar

from django.core.exceptions import ValidationError
from django.db.models import Field, Model, Q, QuerySet
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from supplychain.base.errors import MalformedError

if TYPE_CHECKING:
    from rest_framework.views import APIView  # at run time a cycle through DRF's settings

CURSOR_CHARACTERS_MAX = 2000


class KeysetPagination(BasePagination):
    """ordering: columns without nulls, the last one unique; "-" in front for descending."""

    ordering: ClassVar[str | Sequence[str]] = "-id"
    limit_default: ClassVar[int] = 100
    limit_max: ClassVar[int] = 1000
    query_parameters: ClassVar[frozenset[str]] = frozenset({"limit", "cursor"})

    next_url: str | None = None

    def paginate_queryset(
        self,
        queryset: QuerySet[Any, Any] | Sequence[Any],
        request: Request,
        view: APIView | None = None,
    ) -> list[Any]:
        """At most `limit` rows after the cursor. MalformedError for a bad limit or cursor."""
        assert isinstance(queryset, QuerySet), "keyset pages need a queryset"
        columns = [self.ordering] if isinstance(self.ordering, str) else list(self.ordering)
        limit = self._limit(request)
        if word := request.query_params.get("cursor"):
            queryset = queryset.filter(_after(columns, _decoded(word, queryset.model, columns)))
        rows = list(queryset.order_by(*columns)[: limit + 1])
        self.next_url = None
        if len(rows) > limit:
            cursor = _encoded(rows[limit - 1], columns)
            self.next_url = replace_query_param(request.build_absolute_uri(), "cursor", cursor)
        return rows[:limit]

    def get_paginated_response(self, data: Any) -> Response:
        """The rows and the address of the next page, in the body and as a Link header."""
        headers = {"Link": f'<{self.next_url}>; rel="next"'} if self.next_url else None
        return Response({"results": data, "next": self.next_url}, headers=headers)

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """OpenAPI of the page."""
        return {
            "type": "object",
            "required": ["results", "next"],
            "properties": {
                "results": schema,
                "next": {
                    "type": ["string", "null"],
                    "format": "uri",
                    "description": "Address of the next page; null on the last.",
                },
            },
        }

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        """OpenAPI of the query parameters."""
        limit = {"type": "integer", "minimum": 1, "maximum": self.limit_max}
        return [
            {
                "name": "limit",
                "in": "query",
                "required": False,
                "description": "Rows on a page.",
                "schema": {**limit, "default": self.limit_default},
            },
            {
                "name": "cursor",
                "in": "query",
                "required": False,
                "description": "Taken from `next` of the page before; opaque.",
                "schema": {"type": "string", "maxLength": CURSOR_CHARACTERS_MAX},
            },
        ]

    def _limit(self, request: Request) -> int:
        word = request.query_params.get("limit", str(self.limit_default))
        if not (word.isascii() and word.isdigit() and 1 <= int(word[:9]) <= self.limit_max):
            raise MalformedError(
                f"limit must be a whole number from 1 to {self.limit_max}.", parameter="limit"
            )
        return int(word[:9])


def _after(columns: Sequence[str], values: Sequence[Any]) -> Q:
    """Rows beyond these values: (a, b) > (x, y) is a > x, or a = x and b > y."""
    beyond, equal = Q(), Q()
    for column, value in zip(columns, values, strict=True):
        name = column.lstrip("-")
        step = Q(**{f"{name}__lt" if column.startswith("-") else f"{name}__gt": value})
        beyond |= equal & step
        equal &= Q(**{name: value})
    return beyond


def _encoded(row: Model, columns: Sequence[str]) -> str:
    values = [attrgetter(column.lstrip("-").replace("__", "."))(row) for column in columns]
    assert None not in values, f"a keyset column of {row!r} is null"
    text = json.dumps([value if isinstance(value, int) else str(value) for value in values])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _decoded(word: str, model: type[Model], columns: Sequence[str]) -> list[Any]:
    try:
        padded = word[:CURSOR_CHARACTERS_MAX] + "=" * (-len(word) % 4)
        values = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        return [
            _typed(model, column.lstrip("-"), value)
            for column, value in zip(columns, values, strict=True)
        ]
    except (binascii.Error, ValueError, TypeError, ValidationError, RecursionError) as error:
        raise MalformedError(
            "cursor is not one of ours; take it unchanged from `next`.", parameter="cursor"
        ) from error


def _typed(model: type[Model], name: str, value: object) -> Any:
    *path, last = name.split("__")
    for part in path:
        related = model._meta.get_field(part).related_model
        assert isinstance(related, type), f"{part} is no relation of {model}"
        model = related
    if not isinstance(value, str | int) or (isinstance(value, str) and "\0" in value):
        raise ValueError(name)
    field = model._meta.get_field(last)
    assert isinstance(field, Field), f"{last} is no column of {model}"
    typed = field.to_python(value)
    if typed is None:
        raise ValueError(name)
    return typed
