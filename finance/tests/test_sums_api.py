from __future__ import annotations

from decimal import Decimal

import pytest
from django.test import Client

from finance.services import post_events
from finance.tests.line import moved, shipped, wafer_lot
from finance.tests.readers import ledger_reader

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ledger")]

BALANCES = "/api/v1/finance/balances"
ROLLFORWARD = "/api/v1/finance/rollforward"


@pytest.fixture
def reader(books: None) -> Client:
    return ledger_reader()


@pytest.fixture
def ledger(books: None) -> None:
    moved(shipped(wafer_lot("W1", 2, step="WAT"), "OSAT1", "RCV"), "BUMP", "CP1")
    post_events()


def test_balances_show_what_is_held_and_sum_to_zero(reader: Client) -> None:
    answer = reader.get(BALANCES).json()
    held = [row for row in answer["results"] if row["account"] == "inventory"]
    assert [(row["stage"], row["quantity"], row["amount"]) for row in held] == [
        ("bumped-wafer", "2", "40600.000000")
    ]
    assert answer["total_amount"] == "0.000000"


def test_balances_as_of_an_earlier_seq_do_not_know_later_rows(reader: Client) -> None:
    answer = reader.get(BALANCES, {"as_of_seq": 2}).json()
    assert {row["account"] for row in answer["results"]} == {"supplier", "vendor-owned"}


def test_balances_as_of_an_earlier_day_leave_out_later_facts(reader: Client) -> None:
    assert reader.get(BALANCES, {"as_of_date": "2026-02-28"}).json()["results"] == []
    assert reader.get(BALANCES, {"as_of_date": "2026-03-31"}).json()["results"] != []


@pytest.mark.parametrize("day", ["2026-02-30", "20260228", "soon"])
def test_a_day_that_is_none_is_refused(reader: Client, day: str) -> None:
    assert reader.get(BALANCES, {"as_of_date": day}).status_code == 400


def test_rollforward_closes_to_what_is_held_with_every_check_zero(reader: Client) -> None:
    lines = reader.get(ROLLFORWARD, {"period": "2026-03"}).json()["results"]
    assert {line[side]["check"] for line in lines for side in ("quantity", "amount")} == {
        "0",
        "0.000000",
    }
    assert sum(Decimal(line["amount"]["closing"]) for line in lines) == Decimal(40600)


def test_the_next_period_opens_with_what_the_last_one_closed_with(reader: Client) -> None:
    (line,) = reader.get(ROLLFORWARD, {"period": "2026-04"}).json()["results"]
    assert line["amount"] == {
        "opening": "40600.000000",
        "incoming": "0.000000",
        "outgoing": "0.000000",
        "closing": "40600.000000",
        "check": "0.000000",
    }


@pytest.mark.parametrize(("period", "status"), [("", 400), ("2026-3", 400), ("1999-01", 404)])
def test_a_period_that_is_none_is_refused(reader: Client, period: str, status: int) -> None:
    assert reader.get(ROLLFORWARD, {"period": period}).status_code == status
