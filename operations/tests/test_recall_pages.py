"""A recall on its pages: asked, seen before it is kept, followed and ended."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from operations.models import RecallCase
from operations.selectors import recall_cases
from operations.tests.line import Line
from supplychain.base.sheets import BYTE_ORDER_MARK

pytestmark = pytest.mark.django_db


@pytest.fixture
def client_of(line: Line, as_role: Callable[[str], Client]) -> Client:
    return as_role("Administrator")


def text_of(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


@pytest.fixture
def case(client_of: Client) -> RecallCase:
    posted = {"names": "AQ17", "title": "Underfill", "reason": "Voids", "go": "open", "op_key": "k"}
    answer = client_of.post("/recalls/new?origin=lot", posted)
    assert answer["Location"] == "/recalls/R-1"
    return RecallCase.objects.get()


def test_a_second_click_lands_on_the_same_case(client_of: Client, case: RecallCase) -> None:
    posted = {"names": "AQ17", "title": "Underfill", "reason": "Voids", "go": "open"}
    again = client_of.post("/recalls/new?origin=lot", {**posted, "op_key": "k"})
    assert again["Location"] == "/recalls/R-1"
    other = client_of.post("/recalls/new?origin=lot", {**posted, "op_key": "k", "title": "Lid"})
    assert other.status_code == 409
    assert RecallCase.objects.count() == 1
    client_of.post("/recalls/new?origin=lot", {**posted, "op_key": "l"})
    assert RecallCase.objects.count() == 2


def test_every_form_has_a_key_of_its_own(client_of: Client) -> None:
    keys = {
        text_of(client_of.get("/recalls/new")).split('name="op_key" value="')[1].split('"')[0]
        for _ in range(2)
    }
    assert len(keys) == 2


def test_without_a_key_nothing_is_opened(client_of: Client) -> None:
    posted = {"names": "AQ17", "title": "Underfill", "reason": "Voids", "go": "open"}
    assert "Open the case" in text_of(client_of.post("/recalls/new?origin=lot", posted))
    assert not RecallCase.objects.exists()


def test_a_preview_keeps_nothing(client_of: Client) -> None:
    answer = client_of.post("/recalls/new?origin=lot", {"names": "AQ17", "go": "try"})
    assert "8 deployed chips in 1 rack" in text_of(answer)
    assert "Open the case" in text_of(answer)
    assert not RecallCase.objects.exists()


@pytest.mark.parametrize("origin", ["lot", "wafer", "zone", "tester", "oven", "serials"])
def test_every_origin_has_its_form(origin: str, client_of: Client) -> None:
    assert "See what it reaches" in text_of(client_of.get(f"/recalls/new?origin={origin}"))


def test_an_origin_can_come_with_the_address(client_of: Client) -> None:
    page = text_of(client_of.get("/recalls/new?origin=oven&load=7&board=BIB-01"))
    assert 'value="7"' in page
    assert 'value="BIB-01"' in page


@pytest.mark.parametrize(
    ("address", "posted", "status", "told"),
    [
        ("lot", {"names": "NONE"}, 404, "There is no lot NONE"),
        ("lot", {"names": ""}, 200, "This field is required"),
        ("lot", {"names": "AQ17", "go": "open", "op_key": "k"}, 200, "This field is required"),
        ("tester", {"equipment": "T", "since": "x", "until": ""}, 200, "Enter a valid date"),
        (
            "tester",
            {"equipment": "T", "since": "2026-03-02T10:00", "until": "2026-03-01T10:00"},
            200,
            "until must be after since",
        ),
        ("nowhere", {}, 404, "cannot start from nowhere"),
    ],
)
def test_what_cannot_be_asked_is_told(
    address: str, posted: dict[str, str], status: int, told: str, client_of: Client
) -> None:
    answer = client_of.post(f"/recalls/new?origin={address}", posted)
    assert answer.status_code == status
    assert told in text_of(answer)


def test_the_case_page_shows_what_is_exposed_where(client_of: Client, case: RecallCase) -> None:
    page = text_of(client_of.get("/recalls/R-1"))
    assert "16 of 16" in page
    assert "Deployed: 8 packages exposed, 0 settled" in page
    assert "PDX1, rack RK-0007, slot 1" in page
    assert "lot AQ17, step BI" in page


def test_the_case_page_tells_totals_of_what_it_cuts(
    client_of: Client, case: RecallCase, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recall_cases, "ROWS_MAX", 1)
    for place, item in enumerate(case.items.filter(place="deployed").order_by("id")[:2]):
        item.ultraserver = line.server_lot.units.order_by("id")[place]
        item.save()
    page = text_of(client_of.get("/recalls/R-1"))
    assert "<dt>UltraServers losing completeness</dt><dd>2</dd>" in page
    assert "UltraServers losing completeness (2)" in page


def test_the_list_of_cases_counts_what_is_left(client_of: Client, case: RecallCase) -> None:
    page = text_of(client_of.get("/recalls"))
    assert "Underfill" in page
    assert "R-1" in page


def test_ticked_items_are_settled_with_a_reason(client_of: Client, case: RecallCase) -> None:
    ids = list(case.items.values_list("id", flat=True)[:3])
    posted = {"pick": ids, "scope": "picked", "reason": "Use as is"}
    answer = client_of.post("/recalls/R-1/settle?place=wip", posted, follow=True)
    assert "3 settled." in text_of(answer)
    assert answer.redirect_chain == [("/recalls/R-1?place=wip", 302)]
    page = text_of(client_of.get("/recalls/R-1?state=settled"))
    assert "Use as is" in page
    assert "3 fit" in page


def test_what_was_not_ticked_is_not_settled(client_of: Client, case: RecallCase) -> None:
    posted = {"pick": ["²", "9" * 30], "reason": "Retested"}
    answer = client_of.post("/recalls/R-1/settle", posted, follow=True)
    assert answer.status_code < 500
    assert not case.items.filter(settled_at__isnull=False).exists()


def test_all_that_fit_a_filter_are_settled_at_once(client_of: Client, case: RecallCase) -> None:
    posted = {"scope": "all", "reason": "Retested"}
    answer = client_of.post("/recalls/R-1/settle?place=deployed", posted, follow=True)
    assert "8 settled." in text_of(answer)


def test_settling_needs_a_reason(client_of: Client, case: RecallCase) -> None:
    answer = client_of.post("/recalls/R-1/settle", {"scope": "all"})
    assert (answer.status_code, "1 answer cannot be taken" in text_of(answer)) == (400, True)
    assert not case.items.filter(settled_at__isnull=False).exists()


def test_a_case_is_closed_on_its_page_only_at_zero(client_of: Client, case: RecallCase) -> None:
    answer = client_of.post("/recalls/R-1/close", {"conclusion": "No failure"})
    assert (answer.status_code, "still exposes 16" in text_of(answer)) == (422, True)
    client_of.post("/recalls/R-1/settle?state=all", {"scope": "all", "reason": "ok"})
    answer = client_of.post("/recalls/R-1/close", {"conclusion": "No failure"}, follow=True)
    assert "R-1 is closed." in text_of(answer)
    assert "No failure" in text_of(answer)


def test_a_case_is_drawn_up_again_and_cancelled(client_of: Client, case: RecallCase) -> None:
    answer = client_of.post("/recalls/R-1/refresh", follow=True)
    assert "0 joined, 0 settled by themselves" in text_of(answer)
    answer = client_of.post("/recalls/R-1/cancel", {"conclusion": "Wrong lot"}, follow=True)
    assert "R-1 is cancelled." in text_of(answer)
    assert client_of.post("/recalls/R-1/melt").status_code == 404
    assert client_of.get("/recalls/R-1/close")["Location"] == "/recalls/R-1"


def test_the_list_is_a_file_too(client_of: Client, case: RecallCase) -> None:
    case.items.update(settlement="=1+1", settled_at=case.opened_at)
    answer = client_of.get("/recalls/R-1/items.csv")
    body = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    assert body.startswith(BYTE_ORDER_MARK.encode())
    lines = body.decode("utf-8-sig").splitlines()
    assert lines[0].startswith("recall,serial,lot,kind")
    assert len(lines) == 17
    assert lines[1].endswith("'=1+1")


def test_who_may_only_look_cannot_act(
    line: Line, case: RecallCase, as_role: Callable[[str], Client]
) -> None:
    auditor = as_role("Auditor")
    assert auditor.get("/recalls/R-1").status_code == 200
    assert auditor.post("/recalls/R-1/refresh").status_code == 403
    posted = {"names": "AQ17", "title": "a", "reason": "b", "go": "open", "op_key": "k"}
    assert auditor.post("/recalls/new?origin=lot", posted).status_code == 403


@pytest.mark.parametrize(
    ("address", "queries"), [("/recalls", 5), ("/recalls/R-1", 12), ("/recalls/R-1?q=T3", 12)]
)
def test_pages_of_recalls_take_a_fixed_number_of_queries(
    address: str,
    queries: int,
    client_of: Client,
    case: RecallCase,
    django_assert_num_queries: Any,
) -> None:
    with django_assert_num_queries(queries):
        assert client_of.get(address).status_code == 200


def test_unknown_cases_are_not_found(client_of: Client) -> None:
    assert client_of.get("/recalls/R-9").status_code == 404
