from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError, transaction

from finance.domain.invoices import InvoiceOrder, LineOrder
from finance.domain.words import Account, CloseCheck, EntryKind, InvoiceKind
from finance.models import Invoice, InvoiceLine, LedgerEntry, Period
from finance.selectors.balances import rollforward
from finance.selectors.closing import close_checklist
from finance.selectors.facts import holdings_of
from finance.selectors.journals import JournalQuery, journal
from finance.selectors.reconciling import misposted_lots
from finance.selectors.variances import VarianceAsked, variances
from finance.selectors.verifying import first_fault
from finance.services import (
    approve_invoice,
    foresee_invoice,
    give_up_invoice,
    post_events,
    prepare_invoice,
    soft_close_period,
    try_invoice,
)
from finance.tests.invoicing import DAY, LINE, ORDER, person
from finance.tests.line import chip_lot, command, moved, shipped, wafer_lot
from lots.domain.commands import Selection
from lots.models import Event, Lot
from lots.services import correct_event, split_lot
from supplychain.base.errors import (
    ConflictError,
    ForbiddenError,
    MissingError,
    RefusedError,
    StaleError,
    SupplychainError,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("first_day", "books")]


@pytest.fixture
def ann(books: None) -> User:
    return person("ann")


@pytest.fixture
def bob(books: None) -> User:
    return person("bob")


@pytest.fixture
def lot(books: None) -> Lot:
    """Two wafers, bought at 39,000 when they arrived."""
    found = shipped(wafer_lot("W1", 2, step="WAT"), "OSAT1", "RCV")
    post_events()
    return found


@pytest.fixture
def waiting(lot: Lot, ann: User) -> Invoice:
    return prepare_invoice(order=ORDER, key="one", preparer=ann)


@pytest.fixture
def posted(waiting: Invoice, bob: User) -> Invoice:
    return approve_invoice(document=waiting, approver=bob)


@pytest.fixture
def invoiced(ann: User, bob: User) -> Callable[[InvoiceOrder], Invoice]:
    def enter(order: InvoiceOrder) -> Invoice:
        document = prepare_invoice(order=order, key=order.number, preparer=ann)
        return approve_invoice(document=document, approver=bob)

    return enter


def on(account: Account, kind: EntryKind = EntryKind.PRICE_VARIANCE) -> Decimal:
    rows = LedgerEntry.objects.filter(account=account, kind=kind)
    return sum(rows.values_list("amount", flat=True), Decimal(0))


def assert_whole() -> None:
    assert first_fault() == ""
    assert misposted_lots() == []
    rolled = rollforward("2026-03", LedgerEntry.objects.count())
    assert {(row.quantity.check, row.amount.check) for row in rolled} == {(Decimal(0), Decimal(0))}


def test_an_approved_one_posts_what_its_price_differs_by(posted: Invoice, lot: Lot) -> None:
    assert (on(Account.VARIANCE), on(Account.SUPPLIER)) == (Decimal(1000), Decimal(-1000))
    line = LedgerEntry.objects.get(op_key=f"invoice:{posted.pk}:1")
    assert line.transaction == posted.transaction
    assert (line.actor, line.approver, line.reason) == ("ann", "bob", "invoice 4711")
    assert (line.account, line.stage_id, line.custodian_id) == ("variance", "wafer", "TSMC")
    assert line.source_seq is None
    stock = sum(worth.amount for worth in holdings_of(["W1"])["W1"].values())
    assert stock == 39000
    assert_whole()


def test_its_difference_is_a_variance_of_the_supplier(posted: Invoice) -> None:
    [row] = variances(VarianceAsked(LedgerEntry.objects.count(), supplier="TSMC")).rows
    assert (row.kind, row.item) == ("purchase-price-variance", "TRN3-DIE")
    assert row.amount == 1000
    assert journal(JournalQuery("2026-03")).lines


def test_a_price_at_standard_is_posted_as_nothing(
    lot: Lot, invoiced: Callable[[InvoiceOrder], Invoice]
) -> None:
    document = invoiced(replace(ORDER, lines=(replace(LINE, unit_price=Decimal(19500)),)))
    lines = LedgerEntry.objects.filter(op_key__startswith=f"invoice:{document.pk}:")
    assert [line.amount for line in lines] == [0, 0]
    assert_whole()


def test_one_that_waits_posts_nothing_and_tells_what_it_would(waiting: Invoice) -> None:
    legs = foresee_invoice(document=waiting).legs
    assert [(leg.position.account, leg.amount) for leg in legs] == [
        (Account.VARIANCE, Decimal(1000)),
        (Account.SUPPLIER, Decimal(-1000)),
    ]
    assert on(Account.VARIANCE) == 0


def test_a_vendors_own_goods_are_not_to_be_paid_yet(ann: User) -> None:
    wafer_lot("W1", 2, step="WAT")
    post_events()
    with pytest.raises(RefusedError, match="still the supplier's own"):
        prepare_invoice(order=ORDER, key="one", preparer=ann)


