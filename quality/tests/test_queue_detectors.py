"""Detectors over the time between steps."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from lots.domain.commands import Selection
from lots.domain.orders import TrackOutOrder
from lots.domain.words import Gate
from lots.models import Event, Lot, WaiverUse
from lots.services import (
    bank_lot,
    correct_event,
    merge_lots,
    move_lot,
    reroute_lot,
    ship_lot,
    split_lot,
    track_out,
    unbank_lot,
)
from lots.tests.making import T0, again, command, counted_lot, supplier, wafer_lot
from lots.tests.permitting import standing
from lots.tests.routing import released_route
from lots.tests.test_queue_limits import begin, limited_route, lot_before_tray, work
from lots.tests.test_waits import carried, cut, package, wafer_route
from quality.detectors.queues import QueueTimePassed, QueueTimeRunning
from quality.domain.findings import Finding

pytestmark = pytest.mark.usefixtures("rules")

HOUR = timedelta(hours=1)


@pytest.fixture
def lot(rules: None) -> Lot:
    """It may begin at TRAY until 25 hours after T0; the gate only flags."""
    limited_route(mode="flag")
    return lot_before_tray()


def waiting(hours: float) -> list[Finding]:
    return QueueTimeRunning().find(T0 + hours * HOUR)


def late(lot: Lot) -> list[Finding]:
    return QueueTimePassed().judge([lot.pk], {}, timezone.now())


def test_a_lot_that_takes_too_long_between_steps_is_found(lot: Lot) -> None:
    assert waiting(25) == []
    (found,) = waiting(31)
    assert found.title == "N1 has been on its way from RCV to TRAY for 30 hours"
    assert (found.evidence.value, found.evidence.limit) == (30, 24)
    assert found.cause_key == "queue-time-running:N1:RCV>TRAY"


def test_it_is_found_no_more_once_work_begins(lot: Lot) -> None:
    begin(lot, 26)
    assert waiting(99) == []


def test_a_merged_lot_is_found_once(lot: Lot) -> None:
    merge_lots(into=lot, lots=[lot_before_tray("N2", 2)], command=command(hours=5))
    (found,) = waiting(31)
    assert found.evidence.value == 30


def test_each_part_of_a_lot_is_found(lot: Lot) -> None:
    split_lot(lot=lot, child_code="N1.1", selection=Selection(3), command=command(hours=4))
    assert {one.lot_id for one in waiting(31)} == set(Lot.objects.values_list("pk", flat=True))


def test_work_begun_too_late_is_found_and_stays(lot: Lot) -> None:
    begun = begin(lot, 31)
    (found,) = late(lot)
    assert found.title == "N1 was begun at TRAY 30 hours after RCV"
    assert found.evidence.facts["begun_by_event"] == begun.seq


def test_a_corrected_start_is_not_found(lot: Lot) -> None:
    correct_event(event=begin(lot, 31), command=command(hours=32, reason="typo"))
    assert late(lot) == []


def test_work_begun_in_time_is_not_found(lot: Lot) -> None:
    begin(lot, 25)
    assert late(lot) == []


def test_a_late_start_under_a_waiver_is_not_found(lot: Lot) -> None:
    standing(again(lot), gate=Gate.QUEUE_TIME, valid_from=T0)
    begin(lot, 31)
    assert WaiverUse.objects.count() == 1
    assert late(lot) == []


def moved(lot: Lot, code: str, hours: float) -> Event:
    step = again(lot).route_version.steps.get(code=code)
    asked = command(hours=hours, reason="again")
    return move_lot(lot=again(lot), to_step=step, command=asked)


def shipped(lot: Lot, hours: float, customer: str = "") -> Event:
    asked = command(hours=hours)
    return ship_lot(lot=again(lot), to=supplier("OSAT1"), customer=customer, command=asked)


def test_a_lot_that_goes_on_unworked_too_late_is_found(lot: Lot) -> None:
    event = moved(lot, "ICT", 31)
    (found,) = late(lot)
    assert found.title == "N1 waited in vain for TRAY 30 hours after RCV"
    assert found.evidence.facts["begun_by_event"] == event.seq


def test_a_lot_sent_to_a_customer_too_late_is_found_and_runs_no_more(lot: Lot) -> None:
    shipped(lot, 31, "Acme")
    assert len(late(lot)) == 1
    assert waiting(99) == []


def test_a_lot_shipped_from_the_end_of_its_route_runs_no_more() -> None:
    limited_route(("RCV", "ICT", 24), mode="flag")
    lot = lot_before_tray()
    moved(lot, "ICT", 5)
    shipped(lot, 6)
    assert waiting(99) == []


def test_a_lot_that_leaves_out_the_last_step_runs_no_more() -> None:
    limited_route(mode="flag")
    lot = counted_lot()
    moved(lot, "ICT", 1)
    assert waiting(99) == []


def test_what_left_the_first_step_once_more_ended_no_wait(lot: Lot) -> None:
    moved(lot, "RCV", 30)
    moved(lot, "SFT", 31)
    moved(lot, "TRAY", 32)
    begin(lot, 33)
    assert late(lot) == []


def test_a_waiver_covers_one_pass_of_a_loop_alone(lot: Lot) -> None:
    standing(again(lot), gate=Gate.QUEUE_TIME, valid_from=T0)
    begin(lot, 31)
    moved(lot, "RCV", 33)
    moved(lot, "SFT", 34)
    moved(lot, "TRAY", 35)
    event = begin(lot, 34 + 40)
    (found,) = late(lot)
    assert (found.evidence.value, found.evidence.facts["begun_by_event"]) == (40, event.seq)


def wait_at_tray(code: str = "N1") -> Lot:
    """Tracked in at RCV in time."""
    waits = {"gate_mode": "flag", "queue_hours_max": 4}
    released_route("D", {"code": "RCV", **waits}, {"code": "SFT", **waits}, {"code": "TRAY"})
    return counted_lot(code)


def test_a_waiver_covers_one_wait_at_a_step_alone() -> None:
    lot = wait_at_tray()
    standing(lot, gate=Gate.QUEUE_TIME, valid_from=T0)
    work(lot, 8)
    assert late(lot) == []
    moved(lot, "RCV", 9)
    begin(lot, 20)
    (found,) = late(lot)
    assert found.title == "N1 was begun at RCV after 11 hours"


def test_what_is_split_off_while_at_work_has_the_waiver_too() -> None:
    lot = wait_at_tray()
    standing(lot, gate=Gate.QUEUE_TIME, valid_from=T0)
    begin(lot, 7)
    split_lot(lot=again(lot), child_code="N1.1", selection=Selection(3), command=command(hours=8))
    assert late(Lot.objects.get(code="N1.1")) == []


def test_a_bank_counts_in_the_wait() -> None:
    lot = wait_at_tray()
    bank_lot(lot=lot, command=command(hours=1))
    unbank_lot(lot=again(lot), command=command(hours=4))
    (found,) = waiting(5)
    assert (found.title, found.evidence.value) == ("N1 has waited at RCV for 5 hours", 5)
    begin(lot, 6)
    assert len(late(lot)) == 1
    track_out(lot=again(lot), order=TrackOutOrder(), command=command(hours=7))
    (found,) = late(lot)
    assert found.evidence.value == 6


def test_a_change_of_route_too_late_is_found() -> None:
    lot = wait_at_tray()
    other = released_route("X", {"code": "LOOK"})
    asked = command(hours=9, reason="other")
    reroute_lot(lot=lot, to_version=other, to_step_code="LOOK", command=asked)
    (found,) = late(lot)
    assert found.title == "N1 went on from RCV after 9 hours"


def test_wafers_diced_and_dies_built_in_too_late_are_found() -> None:
    wafer_route(("BUMP", "COWOS", 4), mode="flag", queue_hours_max=2)
    lot = wafer_lot(step="BUMP", wafers=2)
    carried(lot, "DICE", 1)
    cut(lot, 9)
    carried(lot, "COWOS", 10)
    package(lot, 12)
    assert sorted(found.title for found in late(lot)) == [
        "W1 was begun at COWOS 11 hours after BUMP",
        "W1 went on from DICE after 8 hours",
    ]
