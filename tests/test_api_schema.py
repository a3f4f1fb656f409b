"""The API keeps to its own description, whatever it is asked."""

from __future__ import annotations

from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
import schemathesis
from django.contrib.auth.models import User
from django.core.handlers.wsgi import WSGIHandler
from django.core.management import call_command
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client
from hypothesis import HealthCheck, settings
from knox.models import AuthToken
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

SCHEMA = "/api/v1/schema?format=json"
EXAMPLES_MAX = 12

_django = WSGIHandler()


def app(environ: Any, start_response: Any) -> Any:
    """The service; its description is handed out without a database, for collection."""
    if environ["PATH_INFO"] != "/described":
        return _django(environ, start_response)
    start_response("200 OK", [("Content-Type", "application/json")])
    described = StringIO()
    call_command("spectacular", format="openapi-json", stdout=described)
    return [described.getvalue().encode()]


api = schemathesis.openapi.from_wsgi("/described", app)


@pytest.fixture
def token(reference: None) -> str:
    user = User.objects.create_superuser("schema", password="a long test password")
    return str(AuthToken.objects.create(user)[1])


@pytest.fixture
def one_connection() -> Iterator[None]:
    """Requests through the real handler would hang up on the test's open transaction."""
    for signal in [request_started, request_finished]:
        signal.disconnect(close_old_connections)
    yield
    for signal in [request_started, request_finished]:
        signal.connect(close_old_connections)


@api.parametrize()
@settings(
    max_examples=EXAMPLES_MAX,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
def test_every_operation_keeps_to_its_description(
    case: Any, token: str, one_connection: None
) -> None:
    case.call_and_validate(
        headers={"Authorization": f"Bearer {token}"},
        checks=[
            not_a_server_error,
            content_type_conformance,
            negative_data_rejection,
            response_headers_conformance,
            response_schema_conformance,
            status_code_conformance,
            unsupported_method,
        ],
    )


def test_description_is_openapi_three_one(client: Client, token: str) -> None:
    answer = client.get(SCHEMA, headers={"authorization": f"Bearer {token}"})
    body = answer.json()
    assert body["openapi"].startswith("3.1")
    assert "/api/v1/lots" in body["paths"]


def test_every_operation_names_its_problems(client: Client, token: str) -> None:
    body = client.get(SCHEMA, headers={"authorization": f"Bearer {token}"}).json()
    problem = {"$ref": "#/components/schemas/Problem"}
    for path in body["paths"].values():
        for operation in path.values():
            content = operation["responses"]["default"]["content"]
            assert content == {"application/problem+json": {"schema": problem}}


def test_stranger_is_not_told_the_description(client: Client, db: None) -> None:
    assert client.get(SCHEMA).status_code == 401
