from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from knox.models import AuthToken
from pytest_django import Settings

from finance.models import LedgerRead
from finance.selectors.reading import wait_before_reading
from finance.services import post_events
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


def test_a_minute_later_one_may_read_again(reader: Client) -> None:
    reader.get(LEDGER)
    read = LedgerRead.objects.get()
    before = read.read_at + timedelta(seconds=59)
    assert wait_before_reading(read.reader, before, 1) == timedelta(seconds=1)
    assert wait_before_reading(read.reader, before + timedelta(seconds=1), 1) is None
    assert wait_before_reading(read.reader, before, 2) is None
