"""Detectors over waivers and queue times."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from lots.domain.commands import HoldOrder
from lots.domain.orders import TrackOutOrder
from lots.domain.words import Gate, HoldClass, LotPurpose
from lots.models import Lot, Waiver, WaiverUse
from lots.services import correct_event, hold_lot, move_lot
from lots.services.tracking import track_in, track_out
from lots.tests.making import T0, command, counted_lot
from lots.tests.permitting import DAY, asked, granted, guarded_lot, passing, standing
from notices.domain.words import Severity
from quality.detectors.missing import MissingTestData
from quality.detectors.queues import QueueTimePassed, QueueTimeRunning
from quality.detectors.waivers import WaiverLimits
from quality.domain.findings import Finding
from quality.tests.building import rule

pytestmark = pytest.mark.usefixtures("rules")

HOUR = timedelta(hours=1)


def queued_lot(code: str = "N1", **step: Any) -> Lot:
    return guarded_lot(
        code, **{"requires_results": False, "gate_mode": "flag", "queue_hours_max": 4, **step}
    )


def begun(lot: Lot, hours: float) -> Lot:
    track_in(lot=lot, command=command(hours=hours))
    lot.refresh_from_db()
    return lot


def waiting(hours: float) -> list[Finding]:
    return QueueTimeRunning().find(T0 + hours * HOUR)


def late(lot: Lot) -> list[Finding]:
    return QueueTimePassed().judge([lot.pk], {}, timezone.now())


def limits() -> list[Finding]:
    return WaiverLimits().find(timezone.now())


def passed(lot: Lot) -> WaiverUse:
    step = lot.route_version.steps.get(code="SFT")
    return WaiverUse.objects.get(event=passing(lot, step)())


def test_a_lot_that_waits_too_long_is_found() -> None:
    queued_lot()
    (found,) = waiting(4.5)
    assert found.title == "N1 has waited at RCV for 4 hours"
    assert (found.evidence.value, found.evidence.limit) == (4.5, 4.0)


def test_a_wait_on_the_limit_is_not_found() -> None:
    queued_lot()
    assert waiting(4) == []


def test_a_lot_being_worked_on_waits_no_more() -> None:
    begun(queued_lot(), 3)
    assert waiting(10) == []


@pytest.mark.parametrize("step", [{"is_outsourced": True}, {"gate_mode": "off"}])
def test_nothing_is_said_where_nobody_counts(step: dict[str, Any]) -> None:
    queued_lot(**step)
    assert waiting(100) == []


def test_engineering_and_empty_lots_may_wait() -> None:
    queued_lot("N1")
    Lot.objects.update(purpose=LotPurpose.ENGINEERING)
    counted_lot("N2", quantity=0)
    assert waiting(100) == []


def test_work_begun_too_late_is_found_while_it_lasts() -> None:
    (found,) = late(begun(queued_lot(), 6))
    assert found.title == "N1 was begun at RCV after 6 hours"
    assert found.evidence.facts["left_by_event"] is None


def test_work_begun_too_late_is_found_after_it_too() -> None:
    lot = begun(queued_lot(), 6)
    order = TrackOutOrder(to_step_code="SFT")
    track_out(lot=lot, order=order, command=command(hours=8))
    (found,) = late(lot)
    assert found.evidence.facts["left_by_event"] == lot.events.latest("seq").seq


def test_work_begun_in_time_is_not_found() -> None:
    assert late(begun(queued_lot(), 3)) == []


def moved_on(lot: Lot, hours: float) -> Lot:
    sft = lot.route_version.steps.get(code="SFT")
    move_lot(lot=lot, to_step=sft, command=command(hours=hours))
    lot.refresh_from_db()
    return lot


def test_a_lot_that_went_on_after_too_long_a_wait_is_found() -> None:
    (found,) = late(moved_on(queued_lot(), 50))
    assert found.title == "N1 went on from RCV after 50 hours"


def test_a_move_from_a_supplier_proves_no_wait_that_the_work_may_have_taken() -> None:
    lot = moved_on(queued_lot(is_outsourced=True, days_max=2), 50)
    assert late(lot) == []


def test_a_move_from_a_supplier_proves_what_the_work_cannot_have_taken() -> None:
    (found,) = late(moved_on(queued_lot(is_outsourced=True, days_max=2), 53))
    assert found.evidence.value == 5


def test_a_move_back_ends_no_wait() -> None:
    lot = moved_on(queued_lot(), 1)
    Lot.objects.update(step=lot.route_version.steps.get(code="RCV"), step_entered_at=T0)
    assert late(lot) == []


def test_a_wait_under_a_waiver_is_not_found() -> None:
    lot = queued_lot()
    standing(lot, gate=Gate.QUEUE_TIME, valid_from=T0)
    assert late(begun(lot, 6)) == []


def test_a_waiver_that_was_given_back_covers_no_later_start() -> None:
    lot = queued_lot()
    standing(lot, gate=Gate.QUEUE_TIME, valid_from=T0, valid_to=T0 + 7 * HOUR)
    begun(lot, 6)
    correct_event(event=WaiverUse.objects.get().event, command=command(hours=6.5, reason="typo"))
    lot.refresh_from_db()
    (found,) = late(begun(lot, 8))
    assert found.title == "N1 was begun at RCV after 8 hours"


def test_a_step_passed_under_a_waiver_is_no_escape() -> None:
    lot, other = guarded_lot("N1", gate_mode="flag"), guarded_lot("N2")
    granted(lot)
    for one in (lot, other):
        passing(one, one.route_version.steps.get(code="SFT"))()
        one.refresh_from_db()
    found = MissingTestData().judge([lot.pk, other.pk], {}, timezone.now())
    assert [one.lot_id for one in found] == [other.pk]


def test_a_step_that_samples_asks_only_some_lots() -> None:
    lots = [guarded_lot(f"N{number}", gate_mode="flag", sampling_every=2) for number in range(8)]
    for lot in lots:
        passing(lot, lot.route_version.steps.get(code="SFT"))()
    found = MissingTestData().judge([lot.pk for lot in lots], {}, timezone.now())
    assert 0 < len(found) < len(lots)


def test_a_waiver_that_ends_soon_is_found_with_what_is_left() -> None:
    granted(guarded_lot(), quantity=25)
    (found,) = limits()
    assert found.severity is Severity.MINOR
    assert found.title.endswith("(results at RCV for N1) ends in 24 hours")
    assert found.evidence.value == 25


def test_the_rule_says_how_soon() -> None:
    granted(guarded_lot())
    rule("waiver-limits", parameters={"warning_hours": 12})
    assert limits() == []


def test_a_waiver_used_up_or_not_approved_may_end() -> None:
    lot = guarded_lot("N1")
    granted(lot)
    passed(lot)
    asked(guarded_lot("N2"))
    assert limits() == []


@pytest.mark.parametrize(
    ("begins", "ends", "at"), [(1, 9, 0), (-2, -1, -1.5)], ids=["too early", "told too late"]
)
def test_what_passed_outside_the_time_of_a_waiver_is_found(
    begins: float, ends: float, at: float
) -> None:
    now, lot = timezone.now(), guarded_lot()
    waiver = standing(lot, valid_from=now + begins * DAY, valid_to=now + ends * DAY)
    used(waiver, lot, 10, days=at)
    (found,) = limits()
    assert found.title.endswith("N1 passed outside its time")
    assert found.lot_id == lot.pk


def test_what_passed_beyond_the_quantity_is_found() -> None:
    lot = guarded_lot()
    waiver = granted(lot)
    passed(lot)
    used(waiver, lot, 1)
    (found,) = limits()
    assert found.title.endswith("11 of 10 units passed")


def used(waiver: Waiver, lot: Lot, quantity: int, days: float = 0) -> None:
    """A use that the services would have refused, by an event of just now or days from it."""
    order = command(hours=(timezone.now() + days * DAY - T0) / HOUR)
    part = HoldOrder(HoldClass.QUALITY, "looked at")
    event = hold_lot(lot=lot, order=part, command=order)
    WaiverUse.objects.create(waiver=waiver, event=event, quantity=quantity)
