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

BOOKS = "/api/v1/finance/"
WITHOUT_FIGURES = {f"{BOOKS}posting-table"}
TAG = {
    "schema": {"type": "string"},
    "description": "Another whenever the answer is; send it as If-None-Match.",
}
MARK = {
    "schema": {"type": "integer"},
    "description": "The ledger's last seq when this was answered.",
}
NEXT = {"schema": {"type": "string"}, "description": "The next page, as in `next`."}
IF_NONE_MATCH = {
    "name": "If-None-Match",
    "in": "header",
    "schema": {"type": "string"},
    "description": "ETags that you hold. Answered 304, without a body, while one is still so.",
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


def tell_conditions(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """What every read of the books has in common: tags, 304, and the next page as a Link."""
    for path, methods in result["paths"].items():
        if path.startswith(BOOKS) and path not in WITHOUT_FIGURES and "get" in methods:
            _tell_conditions(methods["get"])
    return result


def _tell_conditions(operation: dict[str, Any]) -> None:
    names = {one["name"] for one in operation.setdefault("parameters", [])}
    if "If-None-Match" not in names:
        operation["parameters"].append(IF_NONE_MATCH)
    whole, unread = operation["responses"]["200"], {"description": "What you hold is still so."}
    operation["responses"].setdefault("304", unread)
    if "cursor" in names:
        whole.setdefault("headers", {})["Link"] = NEXT
    for answer in (whole, operation["responses"]["304"]):
        answer["headers"] = {**answer.get("headers", {}), "ETag": TAG, "X-As-Of-Seq": MARK}


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
