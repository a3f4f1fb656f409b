"""Variances by supplier, item, stage and month: summed from the ledger, read over HTTP."""

from __future__ import annotations

import csv
from decimal import Decimal
from io import StringIO

import pytest
from django.contrib.auth.models import User

from finance.domain.words import Account, EntryKind
from finance.models import LedgerEntry
from finance.selectors.balances import balances
from finance.selectors.ledger import watermark
from finance.selectors.lines import LinesAsked, line_sums
from finance.selectors.variances import VarianceAsked, months_shown, variances
from finance.services import post_events
from finance.tests.line import diced, moved, shipped, wafer_lot
from finance.tests.readers import client_of, ledger_reader

URL = "/api/v1/finance/variances"

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books")]


@pytest.fixture
def dice(books: None) -> None:
    """One wafer of 64 dies, of which 60 are good where 32 are planned, and one of 64 with 20."""
    for code, good in (("W1", 60), ("W2", 20)):
        wafers = shipped(wafer_lot(code, 1, step="WAT"), "OSAT1", "RCV")
        diced(moved(wafers, "BUMP", "CP1", "CP2", "DICE"), good=good)
    while post_events().events:
        pass


def seq() -> int:
    return watermark(None).seq


@pytest.mark.usefixtures("dice")
def test_a_yield_that_differs_is_a_row_of_who_had_the_wafers() -> None:
    found = variances(VarianceAsked(seq()))
    [row] = found.rows
    assert (row.period, row.account, row.kind, row.item, row.stage, row.supplier) == (
        "2026-03", Account.VARIANCE, EntryKind.YIELD_VARIANCE, "TRN3-DIE", "good-die", "OSAT1",
    )  # fmt: skip
    # 28 more than planned and 12 fewer, at 687.50 a die.
    assert (row.quantity, row.amount, row.line_count) == (-16, Decimal("-11000.000000"), 2)
    assert found.choices["supplier"] == ["OSAT1"]


@pytest.mark.usefixtures("dice")
def test_rows_come_to_what_the_accounts_hold() -> None:
    for account in (Account.VARIANCE, Account.CONVERSION):
        held = [row.amount for row in balances(seq()) if row.bucket.account == account]
        assert variances(VarianceAsked(seq(), account=account)).amount == sum(held)


@pytest.mark.usefixtures("dice")
def test_the_lines_behind_a_row_are_of_its_kind() -> None:
    bucket = {"account": "variance", "item": "TRN3-DIE"}
    asked = LinesAsked(seq(), bucket=bucket, kind="yield-variance")
    assert [(one.count, one.amount) for one in line_sums(asked)] == [(2, Decimal(-11000))]
    assert line_sums(LinesAsked(seq(), bucket=bucket, kind="standard-change")) == []


@pytest.mark.usefixtures("dice")
def test_months_without_a_variance_stand_between_the_others() -> None:
    found = variances(VarianceAsked(seq(), first="2026-02", last="2026-04"))
    assert [(one.period, one.amount) for one in found.months] == [
        ("2026-02", Decimal(0)), ("2026-03", Decimal(-11000)), ("2026-04", Decimal(0)),
    ]  # fmt: skip
    assert months_shown(seq()) == ("2025-04", "2026-03")


def test_books_without_a_variance_have_no_rows() -> None:
    assert not LedgerEntry.objects.exists()
    found = variances(VarianceAsked(0))
    assert (found.rows, found.months, months_shown(0)) == ([], [], ("", ""))


@pytest.mark.usefixtures("dice")
@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 1), ("supplier=OSAT1&stage=good-die&kind=yield-variance&item=TRN3-DIE", 1),
        ("supplier=OSAT2", 0), ("from=2026-04", 0), ("to=2026-02", 0), ("as_of_seq=1", 0),
        ("from=2026-03&to=2026-03&account=variance", 1),
    ],
)  # fmt: skip
def test_variances_are_narrowed_over_http(query: str, count: int) -> None:
    told = ledger_reader().get(f"{URL}?{query}").json()
    assert len(told["results"]) == count
    assert told["amount"] == ("-11000.000000" if count else "0.000000")


@pytest.mark.usefixtures("dice")
def test_the_csv_has_the_rows_of_the_pages() -> None:
    client = ledger_reader()
    [row] = client.get(URL).json()["results"]
    [cells] = csv.DictReader(StringIO(client.get(f"{URL}?format=csv").content.decode()))
    assert cells == {name: str(value) for name, value in row.items()}


@pytest.mark.parametrize("query", ["account=inventory", "from=March", "format=xml", "lot=W1"])
def test_what_nobody_reads_is_refused(query: str) -> None:
    assert ledger_reader().get(f"{URL}?{query}").status_code == 400


def test_who_may_not_see_the_ledger_sees_no_variance() -> None:
    assert client_of(User.objects.create_user("max")).get(URL).status_code == 403
