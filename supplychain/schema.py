"""OpenAPI finishing touches: what every operation shares is said once, here."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from enum import StrEnum
from importlib import import_module
from typing import Any

from supplychain.base.choices import choices

ROOMS = ["lots", "notices", "testing", "quality", "intake", "racks", "finance"]

PROBLEM = {
    "type": "object",
    "description": "RFC 9457. `code` is fixed; `detail` says what to do next.",
    "required": ["type", "title", "status", "detail", "code", "request_id"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
        "request_id": {"type": "string"},
        "fields": {"type": "object", "additionalProperties": True},
    },
}


def add_problems(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Name problem+json as the answer to everything that goes wrong."""
    result.setdefault("components", {}).setdefault("schemas", {})["Problem"] = PROBLEM
    content = {
        "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}},
    }
    for path in result["paths"].values():
        for operation in path.values():
            operation["responses"]["default"] = {"description": "A problem.", "content": content}
    return result


def close_bodies(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """A body that is told by a word takes no field of another, and shows its own example."""
    schemas = result["components"]["schemas"]
    for path in result["paths"].values():
        for operation in path.values():
            sent = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
            told = schemas.get(sent.get("schema", {}).get("$ref", "").rpartition("/")[2], {})
            mapping = told.get("discriminator", {}).get("mapping", {})
            for example in sent.get("examples", {}).values():
                word = example["value"].get(told.get("discriminator", {}).get("propertyName"))
                if word in mapping:
                    body = schemas[mapping[word].rpartition("/")[2]]
                    body |= {"additionalProperties": False, "examples": [example["value"]]}
    return result


def enum_names() -> dict[str, list[tuple[str, str]]]:
    """Every set of words that rooms keep in `domain/words.py`, under its own name."""
    return {word.__name__: choices(word) for room in ROOMS for word in _words(room)}


def _words(room: str) -> Iterator[type[StrEnum]]:
    module = import_module(f"{room}.domain.words")
    for _, found in inspect.getmembers(module, inspect.isclass):
        if issubclass(found, StrEnum) and found.__module__ == module.__name__:
            yield found
