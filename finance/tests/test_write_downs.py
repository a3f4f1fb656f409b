from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from django.contrib.auth.models import Permission, User
from django.db import DatabaseError, transaction

from finance.domain.words import Account, CloseCheck
from finance.domain.write_downs import LotOrder, WriteDownOrder
from finance.models import LedgerEntry, Period, PostingProfile, WriteDown, WrittenDownLot
from finance.selectors.balances import rollforward
from finance.selectors.closing import close_checklist
from finance.selectors.facts import holdings_of
from finance.selectors.journals import JournalQuery, journal
from finance.selectors.reconciling import misposted_lots
from finance.selectors.verifying import first_fault
from finance.services import (
    approve_write_down,
    foresee,
    give_up_write_down,
    post_events,
    prepare_write_down,
    soft_close_period,
)
from finance.tests.line import command, diced, moved, scrapped, shipped, wafer_lot
from lots.domain.commands import Selection
from lots.models import Event, Lot
from lots.services import correct_event, split_lot
from supplychain.base.errors import (
    ConflictError,
    ForbiddenError,
    MissingError,
    RefusedError,
    StaleError,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("first_day", "books")]

DAY = date(2026, 3, 2)
ORDER = WriteDownOrder(DAY, "obsolete", "Price list of March", (LotOrder("W1", by=Decimal(1000)),))


def person(name: str) -> User:
    user = User.objects.create_user(name)
    rights = Permission.objects.filter(codename__in=["add_writedown", "approve_writedown"])
    user.user_permissions.set(rights)
    return user


@pytest.fixture
def ann(books: None) -> User:
    return person("ann")


@pytest.fixture
def bob(books: None) -> User:
    return person("bob")


@pytest.fixture
def lot(books: None) -> Lot:
    """Two bumped wafers, ours, at 40,600."""
    found = moved(shipped(wafer_lot("W1", 2, step="WAT"), "OSAT1", "RCV"), "BUMP", "CP1")
    post_events()
    return found


@pytest.fixture
def waiting(lot: Lot, ann: User) -> WriteDown:
    return prepare_write_down(order=ORDER, key="one", preparer=ann)


@pytest.fixture
def posted(waiting: WriteDown, bob: User) -> WriteDown:
    return approve_write_down(document=waiting, approver=bob)


def carried(code: str = "W1") -> Decimal:
    return sum((worth.amount for worth in holdings_of([code]).get(code, {}).values()), Decimal(0))


def on(account: Account) -> Decimal:
    rows = LedgerEntry.objects.filter(account=account).values_list("amount", flat=True)
    return sum(rows, Decimal(0))


def assert_whole() -> None:
    assert first_fault() == ""
    assert misposted_lots() == []
    rolled = rollforward("2026-03", LedgerEntry.objects.count())
    assert {(row.quantity.check, row.amount.check) for row in rolled} == {(Decimal(0), Decimal(0))}


def test_an_approved_one_takes_the_amount_into_the_expense(posted: WriteDown) -> None:
    assert (carried(), on(Account.WRITE_DOWN)) == (Decimal(39600), Decimal(1000))
    line = LedgerEntry.objects.order_by("-seq")[0]
    assert line.transaction == posted.transaction
    assert (line.actor, line.approver, line.reason) == ("ann", "bob", "obsolete")
    assert_whole()


def test_one_that_waits_posts_nothing_and_tells_what_it_would(waiting: WriteDown) -> None:
    legs = foresee(document=waiting).legs
    assert [(leg.position.account, leg.amount) for leg in legs] == [
        (Account.INVENTORY, Decimal(-1000)),
        (Account.WRITE_DOWN, Decimal(1000)),
    ]
    assert on(Account.WRITE_DOWN) == 0


def test_a_value_is_reached_to_the_cent(lot: Lot, ann: User, bob: User) -> None:
    order = replace(ORDER, lots=(LotOrder("W1", to=Decimal("12345.67")),))
    document = prepare_write_down(order=order, key="one", preparer=ann)
    approve_write_down(document=document, approver=bob)
    assert carried() == Decimal("12345.67")


