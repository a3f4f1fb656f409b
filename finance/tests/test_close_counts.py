"""A close keeps the reconciliation as it was counted, and tells it whatever came since."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from finance.domain import kept_counts
from finance.domain.kept_counts import counts_read, counts_to_keep, written_counts
from finance.domain.reconciling import Carried, Stock, reconcile
from finance.models import LedgerRead, Period, PeriodClose
from finance.selectors.closes import close_by_version, closes_of
from finance.selectors.reconciling import counts_kept
from finance.services import (
    approve_restatement,
    close_period,
    give_up_restatement,
    post_events,
    prepare_restatement,
    soft_close_period,
)
from finance.tests.line import chip_lot
from finance.tests.readers import ledger_reader
from finance.tests.test_close_totals import without_guard
from finance.tests.test_closes import MARCH, WAFER, late, march, people
from lots.domain.words import UnitState
from lots.models import Event, Unit

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books")]

__all__ = ["march", "people"]  # fixtures

KEPT = "/api/v1/finance/reconciliation/2026-03"
CHIPS = Stock("inventory", "chip", "TRN2", "package", "MRVL")


@pytest.fixture
def reader(books: None) -> Client:
    return ledger_reader()


def told(reader: Client, query: str = "") -> Any:
    answer = reader.get(f"{KEPT}{query}")
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_a_close_tells_what_was_counted_whatever_came_since(march: Period, reader: Client) -> None:
    before = told(reader)
    late()
    assert told(reader) == before
    (line,) = before["stocks"]
    names = ("account", "item", "unit_of_measure", "ledger", "events", "there", "amount")
    assert [line[name] for name in names] == [
        "inventory", "TRN3-DIE", "wafer", "2", "2", "2", f"{2 * WAFER:.6f}",
    ]  # fmt: skip
    assert (before["period"], before["version"], before["as_of_seq"]) == ("2026-03", 1, 2)
    assert before["events_seq"] < Event.objects.count()
    assert (before["is_proven"], before["differences"]) == (True, [])


def test_a_restatement_keeps_its_own(
    march: Period, people: tuple[User, User], reader: Client
) -> None:
    first = told(reader)
    late()
    draft = prepare_restatement(period=march, reason="late wafers", preparer=people[0])
    assert told(reader) == first
    assert told(reader, "?version=2")["stocks"][0]["there"] == "5"
    approve_restatement(close=draft, approver=people[1])
    assert told(reader)["version"] == 2
    assert told(reader)["stocks"][0]["ledger"] == "5"
    assert told(reader, "?version=1") == first


def test_a_missing_serial_stays_in_what_was_counted(
    books: None, people: tuple[User, User], reader: Client
) -> None:
    Period.objects.filter(starts_on__lt=MARCH.date().replace(day=1)).delete()
    chip_lot("M1", 4)
    post_events()
    Unit.objects.filter(serial="M1-3").update(state=UnitState.REJECT)
    period = soft_close_period(period=Period.objects.get(code="2026-03"), preparer=people[0])
    close_period(period=period, approver=people[1])
    Unit.objects.filter(serial="M1-3").update(state=UnitState.GOOD)
    kept = told(reader)
    assert (kept["is_proven"], kept["differing"], kept["faulty"]) == (False, 1, 1)
    (row,) = kept["differences"]
    assert [row[name] for name in ("lot", "events", "there", "reason")] == [
        "M1", "4", "3", "miscounted",
    ]  # fmt: skip


def test_nothing_is_kept_without_a_close(reader: Client) -> None:
    answer = reader.get(KEPT)
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")
    assert "2026-03 is not closed" in answer.json()["detail"]
    assert reader.get(f"{KEPT[:-7]}1999-01").json()["detail"] == "There is no period 1999-01."


def test_a_version_that_waits_is_told_only_by_its_number(
    march: Period, people: tuple[User, User], reader: Client
) -> None:
    late()
    draft = prepare_restatement(period=march, reason="late wafers", preparer=people[0])
    give_up_restatement(close=draft)
    answer = reader.get(f"{KEPT}?version=2")
    assert (answer.status_code, "no version 2" in answer.json()["detail"]) == (404, True)
    assert reader.get(f"{KEPT}?version=0").status_code == 400
    assert reader.get(f"{KEPT}?versions=1").status_code == 400


def test_a_close_from_before_says_why_there_is_none(march: Period, reader: Client) -> None:
    without_guard("UPDATE finance_periodclose SET reconciliation = NULL")
    answer = reader.get(KEPT)
    assert answer.status_code == 404
    assert "was closed before reconciliations were kept" in answer.json()["detail"]
    assert counts_kept(close_by_version("2026-03", 1)) is None
    call_command("verify_subledger", verbosity=0)


def test_what_the_reader_holds_is_not_sent_again(march: Period, reader: Client) -> None:
    etag = reader.get(KEPT)["ETag"]
    again = reader.get(KEPT, headers={"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")
    assert LedgerRead.objects.filter(query="reconciliation/2026-03?").count() == 1


@pytest.mark.parametrize("column", ["reconciliation", "carried"])
def test_what_is_kept_stays_in_a_draft_and_in_what_is_in_force(
    march: Period, people: tuple[User, User], column: str
) -> None:
    late()
    prepare_restatement(period=march, reason="late wafers", preparer=people[0])
    for version in (1, 2):
        with pytest.raises(DatabaseError, match="kept as it was reported"), transaction.atomic():
            PeriodClose.objects.filter(version=version).update(**{column: []})


@pytest.mark.parametrize(
    "change",
    [
        """SET reconciliation = jsonb_set(reconciliation, '{stocks,0,ledger}', '3')""",
        """SET reconciliation = jsonb_set(reconciliation, '{stocks,0,amount}', '"3"')""",
    ],
)
def test_a_kept_reconciliation_of_other_books_is_found(march: Period, change: str) -> None:
    call_command("verify_subledger", verbosity=0)
    without_guard(f"UPDATE finance_periodclose {change}")
    with pytest.raises(CommandError, match="2026-03 v1 keeps a reconciliation with other books"):
        call_command("verify_subledger")


def test_no_lot_changes_while_it_is_counted(march: Period, people: tuple[User, User]) -> None:
    late()
    with CaptureQueriesContext(connection) as queries:
        prepare_restatement(period=march, reason="late wafers", preparer=people[0])
    said = [one["sql"] for one in queries]
    locked = next(at for at, sql in enumerate(said) if "lots_ledgerhead" in sql)
    counted = [at for at, sql in enumerate(said) if "lots_eventline" in sql or "lots_wafer" in sql]
    assert said[locked].endswith("FOR UPDATE")
    assert counted
    assert locked < min(counted)


def test_lists_of_versions_do_not_read_what_is_only_kept(march: Period) -> None:
    with CaptureQueriesContext(connection) as queries:
        list(closes_of("2026-03"))
    assert [one for one in queries if "reconciliation" in one["sql"]] == []


def test_what_is_kept_is_read_back_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    units = {("A", CHIPS): 1, ("B", CHIPS): 2, ("C", CHIPS): 3}
    found = reconcile(
        ledger=Carried(units, {CHIPS: Decimal("6.000001")}),
        events={**units, ("A", CHIPS): 2, ("C", CHIPS): 4},
        there={("B", CHIPS): 2},
        serialised={"B"},
        owed={"A": True},
    )
    kept = counts_to_keep(found, 7)
    assert counts_read(written_counts(kept)) == kept
    assert (kept.stocks, kept.events_seq, kept.is_proven) == (found.stocks, 7, False)
    monkeypatch.setattr(kept_counts, "DIFFERENCES_MAX", 1)
    short = counts_to_keep(found, 7)
    assert (short.differing, short.faulty) == (2, 1)
    assert [row.lot for row in short.differences] == ["C"]
