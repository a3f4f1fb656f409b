from __future__ import annotations

import pytest

from lots.domain.commands import LotOrder
from lots.domain.errors import HeldError, WrongStateError, WrongStepError
from lots.domain.words import LotKind, LotPurpose, LotState, UnitOfMeasure
from lots.models import Lot
from lots.selectors import lots_on_hold, open_holds
from lots.services import move_lot, receive_lot, release_hold, ship_lot
from lots.tests.making import (
    T0,
    again,
    command,
    counted_lot,
    hold,
    step,
    supplier,
    wafer_lot,
)
from lots.tests.routing import released_route
from supplychain.base.errors import MalformedError, MissingError, RefusedError

pytestmark = pytest.mark.usefixtures("catalogue")


def moved(lot: Lot, code: str, **rest: object) -> Lot:
    return again(move_lot(lot=lot, to_step=step("A", code), command=command(**rest)).lot)  # type: ignore[arg-type]


def test_move_is_a_new_step_and_a_new_version() -> None:
    lot = moved(wafer_lot(), "FAB", hours=6)
    assert (lot.step.code, lot.version, (lot.step_entered_at - T0).seconds) == ("FAB", 2, 6 * 3600)


def test_vendors_count_is_kept_and_ours_stays() -> None:
    event = move_lot(
        lot=wafer_lot(), to_step=step("A", "FAB"), command=command(), reported_quantity=2
    )
    assert (event.reported_quantity, again(event.lot).quantity) == (2, 3)


@pytest.mark.parametrize("count", [-1, 10_000_001])
def test_a_count_that_nobody_counts_is_refused(count: int) -> None:
    lot = wafer_lot()
    with pytest.raises(MalformedError, match="reported_quantity"):
        move_lot(lot=lot, to_step=step("A", "FAB"), command=command(), reported_quantity=count)


def test_step_of_another_route_is_refused() -> None:
    with pytest.raises(WrongStepError, match="not on A v1"):
        move_lot(lot=wafer_lot(), to_step=step("B", "RCV"), command=command())


def test_move_to_where_it_stands_is_refused() -> None:
    with pytest.raises(WrongStepError, match="at START already"):
        moved(wafer_lot(), "START")


def test_way_back_needs_a_reason() -> None:
    lot = moved(wafer_lot(), "WAT")
    with pytest.raises(WrongStepError, match="Give a reason"):
        moved(lot, "FAB")
    assert moved(lot, "FAB", reason="rework").step.code == "FAB"


def test_held_lot_goes_back_but_not_on() -> None:
    lot = moved(wafer_lot(), "WAT")
    hold(lot)
    with pytest.raises(HeldError, match="bin spike"):
        moved(lot, "RCV")
    assert moved(lot, "FAB", reason="remeasure").step.code == "FAB"


def test_free_route_is_entered_in_any_order() -> None:
    released_route("F", {"code": "AGAIN"}, {"code": "ENG"}, is_free=True)
    order = LotOrder(
        "E1", LotKind.PART, "TRN2", "F", "ENG", "MRVL", UnitOfMeasure.PACKAGE, 1,
        LotPurpose.ENGINEERING,
    )  # fmt: skip
    lot = receive_lot(order=order, command=command()).lot
    again_step = lot.route_version.steps.get(code="AGAIN")
    hold(lot)
    event = move_lot(lot=lot, to_step=again_step, command=command())
    assert again(event.lot).step == again_step


def test_lot_that_is_gone_is_missing() -> None:
    with pytest.raises(MissingError, match="does not exist"):
        move_lot(lot=Lot(pk=987, code="GHOST"), to_step=step("A", "FAB"), command=command())


def test_shipped_lot_does_not_move() -> None:
    lot = wafer_lot()
    ship_lot(lot=lot, to=supplier("OSAT1"), customer="Cloud", command=command())
    with pytest.raises(WrongStateError, match="W1 is shipped; move is not possible"):
        moved(lot, "FAB")
    assert (again(lot).state, again(lot).customer) == (LotState.SHIPPED, "Cloud")


def test_lot_is_shipped_to_where_it_is_only_for_a_customer() -> None:
    lot = wafer_lot()
    with pytest.raises(RefusedError, match="W1 is at TSMC already"):
        ship_lot(lot=lot, to=supplier("TSMC"), customer="", command=command())
    ship_lot(lot=lot, to=supplier("TSMC"), customer="Cloud", command=command())
    assert again(lot).state == LotState.SHIPPED


def test_held_lot_is_not_shipped() -> None:
    lot = wafer_lot()
    hold(lot)
    with pytest.raises(HeldError, match="ship must wait"):
        ship_lot(lot=lot, to=supplier("OSAT1"), customer="", command=command())


def test_shipped_lot_can_be_held() -> None:
    lot = wafer_lot()
    ship_lot(lot=lot, to=supplier("OSAT1"), customer="", command=command())
    hold(lot, "late finding")
    assert [found.code for found in lots_on_hold()] == ["W1"]


def test_several_holds_are_released_one_by_one() -> None:
    lot = counted_lot()
    first, second = hold(lot, "counting"), hold(lot, "bent pins")
    release_hold(hold=first, disposition="use as is", command=command(hours=2))
    assert list(open_holds(lot)) == [second]
    first.refresh_from_db()
    assert (first.disposition, first.released_by is not None) == ("use as is", True)


def test_hold_is_released_once() -> None:
    placed = hold(counted_lot())
    release_hold(hold=placed, disposition="rework", command=command())
    with pytest.raises(WrongStateError, match="released before"):
        release_hold(hold=placed, disposition="rework", command=command())


def test_release_says_what_was_decided() -> None:
    with pytest.raises(MalformedError, match="disposition"):
        release_hold(hold=hold(counted_lot()), disposition=" ", command=command())
