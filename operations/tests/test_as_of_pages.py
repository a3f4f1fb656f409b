"""The past on a page: asked by either clock, with a banner and a way back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from lots.models import Lot
from lots.selectors import head_seq
from operations.tests.line import Line

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


def test_the_lot_page_leads_to_its_past(auditor: Client) -> None:
    assert 'href="/lots/W7Q1/then"' in text_of(auditor.get("/lots/W7Q1"))


@pytest.mark.parametrize("address", ["/lots/then?as_of_seq=5", "/lots/W7Q1/then?as_of_seq=5"])
def test_the_past_takes_few_queries(
    address: str, auditor: Client, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(11):
        assert auditor.get(address).status_code == 200