def test_parts_bought_after_a_split_are_invoiced_by_their_lots(
    invoiced: Callable[[InvoiceOrder], Invoice],
) -> None:
    lot = wafer_lot("W1", 3, step="WAT")
    split_lot(lot=lot, child_code="W1.1", selection=Selection(wafers=(1,)), command=command())
    shipped(Lot.objects.get(code="W1"), "OSAT1", "RCV")
    shipped(Lot.objects.get(code="W1.1"), "OSAT1", "RCV")
    post_events()
    child = LineOrder("W1.1", 1, Decimal(19600))
    document = invoiced(replace(ORDER, lines=(LINE, child)))
    assert [(line.lot_id, line.received_quantity) for line in document.lines.all()] == [
        ("W1", 2), ("W1.1", 1),
    ]  # fmt: skip
    assert on(Account.VARIANCE) == 1100


def test_finished_goods_are_invoiced_as_they_came(
    invoiced: Callable[[InvoiceOrder], Invoice],
) -> None:
    chip_lot("M1", 3)
    post_events()
    document = invoiced(replace(ORDER, supplier="MRVL", lines=(LineOrder("M1", 2, Decimal(1)),)))
    [line] = document.lines.all()
    assert (line.unit_of_measure, line.received_quantity, line.quantity) == ("package", 3, 2)
    assert line.standard_amount * 3 == line.received_amount * 2


def test_the_same_key_makes_one(waiting: Invoice, ann: User) -> None:
    assert prepare_invoice(order=ORDER, key="one", preparer=ann) == waiting
    with pytest.raises(ConflictError):
        prepare_invoice(order=replace(ORDER, number="4712"), key="one", preparer=ann)
    assert Invoice.objects.count() == 1


@pytest.mark.parametrize("number", ["4711", "INV-a"])
def test_a_number_is_used_once_by_a_supplier(lot: Lot, ann: User, number: str) -> None:
    first = prepare_invoice(order=replace(ORDER, number=number), key="one", preparer=ann)
    again = replace(ORDER, number=number.upper())
    with pytest.raises(ConflictError, match=f"no. {first.pk} here"):
        prepare_invoice(order=again, key="two", preparer=ann)
    with pytest.raises(DatabaseError), transaction.atomic():
        Invoice.objects.create(
            supplier=first.supplier, number=number.upper(), kind="invoice", currency="USD",
            effective_on=DAY, evidence="x", prepared_by=ann,
        )  # fmt: skip
    give_up_invoice(document=first, actor=ann)
    assert prepare_invoice(order=again, key="three", preparer=ann).number == number.upper()


def test_it_is_posted_once(posted: Invoice, bob: User) -> None:
    with pytest.raises(RefusedError, match="was approved before"):
        approve_invoice(document=posted, approver=bob)
    assert on(Account.VARIANCE) == 1000


def test_nobody_approves_their_own(waiting: Invoice, ann: User) -> None:
    with pytest.raises(ForbiddenError, match="they prepared"):
        approve_invoice(document=waiting, approver=ann)
    with pytest.raises(DatabaseError), transaction.atomic():
        Invoice.objects.update(approved_by=ann, approved_at="2026-03-03T00:00:00Z", transaction=99)


@pytest.mark.parametrize(
    "change",
    [
        {"number": "4712"},
        {"kind": "credit"},
        {"currency": "EUR"},
        {"evidence": "other"},
        {"effective_on": date(2026, 3, 3)},
        {"supplier": "MRVL"},
    ],
)
def test_the_database_keeps_what_was_prepared(waiting: Invoice, change: dict[str, object]) -> None:
    if "supplier" in change:
        change = {"supplier": waiting.supplier.pk + 1}
    with pytest.raises(DatabaseError, match="stays as it was prepared"), transaction.atomic():
        Invoice.objects.update(**change)


def test_the_database_freezes_what_is_approved(posted: Invoice) -> None:
    line = posted.lines.get()
    line.pk = None
    acts: list[Callable[[], object]] = [
        posted.lines.all().delete,
        lambda: posted.lines.update(before_quantity=0),
        lambda: InvoiceLine.objects.bulk_create([line]),
        posted.delete,
    ]
    for act in acts:
        with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
            act()


@pytest.mark.parametrize(
    "change", [{"quantity": 3}, {"quantity": -1}, {"amount": 1}, {"unit_price": -1}]
)
def test_the_database_refuses_lines_that_cannot_be(
    waiting: Invoice, change: dict[str, int]
) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        waiting.lines.update(**change)


def test_people_without_the_right_are_refused(waiting: Invoice) -> None:
    eve = User.objects.create_user("eve")
    with pytest.raises(ForbiddenError):
        prepare_invoice(order=ORDER, key="two", preparer=eve)
    with pytest.raises(ForbiddenError):
        approve_invoice(document=waiting, approver=eve)
    with pytest.raises(ForbiddenError):
        give_up_invoice(document=waiting, actor=eve)


