"""Detectors over the time between steps."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from lots.domain.commands import Selection
from lots.domain.words import Gate
from lots.models import Lot, WaiverUse
from lots.services import correct_event, merge_lots, split_lot
from lots.tests.making import T0, again, command
from lots.tests.permitting import standing
from lots.tests.test_queue_limits import begin, limited_route, lot_before_tray
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
