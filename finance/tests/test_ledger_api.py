from __future__ import annotations

import csv
import hashlib
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from finance.api import ledger as api_ledger
from finance.domain.chain import GENESIS, row_sha256
from finance.models import LedgerRead
from finance.services import post_events
from finance.tests.line import moved, shipped, wafer_lot
from finance.tests.readers import LEDGER, body, client_of, ledger_reader, ledger_rows

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ledger")]


@pytest.fixture
def reader(books: None) -> Client:
    return ledger_reader()


@pytest.fixture
def ledger(books: None) -> None:
    lot = shipped(moved(wafer_lot("W1", 2), "FAB", "WAT"), "OSAT1", "RCV", counted=1)
    moved(lot, "BUMP", "CP1", "CP2", "DICE")
    wafer_lot("W2", 3)
    post_events()


def csv_rows(client: Client, **query: str | int) -> list[dict[str, str]]:
    text = body(client.get(LEDGER, {"format": "csv", **query})).decode()
    return list(csv.DictReader(StringIO(text, newline="")))


def as_text(row: dict[str, Any]) -> dict[str, str]:
    words = {"True": "true", "False": "false", "None": ""}
    return {name: words.get(str(value), str(value)) for name, value in row.items()}


def test_csv_equals_json_row_for_row(reader: Client) -> None:
    found = ledger_rows(reader)
    assert len(found) > 10
    assert csv_rows(reader) == [as_text(row) for row in found]


def test_money_and_quantity_are_strings(reader: Client) -> None:
    row = ledger_rows(reader, account="inventory")[0]
    assert (row["quantity"], row["amount"]) == ("2", "39000.000000")


def test_pages_join_to_the_whole_and_end(reader: Client) -> None:
    found, url = [], f"{LEDGER}?limit=4"
    while url:
        page = reader.get(url).json()
        found += page["results"]
        url = page["next"]
    assert found == ledger_rows(reader)


def test_the_link_header_names_the_next_page(reader: Client) -> None:
    response = reader.get(LEDGER, {"limit": "2", "format": "csv"})
    following = response["Link"].removeprefix("<").removesuffix('>; rel="next"')
    body(response)
    assert body(reader.get(following)).splitlines()[1].startswith(b"3,")


def test_the_same_watermark_gives_the_same_bytes_after_more_was_posted(reader: Client) -> None:
    first = reader.get(LEDGER, {"format": "csv"})
    mark, before = first["X-As-Of-Seq"], body(first)
    wafer_lot("W9", 1)
    post_events()
    assert body(reader.get(LEDGER, {"format": "csv", "as_of_seq": mark})) == before
    assert body(reader.get(LEDGER, {"format": "csv"})) != before


def test_an_unchanged_ledger_is_not_sent_again(reader: Client) -> None:
    tag = reader.get(LEDGER)["ETag"]
    assert reader.get(LEDGER, headers={"If-None-Match": tag}).status_code == 304
    wafer_lot("W9", 1)
    post_events()
    assert reader.get(LEDGER, headers={"If-None-Match": tag}).status_code == 200


def test_period_and_account_narrow_the_answer(reader: Client) -> None:
    assert {row["account"] for row in ledger_rows(reader, account="supplier")} == {"supplier"}
    assert len(ledger_rows(reader, period="2026-03")) == len(ledger_rows(reader))
    assert ledger_rows(reader, period="2026-04") == []


def test_accept_header_asks_for_csv(reader: Client) -> None:
    response = reader.get(LEDGER, headers={"Accept": "text/csv"})
    assert body(response).startswith(b"seq,transaction,line,")


def test_csv_lines_end_as_rfc_4180_says(reader: Client) -> None:
    text = body(reader.get(LEDGER, {"format": "csv"}))
    assert text.count(b"\r\n") == text.count(b"\n") == len(ledger_rows(reader)) + 1


def test_a_reader_can_check_the_hash_chain_from_the_csv_alone(reader: Client) -> None:
    previous = GENESIS
    for row in csv_rows(reader):
        *values, sha256 = row.values()
        previous = row_sha256(previous, values)
        assert previous == sha256


@pytest.mark.parametrize(
    "query",
    [
        "lot=W1",
        "limit=0",
        "limit=1000001",
        "limit=x",
        "after_seq=-1",
        "after_seq=99999999999999999999",
        "period=2026-13",
        "account=cash",
        "format=xlsx",
    ],
)
def test_a_wrong_parameter_is_refused_by_name(reader: Client, query: str) -> None:
    response = reader.get(f"{LEDGER}?{query}")
    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["fields"]["parameter"] == query.split("=", maxsplit=1)[0]


def test_a_seq_that_has_not_come_yet_is_missing(reader: Client) -> None:
    assert reader.get(LEDGER, {"as_of_seq": "1000000"}).status_code == 404


def test_json_pages_have_a_bound_of_their_own(
    reader: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api_ledger, "JSON_ROWS_MAX", 3)
    assert len(ledger_rows(reader, limit=1000)) == 3
    assert len(csv_rows(reader)) > 3


def test_a_stranger_is_refused() -> None:
    assert Client().get(LEDGER).status_code == 401


def test_a_user_without_the_right_is_refused() -> None:
    assert client_of(User.objects.create_user("other")).get(LEDGER).status_code == 403


@pytest.mark.parametrize("wanted", ["json", "csv", "csv-excel", "ndjson", "parquet"])
def test_every_read_is_kept_with_watermark_rows_and_hash(reader: Client, wanted: str) -> None:
    response = reader.get(LEDGER, {"format": wanted, "limit": "5"})
    sent = hashlib.sha256(body(response)).hexdigest()
    read = LedgerRead.objects.get()
    assert (read.row_count, read.sha256, read.is_whole) == (5, sent, True)
    assert (read.reader.username, str(read.as_of_seq)) == ("reader", response["X-As-Of-Seq"])


def test_query_count_does_not_grow_with_rows(
    reader: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    reader.get(LEDGER)
    with django_assert_num_queries(8):
        ledger_rows(reader)
