"""Dies placed on a wafer and defect densities on their page."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from operations.tests.line import Line

pytestmark = pytest.mark.django_db

AsRole = Callable[[str], Client]


def shown(client: Client, **words: str) -> str:
    answer = client.get("/dies", words)
    assert answer.status_code == 200
    return answer.content.decode()


def test_dies_are_placed_and_densities_told_by_model(line: Line, as_role: AsRole) -> None:
    text = shown(as_role("Quality"), product="TRN3-DIE")
    assert "64 whole dies on a wafer" in text
    assert "A die is 8.580 cm²" in text
    assert "CP1" in text
    assert "Negative binomial, 1/cm²" in text


def test_a_wider_edge_holds_fewer_dies(line: Line, as_role: AsRole) -> None:
    client = as_role("Quality")
    assert "64 whole dies" not in shown(client, product="TRN3-DIE", edge_mm="20")
    assert "Ensure this value is less than" in shown(client, product="TRN3-DIE", edge_mm="400")