def test_the_same_key_makes_one(waiting: WriteDown, ann: User) -> None:
    assert prepare_write_down(order=ORDER, key="one", preparer=ann) == waiting
    with pytest.raises(ConflictError):
        prepare_write_down(order=replace(ORDER, reason="damaged"), key="one", preparer=ann)
    assert WriteDown.objects.count() == 1


def test_it_is_posted_once(posted: WriteDown, bob: User) -> None:
    with pytest.raises(RefusedError, match="was approved before"):
        approve_write_down(document=posted, approver=bob)
    assert on(Account.WRITE_DOWN) == 1000


def test_nobody_approves_their_own(waiting: WriteDown, ann: User) -> None:
    with pytest.raises(ForbiddenError, match="they prepared"):
        approve_write_down(document=waiting, approver=ann)
    with pytest.raises(DatabaseError), transaction.atomic():
        WriteDown.objects.update(
            approved_by=ann, approved_at="2026-03-03T00:00:00Z", transaction=99
        )


@pytest.mark.parametrize(
    "change", [{"reason": "other"}, {"evidence": "other"}, {"effective_on": date(2026, 3, 3)}]
)
def test_the_database_keeps_what_was_prepared(
    waiting: WriteDown, change: dict[str, object]
) -> None:
    with pytest.raises(DatabaseError, match="stays as it was prepared"), transaction.atomic():
        WriteDown.objects.update(**change)


def test_the_database_freezes_what_is_approved(posted: WriteDown) -> None:
    for act in (posted.lines.all().delete, lambda: posted.lines.update(amount=1), posted.delete):
        with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
            act()


def test_one_approved_at_once_is_refused_by_the_database(ann: User, bob: User) -> None:
    with pytest.raises(DatabaseError, match="prepared first"), transaction.atomic():
        WriteDown.objects.create(
            op_key="x", effective_on=DAY, reason="x", evidence="x", prepared_by=ann,
            approved_by=bob, approved_at="2026-03-03T00:00:00Z", transaction=99,
        )  # fmt: skip


def test_one_that_waits_can_be_given_up_and_a_posted_one_not(
    waiting: WriteDown, ann: User, bob: User
) -> None:
    give_up_write_down(document=waiting, actor=ann)
    assert not WriteDown.objects.exists()
    again = prepare_write_down(order=ORDER, key="two", preparer=ann)
    approve_write_down(document=again, approver=bob)
    with pytest.raises(RefusedError, match="never reversed"):
        give_up_write_down(document=again, actor=ann)


def test_people_without_the_right_are_refused(waiting: WriteDown) -> None:
    other = User.objects.create_user("eve")
    with pytest.raises(ForbiddenError):
        prepare_write_down(order=ORDER, key="two", preparer=other)
    with pytest.raises(ForbiddenError):
        approve_write_down(document=waiting, approver=other)
    with pytest.raises(ForbiddenError):
        give_up_write_down(document=waiting, actor=other)


def test_a_lot_that_changed_since_is_refused(waiting: WriteDown, bob: User, lot: Lot) -> None:
    scrapped(lot, "handling", wafers=(1,))
    with pytest.raises(RefusedError, match="not posted yet"):
        approve_write_down(document=waiting, approver=bob)
    post_events()
    with pytest.raises(StaleError, match="prepare another"):
        approve_write_down(document=waiting, approver=bob)


@pytest.mark.parametrize(
    ("order", "error"),
    [
        (replace(ORDER, lots=()), RefusedError),
        (replace(ORDER, lots=ORDER.lots * 2), RefusedError),
        (replace(ORDER, lots=(LotOrder("NONE", by=Decimal(1)),)), MissingError),
        (replace(ORDER, lots=(LotOrder("W1", by=Decimal("40600.01")),)), RefusedError),
        (replace(ORDER, effective_on=date(2199, 1, 1)), RefusedError),
        (replace(ORDER, effective_on=date(2026, 3, 1)), RefusedError),
    ],
)
def test_what_cannot_be_is_refused_whole(
    lot: Lot, ann: User, order: WriteDownOrder, error: type[Exception]
) -> None:
    with pytest.raises(error):
        prepare_write_down(order=order, key="one", preparer=ann)
    assert not WriteDown.objects.exists()


