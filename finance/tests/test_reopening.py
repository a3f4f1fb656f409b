"""A month with a count difference closes once that is settled; a prepared close is taken back."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.contrib.auth.models import User
from django.db import transaction

from finance.domain.words import Account, CloseCheck, PeriodState
from finance.models import LedgerEntry, Period, PeriodReopening
from finance.selectors.closing import close_checklist, disputed_buckets
from finance.services import close_period, post_events, reopen_period, soft_close_period
from finance.tests.line import command, wafer_lot
from lots.domain.commands import Selection
from lots.models import Lot, Step, Supplier
from lots.services import receive_shipment, scrap_units, ship_lot
from supplychain.base.errors import ForbiddenError, MalformedError, RefusedError

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books")]


@pytest.fixture
def people() -> tuple[User, User]:
    return User.objects.create_user("ann"), User.objects.create_user("bob")


@pytest.fixture
def march(books: None) -> Period:
    """Open; nothing before it is."""
    Period.objects.filter(starts_on__lt=date(2026, 3, 1)).delete()
    return Period.objects.get(code="2026-03")


def at(month: int, day: int) -> datetime:
    return datetime(2026, month, day, 12, tzinfo=UTC)


def short_arrival(code: str = "W1", *, month: int = 3) -> Lot:
    """Three wafers are sent, two are counted."""
    lot = wafer_lot(code, 3, at=at(month, 20), step="WAT")
    osat = Supplier.objects.get(code="OSAT1")
    ship_lot(lot=lot, to=osat, customer="", command=command(at=at(month, 25)))
    lot = Lot.objects.get(pk=lot.pk)
    receive_shipment(
        lot=lot,
        custodian=osat,
        to_step=Step.objects.get(route_version=lot.route_version_id, code="RCV"),
        counted_quantity=2,
        command=command(at=at(month, 26)),
    )
    post_events()
    return Lot.objects.get(pk=lot.pk)


def settle(lot: Lot, when: datetime) -> None:
    lost = command(at=when, reason="lost-in-transit")
    scrap_units(lot=lot, selection=Selection(wafers=(3,)), command=lost)
    post_events()


def in_dispute(period: Period) -> bool:
    counts = {line.check: line.count for line in close_checklist(period)}
    assert counts[CloseCheck.DISPUTED_UNITS] == len(disputed_buckets(period))
    return bool(disputed_buckets(period))


def test_a_difference_that_is_settled_in_the_next_month_lets_its_own_close(
    march: Period, people: tuple[User, User]
) -> None:
    lot = short_arrival()
    assert in_dispute(march)
    settle(lot, at(4, 3))
    assert not in_dispute(march)
    prepared = soft_close_period(period=march, preparer=people[0])
    assert close_period(period=prepared, approver=people[1]).state == PeriodState.CLOSED
    told = LedgerEntry.objects.filter(account=Account.COUNT_ADJUSTMENT)
    assert [(row.period_id, row.quantity) for row in told] == [("2026-03", 1), ("2026-04", -1)]


def test_a_difference_that_is_settled_after_the_close_was_prepared_lets_it_close(
    march: Period, people: tuple[User, User]
) -> None:
    lot = short_arrival()
    prepared = soft_close_period(period=march, preparer=people[0])
    with pytest.raises(RefusedError, match="in dispute"):
        close_period(period=prepared, approver=people[1])
    settle(lot, at(3, 28))
    assert close_period(period=prepared, approver=people[1]).state == PeriodState.CLOSED


def test_another_lot_in_dispute_in_the_next_month_does_not_keep_the_month_open(
    march: Period,
) -> None:
    settle(short_arrival(), at(4, 3))
    short_arrival("W2", month=4)
    assert not in_dispute(march)
    assert in_dispute(Period.objects.get(code="2026-04"))


def test_a_period_opened_again_takes_its_own_facts_again(
    march: Period, people: tuple[User, User]
) -> None:
    prepared = soft_close_period(period=march, preparer=people[0])
    wafer_lot("W1", at=at(3, 5))
    post_events()
    reopen_period(period=prepared, reason=" wafers were missing ", actor=people[0])
    wafer_lot("W2", at=at(3, 6))
    post_events()
    found = {row.lot_id: row.period_id for row in LedgerEntry.objects.all()}
    assert found == {"W1": "2026-04", "W2": "2026-03"}
    kept = PeriodReopening.objects.get()
    assert (kept.number, kept.reason, kept.prepared_by) == (1, "wafers were missing", people[0])


def test_who_took_a_close_back_and_prepares_it_anew_does_not_approve_it(
    march: Period, people: tuple[User, User]
) -> None:
    ann, bob = people
    for _ in range(2):
        prepared = soft_close_period(period=march, preparer=ann)
        march = reopen_period(period=prepared, reason="too early", actor=bob).period
    assert march.reopened_count == 2
    prepared = soft_close_period(period=march, preparer=bob)
    with pytest.raises(ForbiddenError):
        close_period(period=prepared, approver=bob)
    assert close_period(period=prepared, approver=ann).state == PeriodState.CLOSED


def test_only_a_prepared_period_is_opened_again_and_with_a_reason(
    march: Period, people: tuple[User, User]
) -> None:
    with pytest.raises(RefusedError, match="only one whose close is prepared"):
        reopen_period(period=march, reason="why not", actor=people[0])
    prepared = soft_close_period(period=march, preparer=people[0])
    with pytest.raises(MalformedError, match="Give a reason"), transaction.atomic():
        reopen_period(period=prepared, reason=" ", actor=people[0])
    closed = close_period(period=prepared, approver=people[1])
    with pytest.raises(RefusedError, match="is closed"):
        reopen_period(period=closed, reason="why not", actor=people[0])
    assert not PeriodReopening.objects.exists()
