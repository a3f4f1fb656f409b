"""Where a written-down lot goes on: to engineering and back, and told anew from another lot."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.contrib.auth.models import Permission, User

from finance.domain.words import Account
from finance.domain.write_downs import LotOrder, WriteDownOrder
from finance.models import LedgerEntry
from finance.services import approve_write_down, post_events, prepare_write_down
from finance.tests.line import command, moved, shipped, wafer_lot
from finance.tests.test_materials import cost_of_cpus, received, retold, server, sums_of
from finance.tests.test_write_downs import assert_whole, carried, on
from lots.domain.orders import AmendOrder
from lots.domain.words import LotPurpose, UnitOfMeasure
from lots.models import Lot
from lots.services import amend_lot

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("first_day", "books")]


def written_down(lot: str, amount: int) -> None:
    rights = Permission.objects.filter(codename__in=["add_writedown", "approve_writedown"])
    people = [User.objects.create_user(name) for name in ("cleo", "dan")]
    for one in people:
        one.user_permissions.set(rights)
    order = WriteDownOrder(
        date(2026, 3, 2), "obsolete", "Offer", (LotOrder(lot, by=Decimal(amount)),)
    )
    document = prepare_write_down(order=order, key="k", preparer=people[0])
    approve_write_down(document=document, approver=people[1])


def turned(lot: Lot, purpose: LotPurpose) -> None:
    lot.refresh_from_db()
    amend_lot(lot=lot, order=AmendOrder(purpose=purpose), command=command(reason="study"))
    post_events()


def test_a_written_down_lot_back_from_engineering_is_not_written_up() -> None:
    lot = moved(shipped(wafer_lot("W1", 2, step="WAT"), "OSAT1", "RCV"), "BUMP", "CP1")
    post_events()
    written_down("W1", 1000)
    turned(lot, LotPurpose.ENGINEERING)
    assert carried() == 0
    expensed = on(Account.VARIANCE)
    turned(lot, LotPurpose.PRODUCTION)
    assert carried() == 0
    assert on(Account.VARIANCE) == expensed
    assert on(Account.WRITE_DOWN) == 1000
    assert_whole()


def test_a_lot_that_was_not_written_down_comes_back_at_standard() -> None:
    lot = moved(shipped(wafer_lot("W1", 2, step="WAT"), "OSAT1", "RCV"), "BUMP", "CP1")
    post_events()
    before = carried()
    turned(lot, LotPurpose.ENGINEERING)
    turned(lot, LotPurpose.PRODUCTION)
    assert carried() == before


def test_written_down_material_told_anew_goes_back_as_it_was_carried() -> None:
    cost_of_cpus("1234.56")
    for code in ("CPUS", "OTHER"):
        received(code, "CPU-1", "P", UnitOfMeasure.COMPONENT, 10)
    post_events()
    written_down("CPUS", 1000)
    event = server()
    post_events()
    built = carried("S1")
    assert carried("CPUS") == 9 * Decimal("1134.56")
    retold(event, "CPUS", "OTHER")
    post_events()
    assert (carried("CPUS"), carried("OTHER")) == (10 * Decimal("1134.56"), 9 * Decimal("1234.56"))
    assert carried("S1") == built
    assert sums_of(account=Account.VARIANCE)[1] == 100
    assert not LedgerEntry.objects.filter(account=Account.WRITE_DOWN, amount__lt=0).exists()
    assert_whole()
