from __future__ import annotations

import pytest

from lots.domain.commands import Selection
from lots.domain.errors import QuantityError, ReasonError, UnlikeLotsError, WrongStateError
from lots.domain.orders import AmendOrder
from lots.domain.words import LotPurpose, LotState
from lots.models import Lot, ReasonCode
from lots.selectors.verifying import first_fault
from lots.services import (
    amend_lot,
    bank_lot,
    merge_lots,
    move_lot,
    record_bonus,
    record_loss,
    split_lot,
    unbank_lot,
)
from lots.tests.making import T0, again, chip_lot, command, counted_lot, hold, step, wafer_lot
from supplychain.base.errors import MalformedError, RefusedError

pytestmark = pytest.mark.usefixtures("catalogue")

TWO = Selection(quantity=2)


def test_loss_says_whether_it_counts_in_yield() -> None:
    lot = counted_lot()
    first = record_loss(lot=lot, selection=TWO, command=command(reason="test-reject"))
    second = record_loss(lot=lot, selection=TWO, command=command(reason="missing"))
    told = [event.payload["counts_in_yield"] for event in (first, second)]
    assert (told, again(lot).quantity, first_fault()) == ([True, False], 6, None)


def test_lost_units_are_rejects_and_lost_wafers_gone() -> None:
    chips, wafers = chip_lot(), wafer_lot()
    for lot, selection in [
        (chips, Selection(serials=("M1-C1",))),
        (wafers, Selection(wafers=(2,))),
    ]:
        record_loss(lot=lot, selection=selection, command=command(reason="handling"))
    assert list(chips.units.filter(state="reject").values_list("serial", flat=True)) == ["M1-C1"]
    assert list(wafers.wafers.filter(is_scrapped=True).values_list("number", flat=True)) == [2]


@pytest.mark.parametrize("reason", ["", "found", "retired"])
def test_loss_needs_an_active_reason_for_losses(reason: str) -> None:
    ReasonCode.objects.create(verb="loss", code="retired", name="Retired", is_active=False)
    with pytest.raises(ReasonError, match="Known: handling, missing, sample, test-reject"):
        record_loss(lot=counted_lot(), selection=TWO, command=command(reason=reason))


def test_lot_lost_whole_ends() -> None:
    lot = counted_lot(quantity=2)
    record_loss(lot=lot, selection=TWO, command=command(reason="missing"))
    assert again(lot).state == LotState.SCRAPPED


def test_units_found_are_good() -> None:
    lot = counted_lot()
    record_bonus(lot=lot, quantity=3, command=command(reason="found"))
    assert (again(lot).quantity, first_fault()) == (13, None)


@pytest.mark.parametrize("count", [0, 10_000_001])
def test_bonus_is_a_count(count: int) -> None:
    with pytest.raises(MalformedError, match="quantity must be"):
        record_bonus(lot=counted_lot(), quantity=count, command=command(reason="found"))


def test_what_has_names_is_not_found_by_number() -> None:
    for lot, names in [(chip_lot(), "serials"), (wafer_lot(), "wafers")]:
        with pytest.raises(QuantityError, match=f"kept by its {names}"):
            record_bonus(lot=lot, quantity=1, command=command(reason="found"))


def test_banked_lot_rests_until_it_is_taken_out() -> None:
    lot = counted_lot()
    bank_lot(lot=lot, command=command())
    with pytest.raises(WrongStateError, match="N1 is banked; move is not possible"):
        move_lot(lot=lot, to_step=step("D", "SFT"), command=command())
    unbank_lot(lot=lot, command=command(hours=5))
    assert (again(lot).state, again(lot).step_entered_at > T0) == (LotState.ACTIVE, True)


def test_banked_lots_split_and_merge_among_themselves() -> None:
    lot, other = counted_lot("N1"), counted_lot("N2")
    bank_lot(lot=lot, command=command())
    split_lot(lot=lot, child_code="N1.1", selection=TWO, command=command())
    child = Lot.objects.get(code="N1.1")
    assert child.state == LotState.BANKED
    with pytest.raises(UnlikeLotsError, match="state: N1 has banked, N2 has active"):
        merge_lots(into=lot, lots=[other], command=command())
    merge_lots(into=lot, lots=[child], command=command())
    assert again(lot).quantity == 10


def test_held_lot_is_banked_all_the_same() -> None:
    lot = counted_lot()
    hold(lot)
    bank_lot(lot=lot, command=command())
    assert again(lot).state == LotState.BANKED


def test_lot_is_amended_in_what_it_says_of_itself() -> None:
    lot = counted_lot(due_on=T0.date())
    order = AmendOrder(is_hot=True, due_on="", customer="Cloud", purpose=LotPurpose.ENGINEERING)
    event = amend_lot(lot=lot, order=order, command=command(reason="learning"))
    lot = again(lot)
    assert (lot.is_hot, lot.due_on, lot.customer, lot.purpose) == (
        True, None, "Cloud", "engineering",
    )  # fmt: skip
    assert event.payload["before"]["due_on"] == "2025-03-01"
    assert event.payload["after"]["customer"] == "Cloud"


def test_new_purpose_needs_a_reason() -> None:
    with pytest.raises(MalformedError, match="purpose needs a reason"):
        amend_lot(lot=counted_lot(), order=AmendOrder(purpose=LotPurpose.RISK), command=command())


def test_amendment_that_changes_nothing_is_refused() -> None:
    with pytest.raises(RefusedError, match="says all that already"):
        amend_lot(lot=counted_lot(), order=AmendOrder(is_hot=False), command=command())
