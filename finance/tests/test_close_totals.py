"""Control totals are kept with each version of a close, and are those of its rows for ever."""

from __future__ import annotations

from dataclasses import asdict
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.test import Client

from finance.domain.control_totals import Part, totals_of
from finance.domain.queries import LedgerQuery
from finance.domain.words import ExportFormat
from finance.models import Period, PeriodClose
from finance.selectors.exports import control_totals
from finance.services import approve_restatement, ask_export, prepare_restatement
from finance.tests.readers import ledger_reader
from finance.tests.test_closes import WAFER, late, march, people

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books")]

__all__ = ["march", "people"]  # fixtures

CLOSE = "/api/v1/finance/periods/2026-03/closes"


@pytest.fixture
def reader(books: None) -> Client:
    client = ledger_reader()
    user = User.objects.get(username="reader")
    user.user_permissions.add(Permission.objects.get(codename="view_period"))
    return client


def totals(version: int = 1) -> Any:
    return PeriodClose.objects.get(version=version).totals


def test_a_close_keeps_what_its_rows_add_up_to(march: Period) -> None:
    assert totals() == {
        "rows": 2, "first_seq": 1, "last_seq": 2, "debit": f"{2 * WAFER:.6f}",
        "credit": f"{-2 * WAFER:.6f}", "amount": "0.000000", "quantities": {"wafer": "0"},
    }  # fmt: skip


def test_they_are_those_of_an_export_of_the_period(
    march: Period, people: tuple[User, User]
) -> None:
    late()
    query = LedgerQuery(limit=0, period="2026-03", as_of_seq=march.closed_seq)
    job = ask_export(query=query, kind=ExportFormat.CSV, key="k", actor=people[0])
    assert asdict(control_totals(job)) == totals()


def test_a_restatement_has_its_own_and_leaves_the_first(
    march: Period, people: tuple[User, User]
) -> None:
    before = totals()
    late()
    draft = prepare_restatement(period=march, reason="late wafers", preparer=people[0])
    approve_restatement(close=draft, approver=people[1])
    assert (totals(2)["rows"], totals(2)["debit"]) == (4, f"{5 * WAFER:.6f}")
    assert totals() == before


def test_they_are_told_over_the_api(march: Period, reader: Client) -> None:
    assert reader.get(f"{CLOSE}/1").json()["totals"] == totals()
    assert reader.get(CLOSE).json()["closes"][0]["totals"] == totals()


def test_a_version_from_before_has_none(march: Period, reader: Client) -> None:
    without_guard("UPDATE finance_periodclose SET totals = NULL")
    assert reader.get(f"{CLOSE}/1").json()["totals"] is None
    call_command("verify_subledger", verbosity=0)


def test_the_totals_of_a_draft_stay_as_well(march: Period, people: tuple[User, User]) -> None:
    late()
    prepare_restatement(period=march, reason="late wafers", preparer=people[0])
    for version in (1, 2):
        with pytest.raises(DatabaseError, match="kept as it was reported"), transaction.atomic():
            PeriodClose.objects.filter(version=version).update(totals={"rows": 0})


def test_totals_that_are_not_those_of_the_rows_are_found(march: Period) -> None:
    call_command("verify_subledger", verbosity=0)
    without_guard("""UPDATE finance_periodclose SET totals = totals || '{"rows": 3}'""")
    with pytest.raises(CommandError, match="2026-03 v1 was closed with other control totals"):
        call_command("verify_subledger")


def test_units_are_summed_each_by_itself() -> None:
    parts = [
        Part("die", 2, 5, 9, 7, Decimal(3), Decimal(-1)),
        Part("wafer", 1, 4, 4, -2, Decimal(0), Decimal(-2)),
        Part("die", 1, 12, 12, 1, Decimal("0.5"), Decimal(0)),
    ]
    found = totals_of(parts)
    assert (found.rows, found.first_seq, found.last_seq) == (4, 4, 12)
    assert (found.debit, found.credit, found.amount) == ("3.500000", "-3.000000", "0.500000")
    assert found.quantities == {"die": "8", "wafer": "-2"}


def test_nothing_adds_up_to_nothing() -> None:
    found = totals_of([])
    assert (found.rows, found.first_seq, found.debit, found.quantities) == (0, None, "0.000000", {})


def without_guard(statement: str) -> None:
    with connection.cursor() as cursor:
        connection.check_constraints()
        cursor.execute("ALTER TABLE finance_periodclose DISABLE TRIGGER finance_periodclose_kept")
        cursor.execute(statement)
        connection.check_constraints()
        cursor.execute("ALTER TABLE finance_periodclose ENABLE TRIGGER finance_periodclose_kept")
