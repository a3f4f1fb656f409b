"""Pages when there is nothing to show."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from lots.models import Product
from operations.tests.line import engineering_lot
from quality.models import LedgerCursor

pytestmark = pytest.mark.django_db


def test_strangers_are_sent_to_the_sign_in_page(client: Client, db: None) -> None:
    answer = client.get("/")
    assert answer.status_code == 302
    assert answer["Location"] == "/admin/login/?next=/"


def test_every_page_has_an_empty_view(as_role: Callable[[str], Client]) -> None:
    client = as_role("Administrator")
    home = client.get("/").content.decode()
    for words in (
        "Nothing has been looked at yet",
        "No production lot has been tested yet",
        "No lot is in process",
        "No lot is on hold",
        "No active lot is past its due day",
        "Nothing is deployed yet",
        "Every file found its lot and step",
    ):
        assert words in home
    LedgerCursor.objects.create(name="quality", seq=1)
    assert "No open issue" in client.get("/").content.decode()
    assert "No issue fits" in client.get("/issues").content.decode()
    assert "Nothing is deployed yet" in client.get("/sites").content.decode()
    assert "Nothing begins like this" in client.get("/find?q=zzz").content.decode()
    assert "goes straight to its page" in client.get("/find").content.decode()


def test_a_lot_without_results_has_empty_parts(
    reference: None, as_role: Callable[[str], Client]
) -> None:
    engineering_lot("ENG1")
    text = as_role("Auditor").get("/lots/ENG1").content.decode()
    assert "No test results yet" in text
    assert "No results by wafer position" in text
    assert "No issue names this lot" in text
    assert "Engineering" in text


@pytest.mark.parametrize(
    "address",
    [
        "/lots/NONE",
        "/wafers/NONE",
        "/units/NONE",
        "/issues/Q-999999",
        "/sites/NONE",
        "/racks/NONE",
        "/burn-in/999999",
        "/files/none",
        "/lots/NONE/do/move",
        "/issues/Q-999999/resolve",
    ],
)
def test_what_does_not_exist_is_said_plainly(
    address: str, as_role: Callable[[str], Client]
) -> None:
    answer = as_role("Administrator").get(address)
    assert answer.status_code == 404
    assert "Not found" in answer.content.decode()


def test_dies_and_reliability_without_facts_say_where_those_come_from(
    reference: None, as_role: Callable[[str], Client]
) -> None:
    client = as_role("Quality")
    assert "No unit has been burnt in yet" in client.get("/reliability").content.decode()
    page = "/dies?product=TRN3-DIE"
    assert "No yield of this product was counted yet" in client.get(page).content.decode()
    Product.objects.update(die_width_mm=None, die_height_mm=None)
    assert "No product has a die size yet" in client.get(page).content.decode()
