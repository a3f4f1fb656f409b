"""Two people at once, each on a connection of their own: posted once, entered once."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User

from finance.models import Invoice, LedgerEntry
from finance.services import approve_invoice, post_events, prepare_invoice
from finance.tests.invoicing import ORDER, person
from finance.tests.line import shipped, wafer_lot
from finance.tests.test_concurrency import together
from supplychain.base.errors import RefusedError

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("books")]


@pytest.fixture
def people(first_day: None, books: None) -> list[User]:
    shipped(wafer_lot("W1", 2, step="WAT"), "OSAT1", "RCV")
    post_events()
    return [person(name) for name in ("ann", "bob", "cid")]


def approving(document: Invoice, approver: User) -> Callable[[], object]:
    return lambda: approve_invoice(document=document, approver=approver)


def test_of_two_approvals_at_once_one_posts(people: list[User]) -> None:
    ann, bob, cid = people
    document = prepare_invoice(order=ORDER, key="one", preparer=ann)
    errors = together(approving(document, bob), approving(document, cid))
    assert [type(error) for error in errors] == [RefusedError]
    assert LedgerEntry.objects.filter(op_key__startswith="invoice:").count() == 2


def test_the_same_key_at_once_makes_one(people: list[User]) -> None:
    def prepare() -> None:
        prepare_invoice(order=ORDER, key="one", preparer=people[0])

    assert together(prepare, prepare, prepare) == []
    assert Invoice.objects.count() == 1