def test_a_late_one_counts_in_the_open_period(waiting: WriteDown, bob: User) -> None:
    march = Period.objects.get(code="2026-03")
    soft_close_period(period=march, preparer=waiting.prepared_by)
    approve_write_down(document=waiting, approver=bob)
    line = LedgerEntry.objects.filter(account=Account.WRITE_DOWN).get()
    assert (line.effective_on, line.period_id, line.is_prior_period) == (DAY, "2026-04", True)


def test_scrap_leaves_at_the_written_down_value(posted: WriteDown, lot: Lot) -> None:
    scrapped(lot, "handling", wafers=(1,))
    post_events()
    assert (on(Account.ABNORMAL_SCRAP), carried()) == (Decimal(19800), Decimal(19800))
    assert_whole()


def test_the_next_stage_does_not_give_it_back(posted: WriteDown, lot: Lot) -> None:
    before = on(Account.VARIANCE)
    moved(lot, "CP2", "DICE")
    post_events()
    (position,) = holdings_of(["W1"])["W1"]
    standard = LedgerEntry.objects.filter(
        lot__code="W1", stage__code=position.stage, kind="absorption"
    )
    assert position.stage == "sorted-wafer"
    assert standard.exists()
    assert on(Account.VARIANCE) == before
    assert on(Account.WRITE_DOWN) == 1000
    assert_whole()


def test_dies_of_a_written_down_wafer_carry_it_on(posted: WriteDown, lot: Lot) -> None:
    before = on(Account.VARIANCE)
    diced(moved(lot, "CP2", "DICE"), good=64)
    post_events()
    kept = LedgerEntry.objects.filter(
        kind="write-down", stage__code="good-die", account="inventory"
    )
    assert [line.amount for line in kept] == [Decimal(-1000)]
    changes = LedgerEntry.objects.filter(kind="standard-change", account=Account.VARIANCE)
    assert not changes.exists()
    assert before == 0
    assert_whole()


def test_a_lot_split_off_is_written_down_too(posted: WriteDown, lot: Lot) -> None:
    child = split_lot(
        lot=lot, child_code="W1.1", selection=Selection(wafers=(1,)), command=command()
    )
    post_events()
    assert carried("W1.1") == Decimal(19800)
    assert WrittenDownLot.objects.filter(lot__code="W1.1").exists()
    assert child is not None


def test_one_that_waits_keeps_the_period_open(waiting: WriteDown) -> None:
    found = close_checklist(Period.objects.get(code="2026-03"))
    assert {line.check: line.count for line in found}[CloseCheck.UNAPPROVED_DOCUMENTS] == 1


def test_a_profile_without_the_account_is_named(posted: WriteDown, ann: User, bob: User) -> None:
    assert journal(JournalQuery("2026-03")).lines
    old = PostingProfile.objects.get()
    accounts = list(old.accounts.exclude(account="write-down"))
    new = PostingProfile.objects.create(
        code="OLD", effective_on=date(2025, 1, 1), company="1", prepared_by=ann
    )
    for account in accounts:
        account.pk, account.profile = None, new
        account.save()
    with pytest.raises(RefusedError, match="no number for: write-down"):
        journal(JournalQuery("2026-03", profile="OLD"))


def test_a_correction_takes_the_written_down_value_back_with_the_units(
    posted: WriteDown, lot: Lot
) -> None:
    correct_event(event=Event.objects.latest("seq"), command=command(reason="not moved"))
    post_events()
    ((position, worth),) = holdings_of(["W1"])["W1"].items()
    before = LedgerEntry.objects.filter(
        account=position.account, stage__code=position.stage, lot__code="W1", quantity=2
    )
    assert worth.amount == before[0].amount - 1000
    assert_whole()
