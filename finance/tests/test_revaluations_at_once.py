"""Two people, two connections: a revaluation is posted once, and made once."""

from __future__ import annotations

import pytest

from finance.models import LedgerEntry, Revaluation
from finance.selectors.verifying import first_fault
from finance.services import approve_revaluation, prepare_revaluation
from finance.tests.revaluing import ORDER, person, stock
from finance.tests.test_concurrency import together
from supplychain.base.errors import RefusedError

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("first_day", "books"),
]


def test_approved_at_once_it_is_posted_once() -> None:
    stock()
    document = prepare_revaluation(order=ORDER, key="one", preparer=person("ann"))
    people = [person(name) for name in ("bob", "cleo", "dan")]
    errors = together(
        *[lambda who=who: approve_revaluation(document=document, approver=who) for who in people]
    )
    assert [type(error) for error in errors] == [RefusedError, RefusedError]
    assert LedgerEntry.objects.filter(kind="revaluation").count() == 6
    assert first_fault() == ""


def test_prepared_at_once_under_one_key_there_is_one() -> None:
    stock()
    ann = person("ann")
    assert together(*[lambda: prepare_revaluation(order=ORDER, key="one", preparer=ann)] * 3) == []
    assert Revaluation.objects.get().lines.count() == 3


def test_two_of_the_same_stock_are_posted_once() -> None:
    stock()
    ann, bob = person("ann"), person("bob")
    both = [prepare_revaluation(order=ORDER, key=key, preparer=ann) for key in ("one", "two")]
    errors = together(
        *[lambda one=one: approve_revaluation(document=one, approver=bob) for one in both]
    )
    assert len(errors) == 1
    assert LedgerEntry.objects.filter(kind="revaluation").count() == 6
