"""Every verb that ends a wait asks whether it took too long, and none shortens it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lots.domain.commands import Selection
from lots.domain.errors import GateError
from lots.domain.orders import TrackOutOrder
from lots.domain.words import Gate, LotState, VersionState
from lots.models import Event, Lot, Product, QueueClock, RouteVersion, WaiverUse
from lots.services import (
    assemble_units,
    bank_lot,
    correct_event,
    dice_lot,
    merge_lots,
    move_lot,
    receive_shipment,
    reroute_lot,
    rework_in,
    rework_out,
    ship_lot,
    split_lot,
    unbank_lot,
)
from lots.services.tracking import track_in, track_out
from lots.tests.making import (
    T0,
    again,
    chip_order,
    command,
    counted_lot,
    die_orders,
    good_units,
    supplier,
    wafer_lot,
)
from lots.tests.permitting import standing
from lots.tests.routing import draft_version, limited, released_route
from lots.tests.test_queue_limits import clocks, limited_route, lot_before_tray, since

pytestmark = pytest.mark.usefixtures("catalogue", "clocks_run_alike")

WAIT: dict[str, Any] = {"gate_mode": "stop", "queue_hours_max": 4}


def waiting_lot(code: str = "N1") -> Lot:
    """It is to be tracked in at RCV until four hours after T0."""
    if not RouteVersion.objects.filter(route__code="D", version=2).exists():
        released_route("D", {"code": "RCV", **WAIT}, {"code": "SFT"}, {"code": "TRAY"})
    return counted_lot(code)


def leave(lot: Lot, hours: float) -> Event:
    sft = again(lot).step.route_version.steps.get(code="SFT")
    return move_lot(lot=lot, to_step=sft, command=command(hours=hours))


def arrive(lot: Lot, hours: float, code: str = "SFT") -> Event:
    return receive_shipment(
        lot=lot,
        custodian=supplier("OSAT1"),
        to_step=again(lot).route_version.steps.get(code=code),
        counted_quantity=10,
        command=command(hours=hours),
    )


def sent(lot: Lot, hours: float, customer: str = "") -> Event:
    return ship_lot(lot=lot, to=supplier("OSAT1"), customer=customer, command=command(hours=hours))


def arrival_later(lot: Lot, hours: float) -> Event:
    sent(lot, 1)
    return arrive(lot, hours)


def to_customer(lot: Lot, hours: float) -> Event:
    return sent(lot, hours, "Acme")


def newest(*codes: str, route: str = "D") -> RouteVersion:
    return released_route(route, *({"code": code} for code in codes))


def by_version(lot: Lot, hours: float) -> Event:
    other, asked = newest("RCV", "SFT"), command(hours=hours, reason="new")
    return reroute_lot(lot=lot, to_version=other, to_step_code="RCV", command=asked)


def by_route(lot: Lot, hours: float) -> Event:
    other, asked = newest("LOOK", route="X"), command(hours=hours, reason="other")
    return reroute_lot(lot=lot, to_version=other, to_step_code="LOOK", command=asked)


LEAVING: dict[str, Callable[[Lot, float], Event]] = {
    "move": leave,
    "arrival at a later step": arrival_later,
    "shipping to a customer": to_customer,
    "another version": by_version,
    "another route": by_route,
}


@pytest.mark.parametrize("way", LEAVING)
def test_a_wait_that_took_too_long_is_not_left(way: str) -> None:
    lot = waiting_lot()
    with pytest.raises(GateError, match=r"5\.0 hours waited, 4 allowed"):
        LEAVING[way](lot, 5)


@pytest.mark.parametrize("way", LEAVING)
def test_a_wait_within_its_limit_is_left(way: str) -> None:
    lot = waiting_lot()
    assert LEAVING[way](lot, 4).lot == lot


@pytest.mark.parametrize("way", LEAVING)
def test_a_wait_is_left_under_a_waiver_used_once(way: str) -> None:
    lot = waiting_lot()
    standing(lot, gate=Gate.QUEUE_TIME, valid_from=T0)
    event = LEAVING[way](lot, 5)
    assert [use.event_id for use in WaiverUse.objects.all()] == [event.pk]


def test_what_was_shipped_is_received_where_it_was_however_late() -> None:
    lot = waiting_lot()
    sent(lot, 1)
    assert arrive(lot, 50, "RCV").lot == lot


def test_rework_is_not_left_after_too_long_a_wait() -> None:
    lot = waiting_lot()
    released_route("RW", {"code": "CLEAN", **WAIT}, is_rework=True)
    rework_out(
        lot=lot, route_code="RW", step_code="CLEAN", return_step_code="RCV",
        command=command(hours=1, reason="contact"),
    )  # fmt: skip
    with pytest.raises(GateError, match=r"CLEAN: 5\.0 hours waited, 4 allowed"):
        rework_in(lot=lot, command=command(hours=6))
    track_in(lot=again(lot), command=command(hours=2))
    track_out(lot=again(lot), order=TrackOutOrder(), command=command(hours=3))
    rework_in(lot=again(lot), command=command(hours=9))
    assert again(lot).step.code == "RCV"


def test_a_bank_does_not_shorten_the_wait() -> None:
    lot = waiting_lot()
    bank_lot(lot=lot, command=command(hours=2))
    event = unbank_lot(lot=lot, command=command(hours=4.5))
    with pytest.raises(GateError, match=r"5\.0 hours waited, 4 allowed"):
        track_in(lot=again(lot), command=command(hours=5))
    correct_event(event=event, command=command(hours=6, reason="typo"))
    assert again(lot).waiting_since is None


def test_a_bank_ends_no_wait_of_what_is_split_off_or_merged() -> None:
    lot, other = waiting_lot(), waiting_lot("N2")
    for one in (lot, other):
        bank_lot(lot=one, command=command(hours=1))
        unbank_lot(lot=one, command=command(hours=2))
    split_lot(lot=lot, child_code="N1.1", selection=Selection(3), command=command(hours=3))
    assert Lot.objects.get(code="N1.1").waits_since == T0
    merge_lots(into=other, lots=[again(lot)], command=command(hours=3))
    assert again(other).waits_since == T0


def test_a_merge_does_not_shorten_the_wait() -> None:
    old, fresh = waiting_lot(), waiting_lot("N2")
    bank_lot(lot=fresh, command=command(hours=0.5))
    unbank_lot(lot=fresh, command=command(hours=1))
    Lot.objects.filter(pk=fresh.pk).update(waiting_since=None)
    merge_lots(into=again(fresh), lots=[old], command=command(hours=2))
    with pytest.raises(GateError, match=r"4\.5 hours waited"):
        leave(again(fresh), 4.5)


def test_the_wait_begins_anew_at_the_next_step() -> None:
    lot = waiting_lot()
    bank_lot(lot=lot, command=command(hours=1))
    unbank_lot(lot=lot, command=command(hours=2))
    leave(lot, 3)
    assert again(lot).waits_since == again(lot).step_entered_at


def test_another_version_does_not_shorten_the_wait() -> None:
    lot = waiting_lot()
    other = released_route("D", {"code": "RCV", **WAIT}, {"code": "SFT"})
    asked = command(hours=3, reason="new")
    reroute_lot(lot=lot, to_version=other, to_step_code="RCV", command=asked)
    with pytest.raises(GateError, match=r"5\.0 hours waited"):
        leave(lot, 5)


def wafer_route(*limits: tuple[str, str, float], mode: str = "stop", **dice: Any) -> None:
    version = draft_version(
        "A",
        {"code": "BUMP", "gate_mode": mode},
        {"code": "DICE", "kind": "dice", "gate_mode": mode, **dice},
        {"code": "COWOS", "gate_mode": mode},
        {"code": "FT", "gate_mode": mode},
    )
    for limit in limits:
        limited(version, *limit)
    version.state, version.released_at = VersionState.RELEASED, T0
    version.save()


def cut(lot: Lot, hours: float) -> Event:
    die = Product.objects.get(code="TRN3-DIE")
    asked = command(hours=hours)
    return dice_lot(lot=again(lot), dies=die_orders(2, 4), die_product=die, command=asked)


def carried(lot: Lot, code: str, hours: float) -> Event:
    step = again(lot).route_version.steps.get(code=code)
    return move_lot(lot=again(lot), to_step=step, command=command(hours=hours))


def package(lot: Lot, hours: float, count: int = 2, code: str = "P1") -> Event:
    loose = [unit for unit in good_units(lot) if not unit.parent_edges.exists()]
    order = chip_order(code, loose[:count])
    return assemble_units(order=order, command=command(hours=hours))


def test_wafers_that_waited_too_long_are_not_diced() -> None:
    wafer_route(queue_hours_max=4)
    lot = wafer_lot(step="DICE", wafers=2)
    with pytest.raises(GateError, match=r"DICE: 5\.0 hours waited, 4 allowed"):
        cut(lot, 5)
    cut(lot, 4)
    carried(lot, "COWOS", 9)
    assert again(lot).step.code == "COWOS"


def test_wafers_diced_too_long_after_a_step_are_refused() -> None:
    wafer_route(("BUMP", "DICE", 4))
    lot = wafer_lot(step="BUMP", wafers=2)
    carried(lot, "DICE", 1)
    with pytest.raises(GateError, match=r"5\.0 hours since the end of BUMP, 4 allowed"):
        cut(lot, 6)
    cut(lot, 5)
    assert clocks(lot) == []


def dies_at_cowos() -> Lot:
    """They left DICE an hour after T0, to be built in within four hours."""
    wafer_route(("DICE", "COWOS", 4))
    lot = wafer_lot(step="DICE", wafers=2)
    cut(lot, 0)
    carried(lot, "COWOS", 1)
    return again(lot)


def test_dies_that_waited_too_long_are_not_built_in() -> None:
    lot = dies_at_cowos()
    with pytest.raises(GateError, match=r"5\.0 hours since the end of DICE, 4 allowed"):
        package(lot, 6)
    assert again(lot).quantity == 8


def test_dies_built_in_wait_no_more_and_the_others_do() -> None:
    lot = dies_at_cowos()
    event = package(lot, 5)
    assert (clocks(event.lot), since(lot)) == ([], [1])
    assert QueueClock.objects.filter(ended_by=event).count() == 1
    with pytest.raises(GateError, match="since the end of DICE"):
        package(lot, 6, code="P2")


def test_a_lot_used_up_has_no_clock_left() -> None:
    lot = dies_at_cowos()
    package(lot, 5, 8)
    assert again(lot).state == LotState.FINISHED
    assert not QueueClock.objects.filter(ended_by__isnull=True).exists()


def test_parts_do_not_jump_over_the_end_of_a_wait() -> None:
    wafer_route(("BUMP", "COWOS", 4))
    lot = wafer_lot(step="BUMP", wafers=2)
    carried(lot, "DICE", 0)
    cut(lot, 1)
    with pytest.raises(GateError, match=r"COWOS: 5\.0 hours since the end of BUMP"):
        order = chip_order("P1", good_units(lot)[:2])
        order = type(order)("P1", "TRN3", "A", "FT", "OSAT1", order.builds)
        assemble_units(order=order, command=command(hours=5))
    built = package(lot, 5).lot
    assert since(built) == [0]
    with pytest.raises(GateError, match="since the end of BUMP"):
        track_in(lot=again(built), command=command(hours=6))


def test_a_wait_left_out_is_asked_of_a_lot_that_was_there_before() -> None:
    limited_route()
    lot = lot_before_tray()
    track_in(lot=again(lot), command=command(hours=4))
    steps = {step.code: step for step in lot.route_version.steps.all()}
    back = command(hours=5, reason="again")
    move_lot(lot=again(lot), to_step=steps["RCV"], command=back)
    move_lot(lot=again(lot), to_step=steps["SFT"], command=command(hours=6))
    with pytest.raises(GateError, match=r"TRAY: 34\.0 hours since the end of RCV"):
        move_lot(lot=again(lot), to_step=steps["ICT"], command=command(hours=40))


def test_shipping_to_a_customer_ends_the_clock_and_its_correction_does_not() -> None:
    limited_route()
    lot = lot_before_tray()
    event = sent(lot, 5, "Acme")
    assert clocks(lot) == []
    correct_event(event=event, command=command(hours=6, reason="typo"))
    assert since(lot) == [1]


def test_shipping_to_another_company_ends_no_clock() -> None:
    limited_route()
    lot = lot_before_tray()
    sent(lot, 5)
    assert since(lot) == [1]
    arrive(lot, 30, "TRAY")
    assert since(lot) == [1]
