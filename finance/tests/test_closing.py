from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.contrib.auth.models import Permission, User
from django.db import DatabaseError, transaction
from django.test import Client

from finance.domain.chain import GENESIS
from finance.domain.closing import Checked, open_checks
from finance.domain.words import CloseCheck, PeriodState
from finance.models import CostVersion, LedgerEntry, Period
from finance.selectors.closing import close_checklist
from finance.services import close_period, post_events, soft_close_period
from finance.tests.line import START, chip_lot, moved, shipped, wafer_lot
from finance.tests.readers import client_of
from finance.tests.test_proofs import tamper
from quality.models import Rule
from quality.services import raise_findings
from quality.tests.building import finding
from supplychain.base.errors import ForbiddenError, RefusedError

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books")]

CHANGES_OF_MARCH = [
    "UPDATE finance_ledgerentry SET amount = amount + 1 WHERE account = 'inventory' AND lot = 'W1'",
    "UPDATE finance_ledgerentry SET period = '2026-03' WHERE account = 'inventory' AND lot = 'W2'",
    "DELETE FROM finance_ledgerentry WHERE account = 'inventory' AND lot = 'W1'",
]


@pytest.fixture
def people() -> tuple[User, User]:
    return User.objects.create_user("ann"), User.objects.create_user("bob")


@pytest.fixture
def march(books: None, people: tuple[User, User]) -> Period:
    """Prepared by ann; nothing before it is open."""
    Period.objects.filter(starts_on__lt=date(2026, 3, 1)).delete()
    return soft_close_period(period=Period.objects.get(code="2026-03"), preparer=people[0])


def counts(period: Period) -> dict[CloseCheck, int]:
    return {line.check: line.count for line in close_checklist(period) if line.count}


def test_a_clean_period_has_nothing_open_and_closes(
    march: Period, people: tuple[User, User]
) -> None:
    assert counts(march) == {}
    assert close_period(period=march, approver=people[1]).state == PeriodState.CLOSED


def test_an_event_not_posted_keeps_it_open(march: Period, people: tuple[User, User]) -> None:
    wafer_lot("W1")
    with pytest.raises(RefusedError, match="Lot events of the period not posted yet: 1") as error:
        close_period(period=march, approver=people[1])
    assert error.value.fields == {"checks": ["unposted-events"]}
    post_events()
    assert close_period(period=march, approver=people[1]).state == PeriodState.CLOSED


def test_an_event_of_the_next_month_does_not(march: Period) -> None:
    wafer_lot("W1", at=datetime(2026, 4, 1, 18, tzinfo=UTC))
    assert counts(march) == {}


def test_an_event_owed_keeps_it_open(march: Period) -> None:
    wafer_lot("W1", at=datetime(2020, 1, 1, tzinfo=UTC), step="DICE")
    post_events()
    assert counts(march) == {CloseCheck.OWED_EVENTS: 1}


def test_units_in_dispute_keep_it_open(books: None) -> None:
    shipped(moved(wafer_lot("W1", 2), "FAB", "WAT"), "OSAT1", "RCV", counted=1)
    post_events()
    assert CloseCheck.DISPUTED_UNITS in counts(Period.objects.get(code="2026-03"))


def test_an_open_issue_on_quantities_keeps_it_open(march: Period) -> None:
    detector = "quantity-out-of-balance"
    found_by = Rule.objects.create(code=detector, detector=detector, severity="major")
    for number in (0, 40):
        now = START + timedelta(days=number)
        raise_findings(rule=found_by, findings=[finding(f"short on day {number}")], now=now)
    assert counts(march) == {CloseCheck.QUANTITY_ISSUES: 1}


def test_costs_nobody_approved_keep_it_open(march: Period, people: tuple[User, User]) -> None:
    for code, day in [("STD-X", date(2026, 3, 31)), ("STD-Y", date(2026, 4, 1))]:
        CostVersion.objects.create(code=code, effective_on=day, prepared_by=people[0])
    assert counts(march) == {CloseCheck.UNAPPROVED_COSTS: 1}


def test_late_facts_are_told_but_keep_nothing_open(
    march: Period, people: tuple[User, User]
) -> None:
    wafer_lot("W1")
    post_events()
    close_period(period=march, approver=people[1])
    april = Period.objects.get(code="2026-04")
    assert counts(april) == {CloseCheck.LATE_FACTS: LedgerEntry.objects.count()}
    soft_close_period(period=april, preparer=people[0])
    assert close_period(period=april, approver=people[1]).state == PeriodState.CLOSED


@pytest.mark.parametrize("change", CHANGES_OF_MARCH)
def test_a_changed_line_of_a_closed_month_keeps_the_next_ones_open(
    books: None, people: tuple[User, User], change: str
) -> None:
    Period.objects.filter(starts_on__lt=date(2026, 3, 1)).delete()
    wafer_lot("W1", 3, step="RCV")
    wafer_lot("W2", 2, at=datetime(2026, 4, 5, 12, tzinfo=UTC), step="CP1")
    post_events()
    march = soft_close_period(period=Period.objects.get(code="2026-03"), preparer=people[0])
    close_period(period=march, approver=people[1])
    april, june = (Period.objects.get(code=f"2026-0{month}") for month in (4, 6))
    assert counts(april) == counts(june) == {}
    tamper(change)
    assert counts(april)[CloseCheck.OUT_OF_BALANCE] == 1
    assert counts(june)[CloseCheck.OUT_OF_BALANCE] == 1


def test_a_lot_that_the_books_carry_elsewhere_keeps_it_open(march: Period) -> None:
    chip_lot("M1", 2)
    post_events()
    assert counts(march) == {}
    tamper("UPDATE finance_ledgerentry SET stage = 'chip' WHERE account = 'inventory'")
    assert counts(march) == {CloseCheck.UNRECONCILED: 1}


def test_who_prepared_does_not_close(march: Period, people: tuple[User, User]) -> None:
    with pytest.raises(ForbiddenError):
        close_period(period=march, approver=people[0])
    march.state, march.approved_by, march.closed_seq = PeriodState.CLOSED, people[0], 0
    march.closed_sha256 = GENESIS
    with pytest.raises(DatabaseError, match="four_eyes"), transaction.atomic():
        march.save()


def test_the_checklist_is_read_over_the_api(march: Period) -> None:
    wafer_lot("W1")
    user = User.objects.create_user("reader")
    user.user_permissions.add(Permission.objects.get(codename="view_period"))
    found = client_of(user).get("/api/v1/finance/periods/2026-03").json()
    assert (found["state"], found["prepared_by"]) == ("soft-closed", "ann")
    assert [line["check"] for line in found["checklist"]] == list(CloseCheck)
    assert [line["check"] for line in found["checklist"] if line["is_open"]] == ["unposted-events"]
    assert client_of(user).get("/api/v1/finance/periods/1999-01").status_code == 404
    assert Client().get("/api/v1/finance/periods/2026-03").status_code == 401


def test_only_faults_are_open() -> None:
    checklist = [Checked(CloseCheck.LATE_FACTS, 3), Checked(CloseCheck.OWED_EVENTS, 0)]
    assert open_checks(checklist) == []
    assert [line.detail for line in checklist] == [
        "Rows of this period that are facts of earlier ones: 3.",
        "Nothing.",
    ]
