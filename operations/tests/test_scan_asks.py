"""A scan asks before it takes a lot on its way against what speaks against it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from lots.models import Event, Lot
from lots.services import track_in
from operations.tests.line import Line, command, engineering_lot
from operations.tests.test_scan import scan

pytestmark = pytest.mark.django_db
ISSUE = "Bin 5 above its limit"


@pytest.fixture
def at_work(line: Line) -> Lot:
    """W7Q1, being worked on for long, with an open issue."""
    track_in(lot=Lot.objects.get(code="W7Q1"), command=command(1))
    earlier = timezone.now() - timedelta(minutes=5)
    Lot.objects.filter(code="W7Q1").update(tracked_in_at=earlier)
    return Lot.objects.get(code="W7Q1")


def asked_in(text: str) -> str:
    found = re.search(r'name="asked" value="([^"]+)"', text)
    assert found is not None, "the page asks nothing"
    return found[1]


def outs() -> int:
    return Event.objects.filter(lot__code="W7Q1", verb="track-out").count()


@pytest.mark.parametrize("turn", ["both", "out"])
def test_a_lot_with_an_open_issue_is_not_tracked_out_at_once(
    at_work: Lot, as_role: Callable[[str], Client], turn: str
) -> None:
    text = scan(as_role("Operator"), "W7Q1", turn=turn)
    assert ISSUE in text
    assert "Scan W7Q1 once more, or press Enter" in text
    assert outs() == 0


@pytest.mark.parametrize("again", ["W7Q1", "]C110w7q1", ""])
def test_a_second_scan_or_enter_alone_confirms(
    at_work: Lot, as_role: Callable[[str], Client], again: str
) -> None:
    client = as_role("Operator")
    asked = asked_in(scan(client, "W7Q1"))
    assert "W7Q1 tracked out of DICE." in scan(client, again, asked=asked)
    assert outs() == 1


def test_another_scan_leaves_the_first_lot_where_it_is(
    at_work: Lot, as_role: Callable[[str], Client]
) -> None:
    client = as_role("Operator")
    engineering_lot("ENG1")
    asked = asked_in(scan(client, "W7Q1"))
    text = scan(client, "ENG1", asked=asked)
    assert "ENG1 tracked in at ENG." in text
    assert 'name="asked"' not in text
    assert outs() == 0


def test_an_answer_to_a_lot_that_changed_since_is_asked_anew(
    at_work: Lot, as_role: Callable[[str], Client]
) -> None:
    client = as_role("Operator")
    asked = asked_in(scan(client, "W7Q1"))
    Lot.objects.filter(code="W7Q1").update(version=at_work.version + 1)
    assert ISSUE in scan(client, "", asked=asked)
    assert outs() == 0


def test_a_confirmed_scan_sent_twice_tracks_out_once(
    at_work: Lot, as_role: Callable[[str], Client]
) -> None:
    client = as_role("Operator")
    asked = asked_in(scan(client, "W7Q1", turn="out"))
    for _ in range(2):
        text = scan(client, "W7Q1", asked=asked, turn="out", op_key="scan:1")
        assert "W7Q1 tracked out of DICE." in text
    assert outs() == 1


def test_a_lot_without_warnings_goes_at_one_scan(
    line: Line, as_role: Callable[[str], Client]
) -> None:
    client = as_role("Operator")
    engineering_lot("ENG1")
    scan(client, "ENG1")
    Lot.objects.filter(code="ENG1").update(tracked_in_at=timezone.now() - timedelta(minutes=5))
    assert "ENG1 tracked out of ENG." in scan(client, "ENG1")


def test_every_scan_has_its_undo_for_who_may(line: Line, as_role: Callable[[str], Client]) -> None:
    client = as_role("Administrator")
    engineering_lot("ENG1")
    text = scan(client, "ENG1")
    event = Event.objects.filter(lot__code="ENG1").latest("seq")
    link = f'href="/lots/ENG1/do/correct?event={event.pk}"'
    assert text.count(link) == 2, "beside the message and in the list"
    lot = Lot.objects.get(code="ENG1")
    answers = {"op_key": "page:1", "expected_version": lot.version, "event": event.pk,
               "reason": "wrong lot", "comment": "", "go": "do"}  # fmt: skip
    assert client.post("/lots/ENG1/do/correct", answers).status_code == 302
    text = client.get("/scan/track").content.decode()
    assert link not in text
    assert "taken back" in text


def test_who_may_not_correct_is_told_who_can(line: Line, as_role: Callable[[str], Client]) -> None:
    client = as_role("Operator")
    engineering_lot("ENG1")
    text = scan(client, "ENG1")
    assert "do/correct" not in text
    assert "by whoever may correct events" in text
