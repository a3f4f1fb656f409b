"""Invoices for work on our lots: against what was absorbed, which is what standard says of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from django.contrib.auth.models import User

from finance.domain.invoices import LineOrder
from finance.domain.words import Given, InvoiceKind
from finance.models import Invoice, LedgerEntry
from finance.selectors.uninvoiced import Uninvoiced, UninvoicedAsked, over_invoiced, uninvoiced
from finance.services import approve_invoice, post_events, prepare_invoice
from finance.tests.invoicing import ORDER, person
from finance.tests.line import command, diced, moved, shipped, wafer_lot
from finance.tests.readers import ledger_reader
from lots.domain.orders import AmendOrder
from lots.domain.words import LotPurpose
from lots.models import Event, Lot, Step
from lots.services import amend_lot, correct_event, move_lot
from supplychain.base.errors import RefusedError

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books", "worked")]

URL = "/api/v1/finance/received-not-invoiced"
BUMPED = LineOrder("W1", 2, Decimal(850), work="bumped-wafer")
WORK = replace(ORDER, supplier="OSAT1", lines=(BUMPED,))


@pytest.fixture
def worked(books: None) -> None:
    """OSAT1 bumped and sorted two wafers, at 800 and 1,000 each by standard."""
    moved(shipped(wafer_lot("W1", 2, step="WAT"), "OSAT1", "RCV"), "BUMP", "CP1", "CP2", "DICE")
    post_events()


@pytest.fixture
def people() -> tuple[User, User]:
    return person("ann"), person("bob")


def found() -> Uninvoiced:
    seq = LedgerEntry.objects.count()
    return uninvoiced(UninvoicedAsked(seq, date(2026, 4, 1), given=Given.WORK))


def still_open() -> dict[tuple[str, str], tuple[int, Decimal]]:
    return {(row.lot, row.stage): (row.quantity, row.amount) for row in found().rows}


def assert_proven() -> None:
    proof = found().proof
    lines = LedgerEntry.objects.filter(account="conversion").values_list("amount", flat=True)
    assert proof.balance == sum(lines)
    assert proof.check == 0


def invoice(people: tuple[User, User], *lines: LineOrder, number: str = "4711") -> Invoice:
    order = replace(WORK, lines=lines or (BUMPED,), number=number)
    document = prepare_invoice(order=order, key=number, preparer=people[0])
    return approve_invoice(document=document, approver=people[1])


def test_what_was_absorbed_is_open_by_who_had_the_lot_and_by_stage() -> None:
    assert still_open() == {
        ("W1", "bumped-wafer"): (2, Decimal(1600)),
        ("W1", "sorted-wafer"): (2, Decimal(2000)),
    }
    assert {row.supplier for row in found().rows} == {"OSAT1"}
    assert_proven()


def test_dicing_is_work_on_what_was_made() -> None:
    diced(Lot.objects.get(code="W1"), good=64)
    post_events()
    consumed, made = Decimal(2 * 21300), Decimal("687.50") * 64
    assert still_open()[("W1", "good-die")] == (128, made - consumed)
    assert_proven()


def test_a_price_beyond_standard_is_a_conversion_variance(people: tuple[User, User]) -> None:
    invoice(people)
    entries = LedgerEntry.objects.filter(kind="conversion-variance")
    assert [
        (
            row.kind,
            row.account,
            row.stage_id,
            row.lot_id,
            row.custodian_id,
            row.quantity,
            row.amount,
        )
        for row in entries.order_by("line")
    ] == [
        ("conversion-variance", account, "bumped-wafer", "W1", "OSAT1", 0, amount)
        for account, amount in (("variance", Decimal(100)), ("conversion", Decimal(-100)))
    ]
    assert still_open() == {("W1", "sorted-wafer"): (2, Decimal(2000))}
    assert found().proof.difference == 100
    assert_proven()


def test_goods_and_work_on_a_lot_are_apart(people: tuple[User, User]) -> None:
    before = uninvoiced(UninvoicedAsked(LedgerEntry.objects.count(), date(2026, 4, 1)))
    assert [(row.supplier, row.lot) for row in before.rows] == [("TSMC", "W1")]
    invoice(people)
    after = uninvoiced(UninvoicedAsked(LedgerEntry.objects.count(), date(2026, 4, 1)))
    assert (after.rows, after.proof) == (before.rows, before.proof)


def test_stages_of_a_lot_are_lines_of_one_invoice(people: tuple[User, User]) -> None:
    with pytest.raises(RefusedError, match="on it twice"):
        invoice(people, replace(BUMPED, quantity=1), replace(BUMPED, quantity=1))
    invoice(people, BUMPED, LineOrder("W1", 2, Decimal(990), work="sorted-wafer"))
    assert still_open() == {}
    assert found().proof.difference == 80


def test_no_more_than_was_worked_is_invoiced(people: tuple[User, User]) -> None:
    invoice(people, replace(BUMPED, quantity=1))
    assert still_open()[("W1", "bumped-wafer")] == (1, Decimal(800))
    with pytest.raises(RefusedError, match="worked to bumped-wafer and 1 are invoiced"):
        invoice(people, number="4712")


def test_a_credit_note_takes_work_back(people: tuple[User, User]) -> None:
    invoice(people)
    credit = replace(WORK, kind=InvoiceKind.CREDIT, number="C1")
    document = prepare_invoice(order=credit, key="c", preparer=people[0])
    approve_invoice(document=document, approver=people[1])
    assert still_open()[("W1", "bumped-wafer")] == (2, Decimal(1600))
    assert found().proof.difference == 0


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (replace(BUMPED, work=""), "worked on it to bumped-wafer, sorted-wafer: name that as work"),
        (replace(BUMPED, work="tested"), "no work on lot W1 that brought it to tested. It worked"),
        (replace(BUMPED, item="TRN3"), "worked to bumped-wafer as TRN3-DIE, and the invoice says"),
    ],
)
def test_a_line_that_means_no_work_is_refused(
    people: tuple[User, User], line: LineOrder, words: str
) -> None:
    with pytest.raises(RefusedError, match=words):
        invoice(people, line)


def test_work_of_another_supplier_is_refused(people: tuple[User, User]) -> None:
    order = replace(WORK, supplier="ODM1")
    with pytest.raises(RefusedError, match="did no work on lot W1"):
        prepare_invoice(order=order, key="k", preparer=people[0])


def test_a_step_taken_back_takes_its_work_back(people: tuple[User, User]) -> None:
    lot = moved(shipped(wafer_lot("W2", 1, step="WAT"), "OSAT1", "RCV"), "BUMP", "CP1")
    post_events()
    invoice(people, LineOrder("W2", 1, Decimal(800), work="bumped-wafer"))
    last = Event.objects.filter(lot=lot).latest("seq")
    correct_event(event=last, command=command(reason="not moved"))
    post_events()
    assert still_open()[("W2", "bumped-wafer")] == (-1, Decimal(-800))
    assert [(row["lot"], row["work"]) for row in over_invoiced("OSAT1", ["W2"])] == [
        ("W2", "bumped-wafer")
    ]
    assert_proven()


def test_a_way_back_takes_its_work_back_until_it_is_done_again() -> None:
    lot = moved(shipped(wafer_lot("W2", 1, step="WAT"), "OSAT1", "RCV"), "BUMP", "CP1")
    bump = Step.objects.get(route_version=lot.route_version_id, code="BUMP")
    move_lot(lot=lot, to_step=bump, command=command(reason="bumped anew"))
    post_events()
    assert {stage for code, stage in still_open() if code == "W2"} == set()
    assert_proven()
    moved(Lot.objects.get(code="W2"), "CP1")
    post_events()
    assert still_open()[("W2", "bumped-wafer")] == (1, Decimal(800))


def test_what_becomes_engineering_material_leaves_the_work_on_it_open() -> None:
    lot, before = Lot.objects.get(code="W1"), still_open()
    for purpose in (LotPurpose.ENGINEERING, LotPurpose.PRODUCTION):
        amend_lot(lot=lot, order=AmendOrder(purpose=purpose), command=command(reason="trial"))
        lot.refresh_from_db()
        post_events()
        assert {key: came for key, came in still_open().items() if key in before} == before
    assert still_open() == before
    assert_proven()


def test_it_is_read_over_the_api() -> None:
    client = ledger_reader()
    answer = client.get(URL, {"of": "work"}).json()
    assert [row["stage"] for row in answer["results"]] == ["bumped-wafer", "sorted-wafer"]
    assert answer["proof"]["check"] == "0.000000"
    assert client.get(URL, {"of": "presents"}).status_code == 400
