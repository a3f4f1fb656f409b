"""A receipt, a dicing or an assembly corrected: the books stand to the cent as before."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.db.models import Sum

from finance.models import LedgerEntry, PostingGap
from finance.selectors.reconciling import reconciliation
from finance.selectors.verifying import unbalanced_transactions
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
from lots.models import Event, Lot
from lots.services import correct_event

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books")]

Books = dict[tuple[str, str, str, str, str], tuple[int, Decimal]]


def books_now() -> Books:
    """Lot, account, stage, item and custodian → units and money, where there are any."""
    assert not PostingGap.objects.exists()
    assert not unbalanced_transactions()
    columns = ("lot", "account", "stage", "item", "custodian")
    rows = LedgerEntry.objects.order_by().values_list(*columns)
    summed = rows.annotate(units=Sum("quantity"), money=Sum("amount"))
    return {row[:5]: row[5:] for row in summed if row[5:] != (0, Decimal(0))}


def wafers_to_dice() -> Lot:
    return moved(shipped(wafer_lot("W1", 2), "OSAT1", "RCV"), "BUMP", "CP1", "CP2", "DICE")


def packages() -> Lot:
    lot = moved(diced(wafers_to_dice(), good=61), "COWOS")
    dies = good_units(lot)
    return assembled("P1", "TRN3", ("A", "COWOS", "OSAT1"), [dies[:2], dies[2:4], dies[4:6]])


def added_packages() -> Lot:
    packages()
    dies = list(Lot.objects.get(code="W1").units.filter(state="good", parent_edges=None))
    where = ("A", "COWOS", "OSAT1")
    return assembled("P1", "TRN3", where, [dies[:2]], first=3)


MADE: dict[str, Callable[[], Lot]] = {
    "receive": lambda: wafer_lot("W2", 3, step="CP1"),
    "receive finished": lambda: chip_lot("M1", 5, step="STOCK"),
    "receive a shipment": lambda: shipped(wafer_lot("W1", 2), "OSAT1", "RCV"),
    "dice": lambda: diced(wafers_to_dice(), good=61),
    "assemble": packages,
    "add to what was assembled": added_packages,
}


@pytest.mark.parametrize("limit", [1, 1000])
@pytest.mark.parametrize("what", MADE)
def test_the_books_stand_as_they_stood_before(what: str, limit: int) -> None:
    lot = MADE[what]()
    event = Event.objects.filter(lot=lot, verb__in=["receive", "dice", "assemble"]).latest("seq")
    post_events(limit=event.seq - 1)
    before = books_now()
    post_events(limit=1)
    assert books_now() != before
    correct_event(event=event, command=command(reason="never was"))
    while post_events(limit=limit).events:
        pass
    assert books_now() == before
    assert reconciliation().differences == ()


def test_a_lot_received_again_is_carried_once() -> None:
    lot = wafer_lot("W2", 3, step="CP1")
    correct_event(event=Event.objects.get(), command=command(reason="two came"))
    wafer_lot("W2", 2, step="CP1")
    post_events()
    assert {key[1]: worth for key, worth in books_now().items()} == {
        "inventory": (2, Decimal(40600)), "supplier": (-2, Decimal(-40600)),
    }  # fmt: skip
    assert Lot.objects.get(pk=lot.pk).quantity == 2


@pytest.mark.parametrize("is_one_batch", [True, False])
def test_each_line_of_a_correction_names_the_one_it_takes_back(is_one_batch: bool) -> None:
    lot = moved(shipped(wafer_lot("W1", 2), "OSAT1", "RCV"), "BUMP", "CP1")
    event = Event.objects.filter(lot=lot).latest("seq")
    if not is_one_batch:
        post_events()
    correct_event(event=event, command=command(reason="not moved"))
    post_events()
    taken_back = LedgerEntry.objects.filter(source_seq=event.seq + 1).order_by("seq")
    named = {row.seq: row for row in LedgerEntry.objects.filter(source_seq=event.seq)}
    assert len(named) == 3
    assert [row.reverses for row in taken_back] == list(named)
    for row in taken_back:
        before = named[row.reverses or 0]
        assert (row.account, row.stage_id, row.custodian_id) == (
            before.account, before.stage_id, before.custodian_id,
        )  # fmt: skip
        assert (row.quantity, row.amount) == (-before.quantity, -before.amount)
    others = LedgerEntry.objects.exclude(source_seq=event.seq + 1)
    assert not others.filter(reverses__isnull=False).exists()
