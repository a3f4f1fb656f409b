from __future__ import annotations

import csv
import hashlib
import json
from decimal import Decimal
from io import BytesIO, StringIO
from typing import Any

import psycopg
import pyarrow.parquet as pq  # type: ignore[import-untyped]
import pytest
from django.db import connection
from django.test import Client

from finance.domain.entries import COLUMNS, Entry
from finance.domain.queries import LedgerQuery
from finance.domain.words import ExportFormat
from finance.models import LedgerEntry, LedgerRead
from finance.selectors import ledger_files
from finance.selectors.ledger import ledger_page
from finance.selectors.ledger_files import SCHEMA_VERSION, ledger_file
from finance.services import post_events
from finance.services.writing import append
from finance.tests.line import moved, shipped, wafer_lot
from finance.tests.readers import LEDGER, body, ledger_reader, ledger_rows
from supplychain.base import copying

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ledger")]

NASTY = ['=1+1"', "+a\tb", "-x, y", "@z\\n", "two\nlines", "two\r\nlines", "ring\x01\x7f", "é漢😀"]


@pytest.fixture
def reader(books: None) -> Client:
    return ledger_reader()


@pytest.fixture
def ledger(books: None) -> None:
    """A short line, and lines with texts that a format could trip over."""
    lot = shipped(moved(wafer_lot("W1", 2), "FAB", "WAT"), "OSAT1", "RCV", counted=1)
    moved(lot, "BUMP", "CP1")
    post_events()
    sample = LedgerEntry.objects.exclude(lot=None).latest("seq")
    append([_line(sample, number, text) for number, text in enumerate(NASTY, start=1)], 1)


def _line(sample: LedgerEntry, number: int, text: str) -> Entry:
    given = {name: getattr(sample, name) for name in COLUMNS[:-1] if name not in KEYS}
    given |= {key: getattr(sample, f"{key}_id") for key in KEYS}
    given |= {
        "seq": number, "transaction": 1, "line": number, "op_key": f"{text}:{number}",
        "reason": text, "actor": text, "quantity": 0, "amount": Decimal(0),
    }  # fmt: skip
    return Entry(**given)


KEYS = ["stage", "item", "lot", "cost_version", "custodian", "period"]


def as_text(row: dict[str, Any]) -> dict[str, str]:
    return {name: _text(value) for name, value in row.items()}


def _text(value: object) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def file_of(client: Client, kind: str, **query: str | int) -> bytes:
    response = client.get(LEDGER, {"format": kind, **query})
    assert response.status_code == 200
    return body(response)


def csv_rows(text: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(text.decode("utf-8-sig"), newline="")))


def parquet_rows(content: bytes) -> list[dict[str, str]]:
    rows = pq.read_table(BytesIO(content)).to_pylist()
    for row in rows:
        row["recorded_at"] = f"{row['recorded_at']:%Y-%m-%dT%H:%M:%S.%f}Z"
    return [as_text(row) for row in rows]


def test_ndjson_equals_the_pages_row_for_row(reader: Client) -> None:
    lines = file_of(reader, "ndjson").split(b"\n")
    assert lines.pop() == b""
    assert [json.loads(line) for line in lines] == ledger_rows(reader)


def test_csv_equals_the_pages_row_for_row(reader: Client) -> None:
    found = csv_rows(file_of(reader, "csv"))
    assert found == [as_text(row) for row in ledger_rows(reader)]
    assert [row["reason"] for row in found[-len(NASTY) :]] == NASTY


def test_parquet_equals_csv_row_for_row(reader: Client) -> None:
    assert parquet_rows(file_of(reader, "parquet")) == csv_rows(file_of(reader, "csv"))


def test_parquet_keeps_money_and_quantity_exact(reader: Client) -> None:
    schema = pq.read_schema(BytesIO(file_of(reader, "parquet")))
    assert [str(schema.field(name).type) for name in ("quantity", "amount")] == [
        "decimal128(20, 0)",
        "decimal128(20, 6)",
    ]
    assert schema.metadata[b"schema_version"] == SCHEMA_VERSION.encode()


