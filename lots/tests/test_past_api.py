"""The past by the API, and the ledger as a stream that one can wait at."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from threading import BoundedSemaphore, Thread
from time import monotonic

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client

from lots.api import waiting
from lots.domain.commands import Selection
from lots.services import move_lot, scrap_units
from lots.tests.making import T0, again, command, counted_lot, hold, step
from tests.kept_rows import load_kept


@pytest.fixture
def api(client: Client, db: None) -> Client:
    load_kept("lots")
    client.force_login(User.objects.create_superuser("reader"))
    return client


def test_a_list_as_known_at_an_event(api: Client) -> None:
    lot = counted_lot("N1", quantity=6)
    scrap_units(lot=lot, selection=Selection(2), command=command(reason="handling"))
    counted_lot("N2")
    (row,) = api.get("/api/v1/lots?as_of_seq=1").json()["results"]
    assert (row["code"], row["quantity"], row["last_seq"], row["step"]) == ("N1", 6, 1, "RCV")


def test_a_lot_as_it_happened_by_a_time(api: Client) -> None:
    lot = counted_lot("N1", quantity=6)
    scrap_units(lot=lot, selection=Selection(2), command=command(hours=9, reason="handling"))
    asked = {"happened_by": (T0 + timedelta(hours=1)).isoformat()}
    assert api.get("/api/v1/lots/N1", asked).json()["quantity"] == 6
    asked = {"happened_by": (T0 + timedelta(hours=9)).isoformat()}
    assert api.get("/api/v1/lots/N1", asked).json()["quantity"] == 4


def test_filters_speak_of_that_moment(api: Client) -> None:
    lot = counted_lot("N1")
    hold(lot)
    move_lot(lot=again(counted_lot("N2")), to_step=step("D", "SFT"), command=command())
    codes = [
        [row["code"] for row in api.get(f"/api/v1/lots?as_of_seq={query}").json()["results"]]
        for query in ("4&step=SFT", "3&step=SFT", "4&on_hold=true", "1&on_hold=true")
    ]
    assert codes == [["N2"], [], ["N1"], []]


def test_a_past_list_is_read_page_by_page(api: Client) -> None:
    for number in range(5):
        counted_lot(f"N{number}")
    address, seen = "/api/v1/lots?as_of_seq=4&limit=3", []
    while address:
        body = api.get(address).json()
        seen += [row["code"] for row in body["results"]]
        address = body["next"]
    assert seen == ["N3", "N2", "N1", "N0"]


def test_balances_now_and_then(api: Client) -> None:
    counted_lot("N1", quantity=6)
    counted_lot("N2", quantity=4)
    (now,) = api.get("/api/v1/balances").json()["results"]
    (then,) = api.get("/api/v1/balances?as_of_seq=1").json()["results"]
    assert (now["lot_count"], now["quantity"]) == (2, 10)
    assert (then["lot_count"], then["quantity"], then["unit_of_measure"]) == (1, 6, "switch")


@pytest.mark.parametrize(
    "query",
    [
        "as_of_seq=1&happened_by=2026-03-02T14:05:00Z",
        "as_of_seq=2",
        "as_of_seq=-1",
        "happened_by=2026-03-02",
        "as_of_seq=1&cursor=x",
        "as_of_seq=1&state=lost",
    ],
)
def test_moments_that_cannot_be_are_refused(query: str, api: Client) -> None:
    counted_lot("N1")
    answer = api.get(f"/api/v1/lots?{query}")
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")


def test_an_unborn_lot_is_missing(api: Client) -> None:
    counted_lot("N1")
    counted_lot("N2")
    assert api.get("/api/v1/lots/N2?as_of_seq=1").status_code == 404


def test_the_stream_says_where_the_ledger_stands(api: Client) -> None:
    for number in range(3):
        counted_lot(f"N{number}")
    heads = [
        api.get(f"/api/v1/events?after_seq={after}&limit=2")["X-Head-Seq"] for after in (0, 2, 3)
    ]
    assert heads == ["3", "3", "3"]


@pytest.mark.parametrize("wait", ["26", "-1", "x", "1.5"])
def test_a_wait_is_bounded(wait: str, api: Client) -> None:
    assert api.get(f"/api/v1/events?wait={wait}").status_code == 400


def test_nobody_waits_inside_a_transaction(api: Client) -> None:
    start = monotonic()
    assert api.get("/api/v1/events?wait=25").json()["results"] == []
    assert monotonic() - start < 5


@pytest.fixture
def fast(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(waiting, "POLL_SECONDS", 0.02)
    yield


@pytest.mark.django_db(transaction=True)
def test_a_reader_at_the_end_gets_the_next_event_as_it_comes(api: Client, fast: None) -> None:
    counted_lot("N1")
    began: list[bool] = []

    def write() -> None:
        began.append(connection.in_atomic_block)
        counted_lot("N2")
        connection.close()

    writer = Thread(target=write)
    writer.start()
    body = api.get("/api/v1/events?after_seq=1&wait=20").json()
    writer.join()
    assert [row["seq"] for row in body["results"]] == [2]
    assert began == [False]


@pytest.mark.django_db(transaction=True)
def test_a_wait_without_news_ends_in_an_empty_page(api: Client, fast: None) -> None:
    counted_lot("N1")
    answer = api.get("/api/v1/events?after_seq=1&wait=1")
    assert (answer.json()["results"], answer["X-Head-Seq"]) == ([], "1")


@pytest.mark.django_db(transaction=True)
def test_too_many_waiters_are_answered_at_once(
    api: Client, fast: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting, "_places", BoundedSemaphore(0))
    start = monotonic()
    assert api.get("/api/v1/events?after_seq=0&wait=25").status_code == 200
    assert monotonic() - start < 5
