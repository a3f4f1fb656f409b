"""The past on a page: asked by either clock, with a banner and a way back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from lots.models import Genealogy, Lot
from lots.selectors import head_seq
from lots.services import correct_event, move_lot
from operations.tests.line import Line, command

pytestmark = pytest.mark.django_db


@pytest.fixture
def auditor(line: Line, as_role: Callable[[str], Client]) -> Client:
    return as_role("Auditor")


def text_of(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def test_a_lot_as_known_at_an_event_has_a_banner_and_a_way_back(auditor: Client) -> None:
    page = text_of(auditor.get("/lots/W7Q1/then?as_of_seq=1"))
    assert "As known at event 1<" in page
    assert "3 wafers" in page
    assert "START" in page
    assert 'href="/lots/W7Q1"' in page


def test_a_lot_as_it_happened_by_a_time(auditor: Client, line: Line) -> None:
    page = text_of(auditor.get("/lots/W7Q1/then?happened_by=2026-01-05T09:30"))
    assert "As it happened by" in page
    assert "CP1" in page


def test_lots_and_balances_as_they_stood(auditor: Client) -> None:
    page = text_of(auditor.get("/lots/then?as_of_seq=1"))
    assert "W7Q1" in page
    assert "W7Q2" not in page
    assert 'href="/lots/W7Q1/then?as_of_seq=1"' in page
    page = text_of(auditor.get(f"/lots/then?as_of_seq={head_seq()}&q=W7&step=CP1"))
    assert "W7Q2" in page
    assert "Edge ring at CP1" in page


def test_without_a_moment_there_is_only_the_question(auditor: Client) -> None:
    assert "The ledger is at event" in text_of(auditor.get("/lots/then"))
    assert "The ledger is at event" in text_of(auditor.get("/lots/W7Q1/then"))


def test_older_lots_are_on_the_next_page(auditor: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("operations.selectors.as_of.LOTS_A_PAGE", 1)
    newest = Lot.objects.order_by("-id")[0]
    page = text_of(auditor.get(f"/lots/then?as_of_seq={head_seq()}"))
    assert f"before={newest.pk}" in page
    page = text_of(auditor.get(f"/lots/then?as_of_seq={head_seq()}&before={newest.pk}"))
    assert f'href="/lots/{newest.code}/then' not in page


@pytest.mark.parametrize(
    ("address", "status", "told"),
    [
        ("/lots/W7Q1/then?as_of_seq=1&happened_by=2026-01-05T09:30", 200, "not both"),
        ("/lots/W7Q1/then?as_of_seq=999999", 400, "ask for one up to it"),
        ("/lots/W7Q3/then?as_of_seq=1", 404, "was not there yet"),
        ("/lots/then?as_of_seq=x", 200, "Enter a whole number"),
        ("/lots/NONE/then", 404, "There is no lot NONE"),
    ],
)
def test_moments_that_cannot_be_are_told(
    address: str, status: int, told: str, auditor: Client
) -> None:
    answer = auditor.get(address)
    assert (answer.status_code, told in text_of(answer)) == (status, True)


@pytest.mark.parametrize("address", ["/lots/then", "/lots/W7Q1/then"])
def test_beyond_the_head_there_is_a_way_to_it(address: str, auditor: Client) -> None:
    page = text_of(auditor.get(f"{address}?as_of_seq=99999"))
    head = head_seq()
    assert f"The ledger is at event {head}" in page
    assert f'href="?as_of_seq={head}"' in page
    assert 'name="as_of_seq"' in page
    assert auditor.get(f"{address}?as_of_seq={head}").status_code == 200


def test_events_of_the_past_say_why_and_whether_they_count(auditor: Client, line: Line) -> None:
    lot = Lot.objects.get(code="W7Q2")
    held = lot.events.get(verb="hold")
    page = text_of(auditor.get(f"/lots/W7Q2/then?as_of_seq={held.seq}"))
    assert "<td>Edge ring at CP1</td>" in page
    assert "does not count" not in page
    moved = Lot.objects.get(code="W7Q3")
    fab = moved.route_version.steps.get(code="FAB")
    event = move_lot(lot=moved, to_step=fab, command=command(1))
    undone = correct_event(event=event, command=command(0, reason="wrong lot"))
    then = text_of(auditor.get(f"/lots/W7Q3/then?as_of_seq={event.seq}"))
    assert f"taken back later, by {undone.seq}" in then
    for moment in (f"as_of_seq={undone.seq}", "happened_by=2026-03-02T09:30"):
        later = text_of(auditor.get(f"/lots/W7Q3/then?{moment}"))
        assert f"taken back by {undone.seq}: it does not count" in later
        assert f"takes back move, event {event.seq}" in later


def test_a_genealogy_is_told_as_known_at_an_event(auditor: Client, line: Line) -> None:
    edge = Genealogy.objects.filter(parent__lot=line.server_lot).earliest("id")
    serial = edge.parent.serial
    built = edge.opened_by.seq
    page = text_of(auditor.get(f"/units/{serial}/genealogy"))
    assert 'name="as_of_seq"' in page
    assert edge.child.serial in page
    before = text_of(auditor.get(f"/units/{serial}/genealogy?as_of_seq={built - 1}"))
    assert f"As known at event {built - 1:,}" in before.replace("\u202f", ",")
    assert edge.child.serial not in before
    assert edge.child.serial in text_of(auditor.get(f"/units/{serial}/genealogy?as_of_seq={built}"))
    csv = auditor.get(f"/units/{serial}/genealogy.csv?as_of_seq={built - 1}").content.decode()
    assert edge.child.serial not in csv


def test_a_genealogy_beyond_the_head_leads_to_it(auditor: Client, line: Line) -> None:
    unit = line.server_lot.units.earliest("id")
    answer = auditor.get(f"/units/{unit.serial}/genealogy?as_of_seq=99999")
    assert answer.status_code == 400
    assert f'href="?as_of_seq={head_seq()}"' in text_of(answer)
    wrong = text_of(auditor.get(f"/units/{unit.serial}/genealogy?as_of_seq=x"))
    assert "Enter a whole number" in wrong


def test_the_lot_page_leads_to_its_past(auditor: Client) -> None:
    assert 'href="/lots/W7Q1/then"' in text_of(auditor.get("/lots/W7Q1"))


@pytest.mark.parametrize("address", ["/lots/then?as_of_seq=5", "/lots/W7Q1/then?as_of_seq=5"])
def test_the_past_takes_few_queries(
    address: str, auditor: Client, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(11):
        assert auditor.get(address).status_code == 200
