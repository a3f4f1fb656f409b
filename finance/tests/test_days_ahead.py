"""Events of days that have not come: owed, until they are corrected or the day comes."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from django.utils import timezone

from finance.domain.words import GapCode
from finance.models import Entity, LedgerEntry, PostingGap
from finance.services import post_events, replay_gaps
from finance.tests.line import command, moved, wafer_lot
from lots.models import Event
from lots.services import correct_event

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books")]


@pytest.fixture
def ahead() -> datetime:
    """Ten days from now."""
    return timezone.now() + timedelta(days=10)


def open_gaps() -> list[str]:
    gaps = PostingGap.objects.filter(closed_at__isnull=True).order_by("seq")
    return [gap.code for gap in gaps]


def days() -> set[date]:
    return set(LedgerEntry.objects.values_list("effective_on", flat=True))


def test_an_event_of_a_day_to_come_is_owed_and_what_follows_waits(ahead: datetime) -> None:
    moved(wafer_lot("W1", 2, at=ahead, step="RCV"), "BUMP", at=ahead)
    assert post_events().entries == 0
    assert open_gaps() == [GapCode.DAY_AHEAD, GapCode.WAITING]


def test_a_clock_that_is_hours_ahead_owes_nothing() -> None:
    wafer_lot("W1", 2, at=timezone.now() + timedelta(hours=20), step="RCV")
    post_events()
    assert open_gaps() == []


def test_it_is_posted_when_its_day_has_come(
    ahead: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    wafer_lot("W1", 2, at=ahead, step="RCV")
    post_events()
    monkeypatch.setattr(timezone, "now", lambda: ahead)
    replay_gaps()
    assert open_gaps() == []
    assert len(days()) == 1


def test_one_that_is_corrected_counts_on_the_day_it_was_told(ahead: datetime) -> None:
    wafer_lot("W1", 2, at=ahead, step="RCV")
    post_events()
    receipt = Event.objects.get(lot__code="W1")
    correct_event(event=receipt, command=command(at=timezone.now(), reason="wrong year"))
    replay_gaps()
    post_events()
    replay_gaps()
    assert open_gaps() == []
    assert days() == {Entity.objects.get().today()}
    carried = LedgerEntry.objects.filter(account="inventory")
    assert sum(row.quantity for row in carried) == 0