def test_a_posted_one_is_not_given_up(posted: Invoice, ann: User) -> None:
    with pytest.raises(RefusedError, match="credit note"):
        give_up_invoice(document=posted, actor=ann)


@pytest.mark.parametrize(
    ("order", "error", "words"),
    [
        (replace(ORDER, supplier="NOBODY"), MissingError, "no supplier NOBODY"),
        (replace(ORDER, supplier="MRVL"), RefusedError, "received of this supplier"),
        (replace(ORDER, currency="EUR"), RefusedError, "The books are in USD"),
        (replace(ORDER, lines=()), RefusedError, "at least one lot"),
        (replace(ORDER, lines=(LINE, LINE)), RefusedError, "on it twice"),
        (replace(ORDER, lines=(replace(LINE, lot="NONE"),)), MissingError, "no lot NONE"),
        (replace(ORDER, lines=(replace(LINE, quantity=3),)), RefusedError, "2 are left and not 3"),
        (replace(ORDER, lines=(replace(LINE, item="TRN2"),)), RefusedError, "says TRN2"),
        (replace(ORDER, kind=InvoiceKind.CREDIT), RefusedError, "takes back 0 at most"),
        (replace(ORDER, invoiced_on=date(2199, 1, 1)), RefusedError, "not come yet"),
    ],
)
def test_what_cannot_be_is_refused_whole(
    lot: Lot, ann: User, order: InvoiceOrder, error: type[SupplychainError], words: str
) -> None:
    with pytest.raises(error, match=words):
        prepare_invoice(order=order, key="one", preparer=ann)
    assert not Invoice.objects.exists()


def test_two_that_claim_the_same_units_are_approved_once(
    waiting: Invoice, ann: User, bob: User
) -> None:
    other = prepare_invoice(order=replace(ORDER, number="4712"), key="two", preparer=ann)
    approve_invoice(document=waiting, approver=bob)
    with pytest.raises(StaleError, match="0 are left"):
        approve_invoice(document=other, approver=bob)
    assert on(Account.VARIANCE) == 1000


def test_a_lot_that_waits_to_be_posted_is_settled_first(
    waiting: Invoice, bob: User, lot: Lot
) -> None:
    moved(lot, "BUMP")
    with pytest.raises(RefusedError, match="not posted yet"):
        approve_invoice(document=waiting, approver=bob)
    post_events()
    approve_invoice(document=waiting, approver=bob)
    assert_whole()


def test_a_late_one_counts_in_the_open_period(waiting: Invoice, bob: User) -> None:
    march = Period.objects.get(code="2026-03")
    soft_close_period(period=march, preparer=waiting.prepared_by)
    approve_invoice(document=waiting, approver=bob)
    line = LedgerEntry.objects.get(account=Account.VARIANCE)
    assert (line.effective_on, line.period_id, line.is_prior_period) == (DAY, "2026-04", True)


def test_a_credit_takes_the_difference_back(
    posted: Invoice, invoiced: Callable[[InvoiceOrder], Invoice]
) -> None:
    credit = replace(ORDER, kind=InvoiceKind.CREDIT, number="C1")
    document = invoiced(credit)
    assert str(document) == "Credit note C1"
    assert [(line.quantity, line.amount) for line in document.lines.all()] == [
        (-2, Decimal(-40000))
    ]
    assert {on(Account.VARIANCE), on(Account.SUPPLIER)} == {Decimal(0)}
    invoiced(replace(ORDER, number="4713"))
    assert on(Account.VARIANCE) == 1000
    assert_whole()


def test_one_that_waits_keeps_the_period_open(waiting: Invoice) -> None:
    assert counted(CloseCheck.UNAPPROVED_DOCUMENTS) == 1


def test_units_that_never_came_are_told_once_they_are_invoiced(posted: Invoice) -> None:
    assert counted(CloseCheck.OVER_INVOICED) == 0
    correct_event(event=Event.objects.latest("seq"), command=command(reason="not arrived"))
    post_events()
    assert counted(CloseCheck.OVER_INVOICED) == 1
    assert_whole()


def counted(check: CloseCheck) -> int:
    found = close_checklist(Period.objects.get(code="2026-03"))
    return {line.check: line.count for line in found}[check]


def test_a_trial_tells_each_line_and_keeps_nothing(lot: Lot, ann: User) -> None:
    tried = try_invoice(order=ORDER, preparer=ann)
    assert tried.foreseen is not None
    bad = replace(ORDER, lines=(LINE, replace(LINE, lot="W9")))
    tried = try_invoice(order=bad, preparer=ann)
    assert tried.foreseen is None
    assert [bool(line.match) for line in tried.lines] == [True, False]
    assert "Nothing of lot W9" in tried.lines[1].refusal
    assert not Invoice.objects.exists()
