from __future__ import annotations

import pytest

from lots.domain.commands import Selection
from lots.domain.errors import (
    GateError,
    HeldError,
    QuantityError,
    ReasonError,
    WrongStateError,
    WrongStepError,
)
from lots.domain.orders import Loss, TrackOutOrder
from lots.domain.words import LineKind, LotState
from lots.models import Event, Lot
from lots.services import move_lot, ship_lot, split_lot, track_in, track_out
from lots.tests.making import (
    T0,
    again,
    chip_lot,
    command,
    counted_lot,
    hold,
    step,
    supplier,
    wafer_lot,
)
from lots.tests.routing import released_route

pytestmark = pytest.mark.usefixtures("catalogue")


def began(lot: Lot, equipment: str = "T-01") -> Lot:
    track_in(lot=lot, command=command(hours=1), equipment=equipment)
    return again(lot)


def finished(lot: Lot, *losses: Loss, **rest: object) -> Event:
    order = TrackOutOrder(losses=losses, **rest)  # type: ignore[arg-type]
    return track_out(lot=lot, order=order, command=command(hours=2))


def test_lot_tracked_in_is_worked_on_where_it_stands() -> None:
    lot = began(counted_lot())
    assert (lot.step.code, lot.equipment, (lot.tracked_in_at or T0) > T0) == ("RCV", "T-01", True)


def test_track_out_takes_losses_and_moves_the_rest_on() -> None:
    lot = began(counted_lot(quantity=10))
    event = finished(
        lot,
        Loss("handling", Selection(quantity=2)),
        Loss("test-reject", Selection(quantity=1), LineKind.LOSS),
    )
    lot = again(lot)
    lines = {line.kind: line.quantity for line in event.lines.all()}
    assert lines == {"in": 10, "scrap": 2, "loss": 1, "good": 7}
    assert (lot.step.code, lot.quantity, lot.tracked_in_at, lot.equipment) == ("SFT", 7, None, "")
    assert [row["counts_in_yield"] for row in event.payload["losses"]] == [True, True]


def test_named_units_are_scrap_or_rejects_afterwards() -> None:
    lot = began(chip_lot(chips=4))
    losses = (
        Loss("handling", Selection(serials=("M1-C0",))),
        Loss("visual-reject", Selection(serials=("M1-C1",)), LineKind.LOSS),
    )
    finished(lot, *losses)
    states = list(lot.units.order_by("serial").values_list("state", flat=True))
    assert states == ["scrapped", "reject", "good", "good"]


def test_last_step_of_a_route_is_tracked_out_in_place() -> None:
    lot = began(chip_lot())
    finished(lot)
    assert (again(lot).step.code, again(lot).tracked_in_at) == ("STOCK", None)


def test_lot_of_which_nothing_is_left_ends_where_it_is() -> None:
    lot = began(counted_lot(quantity=3))
    finished(lot, Loss("handling", Selection(quantity=3)))
    assert (again(lot).state, again(lot).step.code) == (LotState.SCRAPPED, "RCV")


def test_units_found_come_with_a_listed_reason() -> None:
    lot = began(counted_lot(quantity=3))
    with pytest.raises(ReasonError, match="found, recovered, sample-returned"):
        finished(lot, bonus=2, bonus_reason="luck")
    finished(lot, bonus=2, bonus_reason="found")
    assert again(lot).quantity == 5


def test_more_cannot_be_lost_than_there_is() -> None:
    lot = began(counted_lot(quantity=3))
    with pytest.raises(QuantityError, match="has 3 switch; 4 cannot leave"):
        finished(lot, *[Loss("handling", Selection(quantity=2))] * 2)
    assert again(lot).quantity == 3


def test_loss_needs_a_listed_reason() -> None:
    with pytest.raises(ReasonError, match=r"bad luck is no reason for loss\. Known: handling"):
        finished(began(counted_lot()), Loss("bad luck", Selection(quantity=1), LineKind.LOSS))


def test_only_what_is_tracked_in_is_tracked_out() -> None:
    with pytest.raises(WrongStateError, match="not tracked in at RCV"):
        finished(counted_lot())


def test_supplier_reports_an_outsourced_step_without_track_in() -> None:
    released_route("V", {"code": "AWAY", "is_outsourced": True}, {"code": "BACK"})
    lot = counted_lot(route_code="V", step_code="AWAY")
    finished(lot)
    assert again(lot).step.code == "BACK"


def test_step_can_be_named_and_must_be_on_the_route() -> None:
    lot = began(counted_lot())
    with pytest.raises(WrongStepError, match="MOON is not on D v1"):
        finished(lot, to_step_code="MOON")
    finished(lot, to_step_code="TRAY")
    assert again(lot).step.code == "TRAY"


@pytest.mark.parametrize("is_tracked_in", [False, True])
def test_held_lot_is_not_worked_on(is_tracked_in: bool) -> None:
    lot = counted_lot()
    lot = began(lot) if is_tracked_in else lot
    hold(lot)
    with pytest.raises(HeldError, match="bin spike"):
        finished(lot) if is_tracked_in else began(lot)


def test_lot_at_work_waits_with_everything_else() -> None:
    lot = began(counted_lot())
    with pytest.raises(WrongStateError, match="track-in must wait"):
        track_in(lot=lot, command=command())
    with pytest.raises(WrongStateError, match="ship must wait"):
        ship_lot(lot=lot, to=supplier("OPS"), customer="", command=command())
    with pytest.raises(WrongStateError, match="Track it out instead"):
        move_lot(lot=lot, to_step=step("D", "SFT"), command=command(hours=9))


def test_lot_at_work_goes_back_with_a_reason() -> None:
    lot = wafer_lot(step="WAT")
    began(lot)
    move_lot(lot=lot, to_step=step("A", "FAB"), command=command(hours=9, reason="remeasure"))
    assert again(lot).tracked_in_at is None


def test_part_of_a_lot_at_work_is_at_work() -> None:
    lot = began(counted_lot())
    split_lot(lot=lot, child_code="N1.1", selection=Selection(quantity=2), command=command())
    assert Lot.objects.get(code="N1.1").equipment == "T-01"


def test_lot_that_waited_too_long_is_stopped() -> None:
    released_route("V", {"code": "Q", "queue_hours_max": 4, "gate_mode": "stop"})
    lot = counted_lot(route_code="V", step_code="Q")
    with pytest.raises(GateError, match=r"6\.0 hours waited, 4 allowed"):
        track_in(lot=lot, command=command(hours=6))
    track_in(lot=lot, command=command(hours=4))
