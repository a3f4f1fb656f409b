"""From a scanner to the right page, and the sheet that is scanned."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone

from lots.models import Lot
from operations.tests.line import Line, engineering_lot

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
    Permission.objects.get(codename="view_issue").group_set.clear()
    text = as_role("Finance").get("/scan", {"code": "Q-000001"}).content.decode()
    assert "Nothing here is called" in text


def scan(client: Client, code: str, **rest: str) -> str:
    answer = client.post("/scan/track", {"code": code, **rest}, follow=True)
    return answer.content.decode()


def test_lots_are_tracked_in_and_out_by_scanner_alone(
    line: Line, as_role: Callable[[str], Client]
) -> None:
    client = as_role("Operator")
    engineering_lot("ENG1")
    assert 'value="UF3000-2"' in scan(client, "UF3000-2")
    text = scan(client, "]C110ENG1", equipment="UF3000-2")
    assert "ENG1 tracked in at ENG." in text
    assert Lot.objects.get(code="ENG1").equipment == "UF3000-2"
    assert "was tracked in a moment ago" in scan(client, "eng1")
    later = timezone.now() - timedelta(minutes=5)
    Lot.objects.filter(code="ENG1").update(tracked_in_at=later)
    assert "ENG1 tracked out of ENG." in scan(client, "ENG1")
    assert scan(client, "W7Q3").count("Track out") >= 2


def test_a_scan_sent_twice_tracks_once(line: Line, as_role: Callable[[str], Client]) -> None:
    client = as_role("Operator")
    engineering_lot("ENG1")
    for _ in range(2):
        scan(client, "ENG1", op_key="scan:1", turn="in")
    assert Lot.objects.get(code="ENG1").events.filter(verb="track-in").count() == 1


def test_a_refusal_or_an_unknown_label_is_said_and_the_box_waits(
    line: Line, as_role: Callable[[str], Client]
) -> None:
    client = as_role("Operator")
    text = scan(client, "W7Q2", turn="out")
    assert "Edge ring at CP1" in text
    assert "autofocus" in text
    assert "No lot and no equipment is called" in scan(client, "NOPE", turn="sideways")
    assert "Nothing was tracked by scanner yet" in scan(client, "")


def test_only_who_may_track_sees_the_page(line: Line, as_role: Callable[[str], Client]) -> None:
    client = as_role("Auditor")
    assert client.get("/scan/track").status_code == 403
    assert "scan/track" not in client.get("/scan").content.decode()
