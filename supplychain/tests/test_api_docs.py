from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client

from supplychain.api_docs import chapters, kind


def test_page_shows_every_operation(client: Client, db: None) -> None:
    client.force_login(User.objects.create_user("reader"))
    answer = client.get("/api/v1/docs")
    body = answer.content.decode()
    assert answer.status_code == 200
    for chapter in chapters():
        for operation in chapter.operations:
            assert f"<code>{operation.path}</code>" in body


def test_stranger_is_asked_to_sign_in(client: Client, db: None) -> None:
    assert client.get("/api/v1/docs").status_code == 302


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({}, "see the description"),
        (
            {"type": "integer", "minimum": 1, "maximum": 9, "default": 3},
            "integer, 1 to 9; 3 if not said",
        ),
        ({"type": "string", "enum": ["open", "closed"]}, "one of open, closed"),
        ({"type": ["string", "null"]}, "string, null"),
        ({"type": "string", "format": "date-time"}, "date-time"),
    ],
)
def test_schema_is_told_in_a_few_words(schema: dict[str, object], words: str) -> None:
    assert kind(schema) == words


def test_operation_names_its_parameters() -> None:
    found = {
        (operation.method, operation.path): operation
        for chapter in chapters()
        for operation in chapter.operations
    }
    names = {one.name for one in found["GET", "/api/v1/lots"].parameters}
    assert {"limit", "cursor"} <= names
