from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from knox.models import AuthToken
from pytest_django import Settings

from finance.api import sums
from finance.models import LedgerRead, RunningRead
from finance.services import begin_read, post_events
from finance.tests.line import wafer_lot
from finance.tests.readers import LEDGER, body, ledger_reader

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
SUMS = ["/api/v1/finance/balances", "/api/v1/finance/rollforward?period=2026-03"]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books")]


@pytest.fixture
def reader(books: None) -> Client:
    wafer_lot("W1")
    post_events()
    return ledger_reader()


def test_the_log_names_the_token_but_does_not_hold_it(reader: Client) -> None:
    body(reader.get(LEDGER, {"format": "csv"}))
    token = reader.defaults["HTTP_AUTHORIZATION"].removeprefix("Bearer ")
    key = LedgerRead.objects.get().token_key
    assert key
    assert token.startswith(key)
    assert len(key) < len(token) / 2


@pytest.mark.parametrize("address", SUMS)
def test_sums_are_logged_like_rows(address: str, reader: Client) -> None:
    answer = reader.get(address)
    read = LedgerRead.objects.get()
    assert read.sha256 == hashlib.sha256(answer.content).hexdigest()
    assert (read.row_count, str(read.as_of_seq)) == (
        len(answer.json()["results"]),
        answer["X-As-Of-Seq"],
    )


@pytest.mark.parametrize("address", [LEDGER, *SUMS])
def test_reads_beyond_the_limit_are_told_when_to_come_back(
    address: str, reader: Client, settings: Settings
) -> None:
    settings.LEDGER_READS_A_MINUTE = 2
    assert [reader.get(address).status_code for _ in range(3)] == [200, 200, 429]
    answer = reader.get(address)
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "throttled"
    assert 0 < int(answer["Retry-After"]) <= 61


def test_asking_whether_something_changed_is_free(reader: Client, settings: Settings) -> None:
    settings.LEDGER_READS_A_MINUTE = 3
    held = {"If-None-Match": reader.get(LEDGER)["ETag"]}
    assert {reader.get(LEDGER, headers=held).status_code for _ in range(9)} == {304}


def test_one_reader_does_not_use_up_anothers_limit(reader: Client, settings: Settings) -> None:
    settings.LEDGER_READS_A_MINUTE = 1
    assert [reader.get(LEDGER).status_code for _ in range(2)] == [200, 429]
    other = Client(headers={"Authorization": token_of_another()})
    assert other.get(LEDGER).status_code == 200


def token_of_another() -> str:
    return f"Bearer {AuthToken.objects.create(User.objects.create_superuser('other'))[1]}"


def wait(seconds: int, a_minute: int) -> timedelta | None:
    """Before the reader's next read, so many seconds after the last."""
    read = LedgerRead.objects.latest("id")
    now = read.read_at + timedelta(seconds=seconds)
    return begin_read(reader=read.reader, now=now, a_minute=a_minute).wait


def test_a_minute_later_one_may_read_again(reader: Client) -> None:
    reader.get(LEDGER)
    assert wait(59, 1) == timedelta(seconds=1)
    assert wait(60, 1) is None


def test_reads_that_run_count_beside_those_that_came_to_an_end(reader: Client) -> None:
    reader.get(LEDGER)
    assert wait(1, 2) is None
    assert wait(2, 2) == timedelta(seconds=58)
    assert wait(61, 1) == timedelta(minutes=1)


def test_what_a_dead_process_left_behind_ends_after_ten_minutes(reader: Client) -> None:
    reader.get(LEDGER)
    assert wait(60, 1) is None
    assert wait(659, 1) is not None
    assert wait(660, 1) is None
    assert RunningRead.objects.count() == 1


def test_streams_that_are_open_count(reader: Client, settings: Settings) -> None:
    settings.LEDGER_READS_A_MINUTE = 2
    streams: list[Any] = [reader.get(LEDGER, {"format": "csv"}) for _ in range(20)]
    assert [one.status_code for one in streams] == [200] * 2 + [429] * 18
    assert {one["Content-Type"] for one in streams[2:]} == {"application/problem+json"}
    assert RunningRead.objects.count() == 2
    body(streams[0])
    assert (RunningRead.objects.count(), LedgerRead.objects.count()) == (1, 1)
    assert reader.get(LEDGER).status_code == 429


@pytest.mark.parametrize("query", [{"limit": "0"}, {"format": "csv", "as_of_seq": "999999"}])
def test_what_is_refused_runs_no_longer(query: dict[str, str], reader: Client) -> None:
    assert reader.get(LEDGER, query).status_code in {400, 404}
    assert not RunningRead.objects.exists()
    assert not LedgerRead.objects.exists()


def test_what_breaks_off_runs_no_longer(reader: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sums, "balances", lambda *_: 1 // 0)
    reader.raise_request_exception = False
    assert reader.get(SUMS[0]).status_code == 500
    assert not RunningRead.objects.exists()