def test_spreadsheets_get_no_formula_and_numbers_untouched(reader: Client) -> None:
    plain, excel = csv_rows(file_of(reader, "csv")), csv_rows(file_of(reader, "csv-excel"))
    risky = ("=", "+", "-", "@", "\t", "\r")
    numbers = ("quantity", "amount", "seq")
    assert any(row["amount"].startswith("-") for row in excel)
    for before, after in zip(plain, excel, strict=True):
        for name, cell in after.items():
            is_harmed = name not in numbers and before[name].startswith(risky)
            assert cell == ("'" if is_harmed else "") + before[name]
    assert sum(row["reason"].startswith("'") for row in excel) == 4


def test_spreadsheets_are_told_the_encoding(reader: Client) -> None:
    assert file_of(reader, "csv-excel").startswith(b"\xef\xbb\xbfseq,")


@pytest.mark.parametrize("kind", list(ExportFormat))
def test_pieces_of_any_size_join_to_the_same_rows(
    kind: ExportFormat, reader: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = file_of(reader, kind)
    monkeypatch.setattr(ledger_files, "GROUP_ROWS", 3)
    monkeypatch.setattr(ledger_files, "PIECE_LINES", 1)
    again = file_of(reader, kind)
    if kind == ExportFormat.PARQUET:
        assert parquet_rows(again) == parquet_rows(whole)
    else:
        assert again == whole
    assert LedgerRead.objects.latest("id").row_count == LedgerEntry.objects.count()


@pytest.mark.parametrize("kind", list(ExportFormat))
def test_the_same_watermark_gives_the_same_sha256_after_more_was_posted(
    kind: ExportFormat, reader: Client
) -> None:
    first = reader.get(LEDGER, {"format": kind})
    mark, before = first["X-As-Of-Seq"], hashlib.sha256(body(first)).hexdigest()
    moved(wafer_lot("W9", 1), "FAB", "WAT", "RCV")
    post_events()
    after = hashlib.sha256(file_of(reader, kind, as_of_seq=mark)).hexdigest()
    assert after == before
    assert hashlib.sha256(file_of(reader, kind)).hexdigest() != before


@pytest.mark.parametrize("kind", list(ExportFormat))
def test_an_empty_page_is_a_whole_file(kind: ExportFormat, reader: Client) -> None:
    content = file_of(reader, kind, period="2020-01")
    if kind == ExportFormat.PARQUET:
        assert parquet_rows(content) == []
    elif kind == ExportFormat.NDJSON:
        assert content == b""
    else:
        assert csv_rows(content) == []
        assert b"seq,transaction" in content


def test_a_format_has_a_tag_of_its_own(reader: Client) -> None:
    tags = {reader.get(LEDGER, {"format": kind})["ETag"] for kind in [*ExportFormat, "json"]}
    assert len(tags) == 5


@pytest.mark.parametrize("shape", ["{}", "W/{}", '"other", {}', "*"])
def test_what_the_reader_holds_is_not_sent_again(shape: str, reader: Client) -> None:
    tag = reader.head(LEDGER, {"format": "ndjson"})["ETag"]
    query = {"format": "ndjson"}
    held = reader.get(LEDGER, query, headers={"If-None-Match": shape.format(tag)})
    assert (held.status_code, held["ETag"]) == (304, tag)
    assert reader.get(LEDGER, query, headers={"If-None-Match": '"other"'}).status_code == 200


def test_asking_for_the_head_reads_nothing(reader: Client) -> None:
    response = reader.head(LEDGER, {"format": "csv"})
    assert (response.status_code, body(response)) == (200, b"")
    assert not LedgerRead.objects.exists()


@pytest.mark.parametrize("kind", list(ExportFormat))
def test_a_reader_who_hangs_up_frees_the_connection(
    kind: ExportFormat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger_files, "GROUP_ROWS", 3)
    monkeypatch.setattr(ledger_files, "PIECE_LINES", 1)
    pieces = ledger_file(ledger_page(LedgerQuery(limit=1000)), kind)
    next(pieces)
    pieces.close()
    status = connection.connection.pgconn.transaction_status
    assert status != psycopg.pq.TransactionStatus.ACTIVE


def test_a_copy_that_fails_underway_says_so() -> None:
    statement = "COPY (SELECT 1 / (5000 - n) FROM generate_series(1, 9000) AS n) TO STDOUT"
    with pytest.raises(Exception, match="division by zero"):
        list(copying.copied_out(statement, [], 1000))
