"""One body a verb in the description of the API, made of the very serializer that checks it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema_field
from rest_framework import serializers

from lots.api.shapes import OrderSerializer

OCCURRED_AT = "2026-03-02T09:30:00Z"


class VerbField(serializers.ChoiceField):
    """The one verb that a body is of."""


def typed(verb: str, shape: type[OrderSerializer], noun: str = "Order") -> type[OrderSerializer]:
    """The shape as one verb alone takes it; in the description it is called by verb and noun."""
    name = "".join(part.capitalize() for part in verb.split("-"))
    field = type(f"{name}VerbField", (VerbField,), {})
    extend_schema_field({"type": "string", "const": str(verb)})(field)
    own = {"verb": field([verb]), "__doc__": shape.__doc__, "__module__": shape.__module__}
    kind: Any = type(shape)
    made: type[OrderSerializer] = kind(f"{name}{noun}Serializer", (shape,), own)
    return made


def examples_of(shapes: Mapping[str, type[OrderSerializer]]) -> list[OpenApiExample]:
    """A body that could be sent, one a verb; the description shows each with its own shape too."""
    return [
        OpenApiExample(
            str(verb),
            value={"verb": str(verb), "occurred_at": OCCURRED_AT, **shape.example},
            request_only=True,
        )
        for verb, shape in shapes.items()
    ]
