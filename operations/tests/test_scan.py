"""From a scanner to the right page, and the sheet that is scanned."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from operations.tests.line import Line

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("code", "place"),
    [
        ("W7Q3", "/lots/W7Q3"),
        ("w7q3", "/lots/W7Q3"),
        ("]C1W7Q2-02", "/wafers/W7Q2-02"),
        ("]d2010950600013435221T3-26-00001", "/units/T3-26-00001"),
        ("]C110AQ17\x1d21NOT-KNOWN", "/lots/AQ17"),
        ("]Q1RK-0007", "/racks/RK-0007"),
        ("Q-000001", "/issues/Q-000001"),
    ],
)
def test_what_is_scanned_opens_at_once(
    code: str, place: str, line: Line, as_role: Callable[[str], Client]
) -> None:
    answer = as_role("Operator").get("/scan", {"code": code})
    assert answer["Location"] == place


def test_the_box_in_the_head_understands_labels_too(
    line: Line, as_role: Callable[[str], Client]
) -> None:
    answer = as_role("Operator").get("/find", {"q": "]C110AQ17"})
    assert answer["Location"] == "/lots/AQ17"


@pytest.mark.parametrize("code", ["NOPE", "]C110NOPE", "x" * 400])
def test_an_unknown_code_is_said_and_the_box_waits(
    code: str, line: Line, as_role: Callable[[str], Client]
) -> None:
    text = as_role("Operator").get("/scan", {"code": code}).content.decode()
    assert "Nothing here is called" in text
    assert "autofocus" in text


def test_the_scan_page_waits_for_a_code(line: Line, as_role: Callable[[str], Client]) -> None:
    assert "Nothing here" not in as_role("Auditor").get("/scan").content.decode()


def test_a_role_is_not_led_to_what_it_may_not_see(
    line: Line, as_role: Callable[[str], Client]
) -> None:
    text = as_role("Finance").get("/scan", {"code": "Q-000001"}).content.decode()
    assert "Nothing here is called" in text
