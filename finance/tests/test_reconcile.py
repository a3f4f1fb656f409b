"""The books, the lots' events and what is there give the same counts, or it is said which lot."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command

from finance.domain.reconciling import Stock, reconcile
from finance.domain.words import DifferenceReason
from finance.selectors.reconciling import reconciliation
from finance.services import post_events
from finance.tests.line import chip_lot, command, diced, moved, shipped, wafer_lot
from finance.tests.readers import ledger_reader
from finance.tests.test_proofs import tamper
from lots.domain.commands import Selection
from lots.domain.words import LotPurpose, UnitState
from lots.models import Lot, Supplier, Unit
from lots.services import scrap_units, ship_lot, split_lot

RECONCILIATION = "/api/v1/finance/reconciliation"
CHIPS = Stock("chip", "TRN2", "package", "MRVL")


def test_counts_that_agree_are_proven() -> None:
    one = {("M1", CHIPS): 2}
    found = reconcile(ledger=one, events=one, there=one, serialised={"M1"}, owed=set())
    assert not found.differences
    assert [line.is_proven for line in found.stocks] == [True]


def test_lots_without_serials_are_told_but_not_counted() -> None:
    one = {("M1", CHIPS): 2}
    (line,) = reconcile(ledger=one, events=one, there={}, serialised=set(), owed=set()).stocks
    assert (line.there, line.unserialised, line.is_proven) == (0, 2, True)


def test_each_difference_has_its_reason() -> None:
    found = reconcile(
        ledger={("A", CHIPS): 1, ("B", CHIPS): 1, ("C", CHIPS): 2},
        events={("A", CHIPS): 2, ("B", CHIPS): 2, ("C", CHIPS): 2},
        there={("A", CHIPS): 2, ("B", CHIPS): 2, ("C", CHIPS): 1},
        serialised={"A", "B", "C"},
        owed={"A", "C"},
    )
    assert [(row.lot, row.reason) for row in found.differences] == [
        ("A", DifferenceReason.OWED),
        ("B", DifferenceReason.MISPOSTED),
        ("C", DifferenceReason.MISCOUNTED),
    ]
    assert [row.lot for row in found.faults] == ["B", "C"]
    (line,) = found.stocks
    assert (line.ledger, line.events, line.there, line.is_proven) == (4, 6, 5, False)


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
    scrap_units(lot=chips, selection=Selection(serials=("M2-5",)), command=command(reason="bent"))
    post_events()


@pytest.mark.django_db
@pytest.mark.usefixtures("floor")
def test_a_floor_of_every_kind_is_proven(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("reconcile", "--stocks")
    told = capsys.readouterr().out
    assert "good-die TRN3-DIE die at OSAT1: subledger 100, events 100, there 100" in told
    assert "wafer TRN3-DIE wafer at TSMC: subledger 6, events 6, there 6" in told
    assert "chip TRN2 package at OSAT1: subledger 3, events 3, there 3" in told
    assert "chip TRN2 package at MRVL: subledger 4, events 4, there 4" in told
    assert "subledger = events = what is there." in told


@pytest.mark.django_db
@pytest.mark.usefixtures("floor")
def test_what_waits_to_be_posted_is_no_fault(capsys: pytest.CaptureFixture[str]) -> None:
    moved(Lot.objects.get(code="W1"), "WAT")
    chip_lot("M4", 2)
    call_command("reconcile")
    told = capsys.readouterr().out
    assert "owed: lot M4, TRN2 package at received with MRVL: subledger 0, events 2" in told
    assert "but for 1 lots that wait to be posted" in told


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
