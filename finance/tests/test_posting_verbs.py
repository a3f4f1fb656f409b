"""The new verbs of lots, posted from the ledger they write."""

from __future__ import annotations

from decimal import Decimal

import pytest

from finance.domain.words import Account
from finance.models import LedgerEntry, PostingGap
from finance.services import post_events
from finance.tests.line import chip_lot, command, moved, wafer_lot
from finance.tests.test_posting import carried
from lots.domain.commands import Selection
from lots.domain.orders import Loss, TrackOutOrder
from lots.domain.words import LineKind
from lots.models import Lot
from lots.services import (
    bank_lot,
    correct_event,
    record_loss,
    scrap_units,
    track_in,
    track_out,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books")]

INVENTORY = Account.INVENTORY


@pytest.mark.parametrize("limit", [1, 1000])
def test_a_correction_takes_back_what_was_posted(limit: int) -> None:
    lot = wafer_lot("W1", 3, step="CP1")
    event = scrap_units(
        lot=lot, selection=Selection(wafers=(1,)), command=command(reason="handling")
    )
    correct_event(event=event, command=command(reason="another lot"))
    while post_events(limit=limit).events:
        pass
    assert carried(lot) == {INVENTORY: (3, Decimal(60900)), Account.SUPPLIER: (-3, Decimal(-60900))}


def test_a_corrected_move_stands_at_its_old_stage_again() -> None:
    lot = moved(wafer_lot("W1", 2, step="RCV"), "CP1")
    wrong = lot.events.latest("seq")
    before = set(LedgerEntry.objects.values_list("stage"))
    correct_event(event=wrong, command=command(reason="another lot"))
    post_events()
    assert before <= set(LedgerEntry.objects.values_list("stage"))
    assert not PostingGap.objects.exists()


def test_a_track_out_posts_its_losses_by_reason_and_moves_on() -> None:
    lot = wafer_lot("W1", 3, step="CP1")
    track_in(lot=lot, command=command())
    losses = (
        Loss("handling", Selection(wafers=(1,))),
        Loss("test-reject", Selection(wafers=(2,)), LineKind.LOSS),
    )
    track_out(lot=lot, order=TrackOutOrder(losses=losses), command=command())
    post_events()
    left = carried(Lot.objects.get(code="W1"))
    assert left[INVENTORY] == (1, Decimal(20300))
    assert not PostingGap.objects.exists()


def test_a_loss_and_a_bank_leave_the_books_and_the_lot_alike() -> None:
    lot = chip_lot("M1", 4, step="STOCK")
    record_loss(lot=lot, selection=Selection(serials=("M1-0",)), command=command(reason="missing"))
    bank_lot(lot=lot, command=command())
    post_events()
    assert carried(lot)[INVENTORY][0] == 3
    assert not PostingGap.objects.exists()
