"""A draft of costs that one connection changes while another approves it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import date

import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError, connection, transaction

from finance.models import CostVersion, StandardCost
from finance.selectors.told import told_costs
from finance.services import approve_cost_version
from finance.tests.test_concurrency import together
from supplychain.base.errors import StaleError

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("books")]

WAITERS = """
SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))
"""
WAIT_SECONDS = 30.0


@pytest.fixture
def draft(books: None) -> CostVersion:
    ann = User.objects.create_user("ann")
    found = CostVersion.objects.create(code="X", effective_on=date(2027, 1, 1), prepared_by=ann)
    StandardCost.objects.create(version=found, item_id="TRN3", stage_id="tested", unit_cost=1)
    return found


def approval(draft: CostVersion) -> Callable[[], object]:
    """Of what the draft says now."""
    bob, seen = User.objects.create_user("bob"), told_costs(draft).sha256
    return lambda: approve_cost_version(version=draft, approver=bob, seen=seen)


def wait_for_a_waiter() -> None:
    """Until another connection waits for a lock of ours; AssertionError when none does."""
    end = time.monotonic() + WAIT_SECONDS
    with connection.cursor() as cursor:
        while time.monotonic() < end:
            cursor.execute(WAITERS)
            if cursor.fetchone()[0]:
                return
            time.sleep(0.01)
    raise AssertionError("the other connection did not wait")


def first_then(first: Callable[[], object], then: Callable[[], object]) -> list[BaseException]:
    """First is committed only when then, of another connection, waits for it. What they raised."""
    is_done = threading.Event()

    def hold() -> None:
        with transaction.atomic():
            first()
            is_done.set()
            wait_for_a_waiter()

    def follow() -> None:
        assert is_done.wait(WAIT_SECONDS)
        then()

    return together(hold, follow)


@pytest.mark.parametrize(
    "change",
    [
        lambda draft: StandardCost.objects.filter(version=draft).update(unit_cost=2),
        lambda draft: StandardCost.objects.filter(version=draft).delete(),
        lambda draft: StandardCost.objects.create(
            version=draft, item_id="TRN3", stage_id="rack", unit_cost=1
        ),
    ],
    ids=["changed", "deleted", "added"],
)
def test_costs_changed_while_they_are_approved_wait_and_are_refused(
    draft: CostVersion, change: Callable[[CostVersion], object]
) -> None:
    (error,) = first_then(approval(draft), lambda: change(draft))
    assert isinstance(error, DatabaseError)
    assert "is approved: make a new one" in str(error)
    assert StandardCost.objects.get(version=draft).unit_cost == 1


def test_an_approval_waits_for_a_change_that_came_first_and_is_refused(draft: CostVersion) -> None:
    costs = StandardCost.objects.filter(version=draft)
    (error,) = first_then(lambda: costs.update(unit_cost=2), approval(draft))
    assert isinstance(error, StaleError)
    draft.refresh_from_db()
    assert draft.approved_at is None
