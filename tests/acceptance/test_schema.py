"""The description of the API validates without a warning and says what each operation is for."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from supplychain.base.api import StrictQueryMixin


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    out = StringIO()
    call_command(
        "spectacular", "--validate", "--fail-on-warn", "--format", "openapi-json", stdout=out
    )
    found: dict[str, Any] = json.loads(out.getvalue())
    return found


def operations(described: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        f"{method} {path}": operation
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
    }


def test_description_validates_as_openapi_three_one(described: dict[str, Any]) -> None:
    assert described["openapi"] == "3.1.0"


def test_every_operation_has_a_summary(described: dict[str, Any]) -> None:
    silent = {key for key, one in operations(described).items() if not one.get("summary")}
    assert silent == set()


def test_no_operation_is_described_by_how_it_is_built(described: dict[str, Any]) -> None:
    ours = str(StrictQueryMixin.__doc__).strip()[:40]
    told = {key for key, one in operations(described).items() if ours in one.get("description", "")}
    assert told == set()


def test_money_is_described_as_text(described: dict[str, Any]) -> None:
    row = described["components"]["schemas"]["LedgerRow"]["properties"]
    assert {row[name]["type"] for name in ["amount", "quantity"]} == {"string"}
