"""What must begin in time, on its board and on the page of the lot."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from lots.domain.words import VersionState
from lots.models import Lot, QueueLimit
from lots.services import move_lot
from lots.tests.making import command as at
from lots.tests.making import counted_lot
from lots.tests.routing import draft_version
from operations.selectors.lots import lot_by_code
from operations.selectors.queues import LOTS_MAX, queue_board, waits_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]

HOUR = timedelta(hours=1)


@pytest.fixture
def lot(reference: None) -> Lot:
    """It left RCV an hour after T0 and must begin at TRAY within 24; at SFT it waits 4 at most."""
    steps: list[dict[str, Any]] = [
        {"code": "RCV"},
        {"code": "SFT", "queue_hours_max": 4},
        {"code": "TRAY"},
    ]
    version = draft_version("D", *steps)
    first, _, last = version.steps.order_by("sequence")
    QueueLimit.objects.create(route_version=version, from_step=first, to_step=last, hours_max=24)
    version.state, version.released_at = VersionState.RELEASED, timezone.now()
    version.save()
    lot = counted_lot()
    move_lot(lot=lot, to_step=version.steps.get(code="SFT"), command=at(hours=1))
    return lot_by_code("N1")


def test_both_limits_run_and_what_ends_first_comes_first(lot: Lot) -> None:
    now = lot.step_entered_at + 10 * HOUR
    waits = waits_of(lot, now)
    assert [(one.from_code, one.to_code, one.hours_left) for one in waits] == [
        ("", "SFT", -6),
        ("RCV", "TRAY", 14),
    ]
    board = queue_board(now)
    assert [(one.to_code, one.is_over) for one in board.waits] == [("SFT", True), ("TRAY", False)]
    assert (board.over_count, board.is_cut) == (1, False)
    assert LOTS_MAX > 2


def test_what_is_overdue_says_so_on_both_pages(lot: Lot, as_role: Callable[[str], Client]) -> None:
    client = as_role("Operator")
    for address in ("/queue-times", "/lots/N1"):
        page = client.get(address).content.decode()
        assert page.count("Overdue") == 2
        assert "end of RCV" in page
        assert "arrival at SFT" in page


def test_the_traveller_says_by_when_to_start(lot: Lot, as_role: Callable[[str], Client]) -> None:
    page = as_role("Operator").get("/lots/N1/traveller").content.decode()
    assert "start within 24 h of leaving RCV" in page


def test_a_lot_without_a_limit_has_no_queue_time(as_role: Callable[[str], Client]) -> None:
    counted_lot("N2")
    client = as_role("Operator")
    assert "Queue time</h2>" not in client.get("/lots/N2").content.decode()
    assert "No lot waits under a limit" in client.get("/queue-times").content.decode()


def test_the_api_says_until_when(lot: Lot, as_role: Callable[[str], Client]) -> None:
    (told,) = as_role("Operator").get("/api/v1/lots/N1").json()["queue_times"]
    assert (told["from_step"], told["to_step"], told["hours_max"]) == ("RCV", "TRAY", 24)
    assert told["until"] == "2025-03-02T09:00:00Z"


def test_the_board_leads_to_where_limits_are_set(as_role: Callable[[str], Client]) -> None:
    text = as_role("Quality").get("/queue-times").content.decode()
    assert 'href="/admin/lots/routeversion/">Where limits are set</a>' in text
