"""Received, not invoiced: open lots, their age, and the proof against the supplier account."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import date
from decimal import Decimal
from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.test import Client

from finance.domain.uninvoiced import OpenLot
from finance.models import LedgerEntry, LedgerRead
from finance.selectors.uninvoiced import Uninvoiced, UninvoicedAsked, uninvoiced
from finance.services import approve_invoice, post_events, prepare_invoice
from finance.tests.invoicing import DAY, LINE, ORDER, person
from finance.tests.line import chip_lot, command, scrapped, shipped, wafer_lot
from finance.tests.readers import client_of, ledger_reader
from lots.models import Event, Lot
from lots.services import correct_event

URL = "/api/v1/finance/received-not-invoiced"

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("first_day", "stock")]


@pytest.fixture
def stock(books: None) -> None:
    """Wafers that were bought, wafers still the vendor's, and chips."""
    shipped(wafer_lot("W1", 2, step="WAT"), "OSAT1", "RCV")
    wafer_lot("W2", 2)
    chip_lot("M1", 2)
    post_events()


@pytest.fixture
def people(books: None) -> tuple[User, User]:
    return person("ann"), person("bob")


def found(supplier: str = "", item: str = "", lot: str = "") -> Uninvoiced:
    seq = LedgerEntry.objects.count()
    return uninvoiced(UninvoicedAsked(seq, date(2026, 4, 1), supplier, item, lot))


def invoice(people: tuple[User, User], quantity: int = 2) -> None:
    order = replace(ORDER, lines=(replace(LINE, quantity=quantity),))
    document = prepare_invoice(order=order, key="one", preparer=people[0])
    approve_invoice(document=document, approver=people[1])


def rows() -> dict[str, OpenLot]:
    return {row.lot: row for row in found().rows}


def assert_proven() -> None:
    proof = found().proof
    assert proof.check == 0
    balance = LedgerEntry.objects.filter(account="supplier").values_list("amount", flat=True)
    assert proof.balance == sum(balance)
    assert proof.received + proof.difference == -proof.balance
    assert proof.open == sum(row.amount for row in found().rows)


def test_what_was_bought_is_open_until_it_is_invoiced(people: tuple[User, User]) -> None:
    assert set(rows()) == {"W1", "M1"}
    row = rows()["W1"]
    assert (row.supplier, row.quantity, row.amount) == ("TSMC", 2, Decimal(39000))
    assert (row.received_on, row.age_days) == (DAY, 30)
    assert_proven()
    invoice(people)
    assert set(rows()) == {"M1"}
    assert found().proof.difference == 1000
    assert_proven()


def test_part_of_a_lot_leaves_the_rest_open(people: tuple[User, User]) -> None:
    invoice(people, 1)
    row = rows()["W1"]
    assert (row.invoiced_quantity, row.quantity, row.amount) == (1, 1, Decimal(19500))
    assert_proven()


def test_scrap_of_what_was_bought_is_still_owed(people: tuple[User, User]) -> None:
    scrapped(Lot.objects.get(code="W1"), "handling", wafers=(1,))
    post_events()
    assert rows()["W1"].quantity == 2
    assert_proven()


def test_units_that_never_came_stay_open_below_nothing(people: tuple[User, User]) -> None:
    invoice(people)
    arrival = Event.objects.filter(lot__code="W1").latest("seq")
    correct_event(event=arrival, command=command(reason="not arrived"))
    post_events()
    row = rows()["W1"]
    assert (row.received_quantity, row.quantity, row.amount) == (0, -2, Decimal(-39000))
    assert_proven()


def test_rows_are_narrowed_and_the_proof_is_of_the_supplier() -> None:
    mine = found(supplier="MRVL")
    assert [row.lot for row in mine.rows] == ["M1"]
    assert mine.proof.open == mine.amount
    assert mine.proof.check == 0
    assert found(lot="W1").amount == 39000
    assert found(item="TRN3-DIE").choices == {
        "supplier": ["MRVL", "TSMC"], "item": ["TRN2", "TRN3-DIE"],
    }  # fmt: skip


def test_as_of_an_earlier_line_and_day_it_is_as_it_was(people: tuple[User, User]) -> None:
    seq = LedgerEntry.objects.count()
    before = uninvoiced(UninvoicedAsked(seq, DAY))
    invoice(people)
    assert uninvoiced(UninvoicedAsked(seq, DAY)) == before
    assert uninvoiced(UninvoicedAsked(seq, date(2026, 3, 1))).rows == []
    assert uninvoiced(UninvoicedAsked(0, DAY)).proof.balance == 0


def test_it_is_read_as_json_and_csv() -> None:
    client = ledger_reader()
    shown = client.get(URL, {"as_of_date": "2026-04-01"}).json()
    assert [row["lot"] for row in shown["results"]] == ["M1", "W1"]
    assert shown["proof"]["check"] == "0.000000"
    assert Decimal(shown["amount"]) == Decimal(shown["proof"]["open"])
    assert [one["supplier"] for one in shown["sums"]] == ["MRVL", "TSMC"]
    answer = client.get(URL, {"format": "csv", "supplier": "TSMC"})
    [row] = csv.DictReader(StringIO(answer.content.decode()))
    assert (row["lot"], row["amount"]) == ("W1", "39000.000000")
    assert LedgerRead.objects.count() == 2


@pytest.mark.parametrize("query", ["format=xml", "vendor=TSMC", "as_of_date=soon", "as_of_seq=-1"])
def test_what_nobody_reads_is_refused(query: str) -> None:
    assert ledger_reader().get(f"{URL}?{query}").status_code == 400


def test_who_may_not_see_the_ledger_does_not_see_it(client: Client) -> None:
    stranger = client_of(User.objects.create_user("eve"))
    assert stranger.get(URL).status_code == 403
    assert Decimal(found().amount) > 0
