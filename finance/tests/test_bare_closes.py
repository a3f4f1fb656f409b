"""What the service refuses, plain SQL cannot do either: closing alone, early, or at another line;
approving a document that posts nothing; making a product another one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError, connection, transaction

from finance.domain.words import GapCode, PeriodState
from finance.models import (
    CostVersion,
    Follower,
    LedgerEntry,
    LedgerHead,
    Period,
    PostingGap,
)
from finance.selectors.verifying import first_fault
from finance.services import (
    approve_invoice,
    close_period,
    post_events,
    prepare_invoice,
    soft_close_period,
)
from finance.tests.invoicing import ORDER, person
from finance.tests.line import chip_lot, shipped, wafer_lot
from lots.models import Event, Product, Supplier

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("first_day", "books")]

Close = Callable[[], None]


def sql(text: str, *given: int | str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(text, given)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


@pytest.fixture
def people() -> tuple[User, User]:
    return person("ann"), person("bob")


@pytest.fixture
def march(people: tuple[User, User]) -> Period:
    """Soft-closed, the first of the calendar, with one lot that is posted."""
    Period.objects.filter(starts_on__lt=date(2026, 3, 1)).delete()
    wafer_lot("W1", 2, step="BUMP", at=datetime(2026, 3, 5, 12, tzinfo=UTC))
    post_events()
    return soft_close_period(period=Period.objects.get(code="2026-03"), preparer=people[0])


@pytest.fixture
def close(march: Period, people: tuple[User, User]) -> Close:
    """By SQL, at the ledger's end and by another person: all that a close says of itself."""

    def closed() -> None:
        head = LedgerHead.objects.get()
        sql(
            "UPDATE finance_period SET state = 'closed', approved_by_id = %s, closed_seq = %s, "
            "closed_sha256 = %s WHERE code = %s",
            people[1].pk, head.seq, head.sha256, march.code,
        )  # fmt: skip

    return closed


def test_by_the_service_it_closes(march: Period, people: tuple[User, User]) -> None:
    close_period(period=march, approver=people[1])
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    assert first_fault() == ""


def test_a_period_closes_with_its_first_version(close: Close) -> None:
    with pytest.raises(DatabaseError, match="closes with its first version"):
        close()


def test_with_an_event_not_posted_it_stays_open(close: Close) -> None:
    wafer_lot("W2", 2, step="BUMP", at=datetime(2026, 3, 6, 12, tzinfo=UTC))
    with pytest.raises(DatabaseError, match="events that are not posted"):
        close()


def test_an_event_of_the_next_month_does_not_hold_it(close: Close) -> None:
    wafer_lot("W2", 2, step="BUMP", at=datetime(2026, 4, 2, 12, tzinfo=UTC))
    with pytest.raises(DatabaseError, match="first version"):
        close()


def test_with_an_owed_event_it_stays_open(close: Close) -> None:
    wafer_lot("W2", 2, step="BUMP", at=datetime(2026, 3, 6, 12, tzinfo=UTC))
    event = Event.objects.latest("seq")
    PostingGap.objects.create(
        event=event, seq=event.seq, code=GapCode.MISSING_COST, detail="no cost"
    )
    Follower.objects.update(seq=event.seq)
    with pytest.raises(DatabaseError, match="events that are not posted"):
        close()


def test_with_costs_that_wait_it_stays_open(close: Close, people: tuple[User, User]) -> None:
    CostVersion.objects.create(code="LATE", effective_on=date(2026, 3, 31), prepared_by=people[0])
    with pytest.raises(DatabaseError, match="wait for approval"):
        close()


def test_after_a_month_that_is_open_it_stays_open(close: Close) -> None:
    Period.objects.create(code="2026-02", starts_on=date(2026, 2, 1), ends_on=date(2026, 2, 28))
    with pytest.raises(DatabaseError, match="close 2026-02 first"):
        close()


def test_it_closes_where_the_ledger_ends(march: Period, people: tuple[User, User]) -> None:
    march.state, march.approved_by = PeriodState.CLOSED, people[1]
    march.closed_seq, march.closed_sha256 = 1, LedgerEntry.objects.get(seq=1).sha256
    with pytest.raises(DatabaseError, match="where the ledger ends"), transaction.atomic():
        march.save()


def test_nobody_prepares_nothing() -> None:
    with pytest.raises(DatabaseError, match="finance_period_prepared"):
        sql("UPDATE finance_period SET state = 'soft-closed' WHERE code = '2026-03'")


def test_a_period_begins_open(people: tuple[User, User]) -> None:
    with pytest.raises(DatabaseError, match="begins open"):
        sql(
            "INSERT INTO finance_period (code, starts_on, ends_on, state, closed_seq, "
            "closed_sha256, reopened_count, prepared_by_id, approved_by_id) VALUES "
            "('2039-01', '2039-01-01', '2039-01-31', 'closed', 0, '', 0, %s, %s)",
            people[0].pk, people[1].pk,
        )  # fmt: skip


def waiting_invoice(preparer: User) -> int:
    shipped(wafer_lot("W1", 2, step="WAT"), "OSAT1", "RCV")
    post_events()
    return prepare_invoice(order=ORDER, key="one", preparer=preparer).pk


def without_guard(statement: str) -> None:
    """On invoices."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    sql("ALTER TABLE finance_invoice DISABLE TRIGGER USER")
    sql(statement)
    sql("ALTER TABLE finance_invoice ENABLE TRIGGER USER")


UNPOSTED = (
    "UPDATE finance_invoice SET approved_by_id = %s, approved_at = now(), transaction = 1 "
    "WHERE id = %s"
)


def test_a_document_is_approved_with_what_it_posts(people: tuple[User, User]) -> None:
    invoice = waiting_invoice(people[0])
    with pytest.raises(DatabaseError, match="posts no transaction 1"):
        sql(UNPOSTED, people[1].pk, invoice)


def test_verification_finds_what_an_approval_did_not_post(people: tuple[User, User]) -> None:
    invoice = waiting_invoice(people[0])
    without_guard(UNPOSTED.replace("%s", "{}").format(people[1].pk, invoice))
    assert "is approved, and transaction 1 is not its" in first_fault()


def test_verification_finds_what_nobody_approved(people: tuple[User, User]) -> None:
    shipped(wafer_lot("W1", 2, step="WAT"), "OSAT1", "RCV")
    post_events()
    approve_invoice(
        document=prepare_invoice(order=ORDER, key="one", preparer=people[0]), approver=people[1]
    )
    assert first_fault() == ""
    without_guard(
        "UPDATE finance_invoice SET approved_by_id = NULL, approved_at = NULL, transaction = NULL"
    )
    assert "says that it is of a document, and none has it" in first_fault()


def test_a_product_with_lots_stays_whose_and_what_it_is() -> None:
    chip_lot("M1", 2)
    tsmc = Supplier.objects.get(code="TSMC")
    for change in ({"is_engineering": True}, {"supplier": tsmc}):
        with pytest.raises(DatabaseError, match="TRN2 has lots"), transaction.atomic():
            Product.objects.filter(code="TRN2").update(**change)
        assert Product.objects.filter(code="TRN1").update(**change) == 1
    assert Product.objects.filter(code="TRN2").update(name="Trainium2") == 1
