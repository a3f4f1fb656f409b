"""What is approved or closed stays, and what lines were told by; the database sees to it."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError, connection, transaction

from finance.models import CostAssumption, CostVersion, Entity, Period, StandardCost
from finance.services import close_period, post_events, reopen_period, soft_close_period
from finance.tests.line import wafer_lot

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books")]

APPROVED = "is approved: make a new one"
NEW_ONES = "are approved: make new ones"
EMPTIED = "is not emptied"
STAY = "the books have lines"
ASSUMPTION = """
INSERT INTO finance_costassumption (version_id, line, kind, item, stage, value, source)
SELECT id, 1, 'purchase-price', 'TRN3-DIE', 'wafer', 1, '' FROM finance_costversion
"""
APPROVED_VERSION = """
INSERT INTO finance_costversion (code, effective_on, prepared_by_id, approved_by_id, approved_at)
SELECT 'X', '2027-01-01', prepared_by_id, approved_by_id, NOW() FROM finance_costversion
"""
APPROVED_CLOSE = """
INSERT INTO finance_periodclose
    (period, version, seq, sha256, reason, prepared_by_id, approved_by_id, approved_at)
SELECT '2026-03', {version}, seq + {more}, sha256, 'r', prepared_by_id, approved_by_id, NOW()
FROM finance_periodclose
"""
REOPENING = """
INSERT INTO finance_periodreopening (period, number, reason, prepared_by_id, reopened_by_id)
SELECT '2026-07', {number}, 'r', prepared_by_id, prepared_by_id FROM finance_periodclose
"""
OTHER_BOOKS = """
INSERT INTO finance_entity (code, name, currency, time_zone) VALUES ('B', 'B', 'EUR', 'UTC')
"""
APPROVED_RULES = """
INSERT INTO finance_postingrules (code, effective_on, prepared_by_id, approved_by_id, approved_at)
SELECT 'X', '2027-01-01', prepared_by_id, approved_by_id, NOW() FROM finance_postingrules
"""
REASON = """
INSERT INTO finance_scrapreason (rules_id, reason, is_normal, is_missing, comment)
SELECT id, 'new', TRUE, FALSE, '' FROM finance_postingrules
"""
REFUSED = {
    "UPDATE finance_costversion SET effective_on = '2026-01-01'": APPROVED,
    "DELETE FROM finance_costversion": APPROVED,
    APPROVED_VERSION: "is prepared first",
    "UPDATE finance_standardcost SET unit_cost = 0": APPROVED,
    "DELETE FROM finance_standardcost": APPROVED,
    "TRUNCATE finance_standardcost": EMPTIED,
    ASSUMPTION: APPROVED,
    "TRUNCATE finance_costassumption": EMPTIED,
    "UPDATE finance_postingprofile SET company = '2'": APPROVED,
    "UPDATE finance_profileaccount SET number = '2'": APPROVED,
    "DELETE FROM finance_profileaccount": APPROVED,
    "TRUNCATE finance_profileaccount": EMPTIED,
    "TRUNCATE finance_assetplanline": EMPTIED,
    "UPDATE finance_postingrules SET effective_on = '2026-01-01'": APPROVED,
    "DELETE FROM finance_postingrules": APPROVED,
    APPROVED_RULES: "is prepared first",
    "UPDATE finance_scrapreason SET is_normal = NOT is_normal": NEW_ONES,
    "DELETE FROM finance_scrapreason": NEW_ONES,
    REASON: NEW_ONES,
    "TRUNCATE finance_scrapreason": EMPTIED,
    "UPDATE finance_stepstage SET stage_id = 'wafer'": APPROVED,
    "DELETE FROM finance_stepstage": APPROVED,
    "TRUNCATE finance_stepstage": EMPTIED,
    "UPDATE finance_period SET state = 'open' WHERE code = '2026-03'": "is closed: restate it",
    "UPDATE finance_period SET closed_seq = 1 WHERE code = '2026-03'": "is closed: restate it",
    "DELETE FROM finance_period WHERE code = '2026-03'": "is closed: restate it",
    "UPDATE finance_period SET state = 'open' WHERE code = '2026-05'": "only with a reason",
    "UPDATE finance_period SET state = 'open', reopened_count = 1 WHERE code = '2026-05'": (
        "only with a reason"
    ),
    "UPDATE finance_period SET reopened_count = 1 WHERE code = '2026-06'": "only with a reason",
    REOPENING.format(number=2): "was not opened again",
    "UPDATE finance_periodreopening SET reason = 'x'": "is append-only",
    "DELETE FROM finance_periodreopening": "is append-only",
    "TRUNCATE finance_periodreopening": "is append-only",
    "UPDATE finance_period SET state = 'closed' WHERE code = '2026-06'": "does not become closed",
    "UPDATE finance_period SET ends_on = ends_on - 1 WHERE code = '2026-04'": "its days stay",
    "UPDATE finance_periodclose SET seq = 1": "kept as it was reported",
    "DELETE FROM finance_periodclose": "kept as it was reported",
    APPROVED_CLOSE.format(version=2, more=0): "is prepared first",
    "UPDATE finance_entity SET code = 'OTHER'": STAY,
    "UPDATE finance_entity SET currency = 'EUR'": STAY,
    "UPDATE finance_entity SET time_zone = 'UTC'": STAY,
    "DELETE FROM finance_entity": STAY,
    OTHER_BOOKS: STAY,
    "TRUNCATE finance_entity": EMPTIED,
}


@pytest.fixture
def told(books: None) -> None:
    """March is closed with lines, April is open with lines, May is soft-closed, July was."""
    ann, bob = (User.objects.create_user(name) for name in ("ann", "bob"))
    Period.objects.filter(starts_on__lt=date(2026, 3, 1)).delete()
    for code, month in (("W1", 3), ("W2", 4)):
        wafer_lot(code, 2, at=datetime(2026, month, 5, 12, tzinfo=UTC), step="BUMP")
        post_events()
    march, may = (Period.objects.get(code=f"2026-0{month}") for month in (3, 5))
    close_period(period=soft_close_period(period=march, preparer=ann), approver=bob)
    soft_close_period(period=may, preparer=ann)
    july = soft_close_period(period=Period.objects.get(code="2026-07"), preparer=ann)
    reopen_period(period=july, reason="too early", actor=bob)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.parametrize("statement", REFUSED)
def test_the_database_refuses(told: None, statement: str) -> None:
    with (
        pytest.raises(DatabaseError, match=REFUSED[statement]),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_a_first_version_is_approved_only_with_its_period(told: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE finance_periodclose DISABLE TRIGGER finance_periodclose_kept")
        cursor.execute("UPDATE finance_periodclose SET version = 7, reason = 'r'")
        with pytest.raises(DatabaseError, match="is prepared first"), transaction.atomic():
            cursor.execute(APPROVED_CLOSE.format(version=1, more=1))
        cursor.execute(APPROVED_CLOSE.format(version=1, more=0))


def test_the_name_of_the_books_may_change(told: None) -> None:
    assert Entity.objects.update(name="Another name") == 1


def test_books_without_a_line_may_begin_otherwise() -> None:
    assert Entity.objects.update(code="OTHER", currency="EUR", time_zone="UTC") == 1


def test_a_draft_is_changed_until_it_is_approved() -> None:
    approved = CostVersion.objects.get()
    draft = CostVersion.objects.create(
        code="X", effective_on=date(2027, 1, 1), prepared_by=approved.prepared_by
    )
    cost = StandardCost.objects.create(
        version=draft, item_id="TRN3", stage_id="tested", unit_cost=1
    )
    CostAssumption.objects.create(
        version=draft, line=1, kind="purchase-price", item_id="TRN3", stage_id="tested", value=1
    )
    StandardCost.objects.filter(pk=cost.pk).update(unit_cost=2)
    for row in (*draft.assumptions.all(), *draft.costs.all(), draft):
        row.delete()
    assert CostVersion.objects.get() == approved
