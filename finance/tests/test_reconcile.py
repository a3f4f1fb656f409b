"""The books, the lots' events and what is there give the same counts, or it is said which lot."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Sum

from finance.domain.reconciling import Carried, Stock, Stocks, reconcile
from finance.domain.words import CARRYING, DifferenceReason
from finance.models import LedgerEntry, PostingGap
from finance.selectors.reconciling import reconciliation
from finance.services import post_events
from finance.tests.line import (
    assembled,
    chip_lot,
    command,
    diced,
    good_units,
    moved,
    shipped,
    wafer_lot,
)
from finance.tests.readers import ledger_reader
from finance.tests.test_proofs import tamper
from lots.domain.commands import Selection
from lots.domain.orders import AmendOrder
from lots.domain.words import LotPurpose, UnitState
from lots.models import Lot, Supplier, Unit
from lots.services import (
    amend_lot,
    receive_shipment,
    rework_in,
    rework_out,
    scrap_units,
    ship_lot,
    split_lot,
)
from lots.tests.making import again, supplier
from lots.tests.routing import released_route

RECONCILIATION = "/api/v1/finance/reconciliation"
CHIPS = Stock("inventory", "chip", "TRN2", "package", "MRVL")


def booked(units: Stocks) -> Carried:
    return Carried(units, {})


def test_money_without_units_is_told() -> None:
    carried = Carried({}, {CHIPS: Decimal("0.01"), replace(CHIPS, item="TRN3"): Decimal(0)})
    found = reconcile(ledger=carried, events={}, there={}, serialised=(), owed={})
    assert [(line.stock, line.ledger, line.amount) for line in found.stocks] == [
        (CHIPS, 0, Decimal("0.01"))
    ]


def test_counts_that_agree_are_proven() -> None:
    one = {("M1", CHIPS): 2}
    found = reconcile(ledger=booked(one), events=one, there=one, serialised={"M1"}, owed={})
    assert not found.differences
    assert [line.is_proven for line in found.stocks] == [True]


def test_lots_without_serials_are_told_but_not_counted() -> None:
    one = {("M1", CHIPS): 2}
    (line,) = reconcile(ledger=booked(one), events=one, there={}, serialised=set(), owed={}).stocks
    assert (line.there, line.unserialised, line.is_proven) == (0, 2, True)


def test_each_difference_has_its_reason() -> None:
    found = reconcile(
        ledger=booked({("A", CHIPS): 1, ("B", CHIPS): 1, ("C", CHIPS): 2}),
        events={("A", CHIPS): 2, ("B", CHIPS): 2, ("C", CHIPS): 2},
        there={("A", CHIPS): 2, ("B", CHIPS): 2, ("C", CHIPS): 1},
        serialised={"A", "B", "C"},
        owed={"A": True, "B": False, "C": True},
    )
    assert [(row.lot, row.reason) for row in found.differences] == [
        ("A", DifferenceReason.OWED),
        ("B", DifferenceReason.MISPOSTED),
        ("C", DifferenceReason.MISCOUNTED),
    ]
    assert [row.lot for row in found.faults] == ["B", "C"]
    (line,) = found.stocks
    assert (line.ledger, line.events, line.there, line.is_proven) == (4, 6, 5, False)
    assert line.differing == 3


def test_lots_that_differ_both_ways_do_not_make_a_proof() -> None:
    counted = {("A", CHIPS): 2, ("B", CHIPS): 2}
    found = reconcile(
        ledger=booked({("A", CHIPS): 1, ("B", CHIPS): 3}), events=counted, there=counted,
        serialised={"A", "B"}, owed={},
    )  # fmt: skip
    assert [line.is_proven for line in found.stocks] == [False]


@pytest.fixture
def floor(books: None) -> None:
    """Wafers with their vendor, on the way, at a test house, diced; chips in stock."""
    wafer_lot("W1", 3)
    for lot in (wafer_lot("W2", 3, step="WAT"), moved(chip_lot("M3", 3), "STOCK")):
        ship_lot(lot=lot, to=Supplier.objects.get(code="OSAT1"), customer="", command=command())
    cut = moved(shipped(wafer_lot("W3", 2, step="WAT"), "OSAT1", "RCV"), "BUMP", "CP1", "DICE")
    diced(cut, good=100)
    diced(wafer_lot("E1", 1, purpose=LotPurpose.ENGINEERING, step="DICE"), good=9)
    moved(chip_lot("M1", 4), "STOCK")
    chips = chip_lot("M2", 6)
    split_lot(
        lot=chips, child_code="M2.1", selection=Selection(serials=("M2-0", "M2-1")),
        command=command(),
    )  # fmt: skip
    chips.refresh_from_db()
    scrap_units(
        lot=chips, selection=Selection(serials=("M2-5",)), command=command(reason="handling")
    )
    post_events()


@pytest.mark.django_db
@pytest.mark.usefixtures("floor")
def test_a_floor_of_every_kind_is_proven(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("reconcile", "--stocks")
    told = capsys.readouterr().out
    assert "inventory good-die TRN3-DIE die at OSAT1: subledger 100, events 100, there 100" in told
    assert "vendor-owned wafer TRN3-DIE wafer at TSMC: subledger 6, events 6, there 6" in told
    assert "in-transit chip TRN2 package at OSAT1: subledger 3, events 3, there 3" in told
    assert "inventory chip TRN2 package at MRVL: subledger 4, events 4, there 4" in told
    assert "subledger = events = what is there." in told


@pytest.mark.django_db
@pytest.mark.usefixtures("floor")
def test_what_waits_to_be_posted_is_no_fault(capsys: pytest.CaptureFixture[str]) -> None:
    moved(Lot.objects.get(code="W1"), "WAT")
    chip_lot("M4", 2)
    call_command("reconcile")
    told = capsys.readouterr().out
    assert "owed: lot M4, TRN2 package at inventory received with MRVL: subledger 0, " in told
    assert "1 lot differs, waiting to be posted" in told


@pytest.mark.django_db
@pytest.mark.usefixtures("floor")
def test_a_lost_serial_and_a_changed_entry_are_found() -> None:
    Unit.objects.filter(serial="M1-3").update(state=UnitState.REJECT)
    tamper("UPDATE finance_ledgerentry SET custodian = 'MRVL' WHERE lot = 'W1'")
    assert {(row.lot, row.reason) for row in reconciliation().faults} == {
        ("M1", DifferenceReason.MISCOUNTED),
        ("W1", DifferenceReason.MISPOSTED),
    }
    with pytest.raises(CommandError, match="2 lots differ"):
        call_command("reconcile")
    told = ledger_reader().get(RECONCILIATION).json()
    assert not told["is_proven"]
    rows = [[row[name] for name in ("lot", "custodian", "ledger", "events", "there")]
            for row in told["differences"]]  # fmt: skip
    assert rows == [
        ["M1", "MRVL", "4", "4", "3"],
        ["W1", "MRVL", "3", "0", "0"],
        ["W1", "TSMC", "0", "3", "3"],
    ]


def chips_at(code: str, *steps: str) -> Lot:
    """Packages on their own route, made of dies, as far as the last step."""
    dies = good_units(diced(wafer_lot(f"{code}W", 1, step="DICE"), good=20))
    pairs = [dies[place : place + 2] for place in range(0, 8, 2)]
    return moved(assembled(code, "TRN3", ("A", "COWOS", "OSAT1"), pairs), *steps)


def proven() -> bool:
    while post_events().events:
        pass
    found = reconciliation()
    assert not found.differences, found.differences
    return not PostingGap.objects.filter(closed_at__isnull=True).exists()


def chips_on_rework() -> Lot:
    """P1, which left SLT for the first of two steps and comes back at FT-HOT."""
    lot = chips_at("P1", "FT-HOT", "BI", "FT-COLD", "SLT")
    released_route("RW", {"code": "MEND"}, {"code": "LOOK"}, is_rework=True)
    rework_out(
        lot=lot, route_code="RW", step_code="MEND", return_step_code="FT-HOT",
        command=command(reason="contact"),
    )  # fmt: skip
    assert proven()
    return again(lot)


@pytest.mark.django_db
@pytest.mark.usefixtures("books")
def test_a_lot_back_from_rework_at_an_earlier_stage_comes_out() -> None:
    lot = chips_on_rework()
    split_lot(
        lot=again(lot), child_code="P1.1", selection=Selection(serials=("P1-0",)), command=command()
    )
    assert proven()
    rework_in(lot=again(lot), command=command())
    rework_in(lot=Lot.objects.get(code="P1.1"), command=command())
    assert proven()


@pytest.mark.django_db
@pytest.mark.usefixtures("books")
def test_a_lot_that_becomes_engineering_material_and_back_comes_out() -> None:
    lot = chip_lot("M1", 3)
    for purpose in (LotPurpose.ENGINEERING, LotPurpose.PRODUCTION):
        order = AmendOrder(purpose=purpose)
        amend_lot(lot=again(lot), order=order, command=command(reason="for a study"))
        assert proven()


@pytest.mark.django_db
@pytest.mark.usefixtures("books")
def test_units_in_dispute_are_counted_with_their_lot() -> None:
    shipped(moved(chip_lot("M1", 10), "STOCK"), "ODM1", "STOCK", counted=8)
    assert proven()
    assert LedgerEntry.objects.filter(account="count-adjustment").exists()


@pytest.mark.django_db
@pytest.mark.usefixtures("books")
def test_an_event_to_come_does_not_hide_what_was_misposted_before() -> None:
    lot = chip_lot("M1", 3)
    post_events()
    tamper("UPDATE finance_ledgerentry SET quantity = quantity * 2 WHERE lot = 'M1'")
    scrap_units(lot=lot, selection=Selection(serials=("M1-0",)), command=command(reason="handling"))
    assert [row.reason for row in reconciliation().differences] == [DifferenceReason.MISPOSTED]


def stock_of(lot: str) -> list[tuple[object, ...]]:
    """Account, stage, custodian, units and money of all that the books carry of it."""
    columns = ("account", "stage", "custodian")
    rows = (
        LedgerEntry.objects.filter(lot__code=lot, account__in=CARRYING)
        .order_by()
        .values_list(*columns)
    )
    return list(rows.annotate(units=Sum("quantity"), money=Sum("amount")).exclude(units=0))


@pytest.mark.django_db
@pytest.mark.usefixtures("books")
def test_a_lot_that_travels_on_rework_keeps_its_stage_and_value() -> None:
    lot = chips_on_rework()
    before = stock_of("P1")
    ship_lot(lot=lot, to=supplier("ODM1"), customer="", command=command())
    assert proven()
    receive_shipment(
        lot=again(lot), custodian=supplier("ODM1"), counted_quantity=lot.quantity,
        to_step=lot.route_version.steps.get(code="LOOK"), command=command(),
    )  # fmt: skip
    assert proven()
    assert (before[0][2], stock_of("P1")) == ("OSAT1", [(*before[0][:2], "ODM1", *before[0][3:])])


@pytest.mark.django_db
@pytest.mark.usefixtures("books")
def test_a_lot_on_rework_that_becomes_engineering_material_is_worth_nothing() -> None:
    lot = chips_on_rework()
    for purpose in (LotPurpose.ENGINEERING, LotPurpose.PRODUCTION):
        order = AmendOrder(purpose=purpose)
        amend_lot(lot=again(lot), order=order, command=command(reason="lab"))
        assert proven()
