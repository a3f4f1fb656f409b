"""Tables over the API: plain CSV has every text as it is, that for spreadsheets a harmless one."""

from __future__ import annotations

import csv
from io import StringIO

import pytest
from django.contrib.auth.models import User
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from finance.api.formats import CsvExcelRenderer
from finance.api.reading import BooksMixin
from finance.api.tables import table_file
from finance.models import LedgerRead
from finance.tests.readers import ledger_reader
from supplychain.base.tables import CsvRenderer

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books")]

TEXTS = ["=1+1", "@SUM(A1)", "-2", "plain", "台積電"]
ADDRESSES = ["/api/v1/finance/variances", "/api/v1/finance/received-not-invoiced"]


def answered(renderer: BaseRenderer) -> bytes:
    request = Request(APIRequestFactory().get("/t"), parser_context={"view": BooksMixin()})
    request.user, request.accepted_renderer = User.objects.create_user("ann"), renderer
    return table_file(request, ["text"], [[text] for text in TEXTS], 5, '"t"').content


def texts_in(content: bytes) -> list[str]:
    return [row["text"] for row in csv.DictReader(StringIO(content.decode("utf-8-sig")))]


def test_plain_csv_leaves_every_text_as_it_is() -> None:
    content = answered(CsvRenderer())
    assert texts_in(content) == TEXTS
    assert content.startswith(b"text")


def test_csv_for_spreadsheets_takes_the_formula_out_and_says_that_it_is_utf_8() -> None:
    content = answered(CsvExcelRenderer())
    assert texts_in(content) == ["'=1+1", "'@SUM(A1)", "'-2", "plain", "台積電"]
    assert content.startswith(b"\xef\xbb\xbf")
    assert LedgerRead.objects.get().media_type == "csv-excel"


@pytest.mark.parametrize("address", ADDRESSES)
def test_both_are_asked_for_by_name(address: str) -> None:
    client = ledger_reader()
    plain, marked = (client.get(address, {"format": name}) for name in ("csv", "csv-excel"))
    assert marked.content == b"\xef\xbb\xbf" + plain.content
    assert "json, csv or csv-excel" in client.get(address, {"format": "xml"}).json()["detail"]
