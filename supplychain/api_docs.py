"""The API described for people: the OpenAPI document as a page of the site."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from drf_spectacular.settings import spectacular_settings

from operations.views.page import Page


@dataclass(frozen=True, slots=True)
class Parameter:
    """place: path, query or header."""

    name: str
    place: str
    is_required: bool
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one address."""

    method: str
    path: str
    summary: str
    text: str
    parameters: tuple[Parameter, ...]
    bodies: tuple[str, ...]
    answers: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Chapter:
    """Operations of one tag."""

    title: str
    operations: tuple[Operation, ...]


class ApiDocsPage(Page):
    """Every address with its parameters and answers; for anyone signed in."""

    title = "API"
    template_name = "supplychain/api_docs.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(chapters=chapters(), **kwargs)


@cache
def chapters() -> tuple[Chapter, ...]:
    """From the description, which does not change while we run."""
    generator = spectacular_settings.DEFAULT_GENERATOR_CLASS()
    paths = generator.get_schema(public=True)["paths"]
    found: dict[str, list[Operation]] = {}
    for path, methods in paths.items():
        for method, described in methods.items():
            tag = described.get("tags", ["other"])[0]
            found.setdefault(tag, []).append(_operation(method, path, described))
    return tuple(Chapter(tag, tuple(rows)) for tag, rows in sorted(found.items()))


def kind(schema: dict[str, Any]) -> str:
    """A schema in a few words: `integer, 1 to 1000`, `one of open, closed`."""
    words = schema.get("format") or schema.get("type") or "see the description"
    text = ", ".join(words) if isinstance(words, list) else str(words)
    if "enum" in schema:
        text = "one of " + ", ".join(str(word) for word in schema["enum"])
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is not None and high is not None:
        text += f", {low} to {high}"
    if "default" in schema:
        text += f"; {schema['default']} if not said"
    return text


def _operation(method: str, path: str, described: dict[str, Any]) -> Operation:
    answers = described["responses"].items()
    return Operation(
        method=method.upper(),
        path=path,
        summary=described.get("summary", ""),
        text=described.get("description", ""),
        parameters=tuple(_parameters(described)),
        bodies=tuple(described.get("requestBody", {}).get("content", {})),
        answers=tuple((status, answer.get("description", "")) for status, answer in answers),
    )


def _parameters(described: dict[str, Any]) -> Iterator[Parameter]:
    for one in described.get("parameters", []):
        yield Parameter(
            name=one["name"],
            place=one["in"],
            is_required=one.get("required", False),
            kind=kind(one.get("schema", {})),
            text=one.get("description", ""),
        )
