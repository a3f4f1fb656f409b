"""Counts that differ, from their arrival to the close of their month."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.contrib.auth.models import User

from finance.domain.words import Account, CloseCheck, PeriodState
from finance.models import Period, PostingGap
from finance.selectors.closing import close_checklist
from finance.services import close_period, post_events, soft_close_period
from finance.tests.line import command
from finance.tests.memory import at, parts, sent
from finance.tests.staging import ruled
from finance.tests.test_posting import carried
from lots.domain.commands import Selection
from lots.models import Lot, Step
from lots.services import move_lot, record_bonus, record_loss

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("parts_cost")]


def disputes() -> int:
    """What the checklist of the month counts."""
    lines = close_checklist(Period.objects.get(code="2026-03"))
    return next(line.count for line in lines if line.check == CloseCheck.DISPUTED_UNITS)


def stock(lot: Lot) -> tuple[int, Decimal]:
    post_events()
    assert not PostingGap.objects.exists()
    return carried(lot)[Account.INVENTORY]


def test_an_over_count_that_is_found_is_in_stock_once_and_the_month_closes() -> None:
    Period.objects.filter(starts_on__lt=date(2026, 3, 1)).delete()
    lot = sent(parts(), "ODM1", day=5, counted=12)
    assert (stock(lot), disputes()) == ((12, Decimal(3600)), 1)
    record_bonus(lot=lot, quantity=2, command=command(at=at(6), reason="found"))
    assert (stock(lot), disputes()) == ((12, Decimal(3600)), 0)
    ann, bob = User.objects.get(username="ann"), User.objects.get(username="bob")
    march = soft_close_period(period=Period.objects.get(code="2026-03"), preparer=ann)
    assert close_period(period=march, approver=bob).state == PeriodState.CLOSED


def test_missing_units_that_a_vendor_counts_later_are_back() -> None:
    lot = sent(parts(), "ODM1", day=5, counted=8, step="RCV")
    assert (stock(lot), disputes()) == ((8, Decimal(2400)), 1)
    step = Step.objects.get(route_version=lot.route_version_id, code="STOCK")
    move_lot(lot=lot, to_step=step, reported_quantity=10, command=command(at=at(6)))
    assert (stock(lot), disputes()) == ((10, Decimal(3000)), 0)


@pytest.mark.parametrize(
    ("reason", "left", "open_disputes"), [("handling", 6, 1), ("missing", 8, 0)]
)
def test_what_is_lost_otherwise_was_there(reason: str, left: int, open_disputes: int) -> None:
    lot = sent(parts(), "ODM1", day=5, counted=8)
    lost = command(at=at(7), reason=reason)
    record_loss(lot=lot, selection=Selection(quantity=2), command=lost)
    assert (stock(lot)[0], disputes()) == (left, open_disputes)


def test_which_reasons_say_that_units_are_missing_is_data() -> None:
    ruled(date(2026, 1, 1), handling=(False, True))
    lot = sent(parts(), "ODM1", day=5, counted=8)
    lost = command(at=at(7), reason="handling")
    record_loss(lot=lot, selection=Selection(quantity=2), command=lost)
    assert (stock(lot)[0], disputes()) == (8, 0)
