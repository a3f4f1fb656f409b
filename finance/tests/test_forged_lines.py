"""What the database refuses of lines that no poster wrote, and what verifying finds of the rest."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from finance.domain.chain import GENESIS, row_sha256
from finance.domain.entries import COLUMNS, Entry, entry_sha256
from finance.models import LedgerEntry, LedgerHead, LedgerRow, Period
from finance.services import close_period, post_events, soft_close_period
from finance.services.writing import append
from finance.tests.line import wafer_lot
from finance.tests.test_ledger_files import KEYS
from finance.tests.test_proofs import tamper

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books")]

NASTY = 'quote " backslash \\ slash / tab \t line \r\n bell \x07 delete \x7f é 漢 😀 \u2028'


@pytest.fixture
def last(books: None) -> Entry:
    """The second line of two, which are of March."""
    wafer_lot("W1")
    post_events()
    connection.check_constraints()
    return entry_of(LedgerEntry.objects.latest("seq"))


def entry_of(row: LedgerEntry) -> Entry:
    columns = {name: getattr(row, name) for name in Entry.__slots__ if name not in KEYS}
    return Entry(**columns, **{key: getattr(row, f"{key}_id") for key in KEYS})


def next_line(last: Entry, **change: object) -> Entry:
    """A line of nothing in the next transaction, unless something else is said."""
    line = replace(
        last, seq=last.seq + 1, transaction=last.transaction + 1, line=1, op_key="by-hand",
        quantity=0, amount=Decimal("0.000000"),
    )  # fmt: skip
    return replace(line, **change)  # type: ignore[arg-type]


def write(*lines: Entry, sha256: str = "") -> None:
    """As who has the database would, with the right hashes unless another is given."""
    previous = LedgerHead.objects.get().sha256
    rows = []
    for line in lines:
        previous = sha256 or entry_sha256(line, previous)
        columns = {f"{name}_id" if name in KEYS else name: getattr(line, name)
                   for name in Entry.__slots__}  # fmt: skip
        rows.append(LedgerEntry(**columns, sha256=previous))
    LedgerEntry.objects.bulk_create(rows)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"seq": 99}, "row 99 is not the next one, which is 3"),
        ({"seq": 0}, "row 0 is not the next one, which is 3"),
        ({"transaction": 1, "line": 3}, "row 3 goes into transaction 1, which is not the next one"),
        ({"transaction": 7}, "row 3 goes into transaction 7, which is not the next one"),
        ({}, "row 3 is behind the head, which does not count it"),
    ],
)
def test_a_line_that_does_not_go_on_from_the_head_is_refused(
    last: Entry, change: dict[str, object], complaint: str
) -> None:
    with pytest.raises(DatabaseError, match=complaint), transaction.atomic():
        write(next_line(last, **change))
        connection.check_constraints()


def test_a_line_with_another_hash_is_refused(last: Entry) -> None:
    with pytest.raises(DatabaseError, match="row 3 has not the hash"), transaction.atomic():
        write(next_line(last), sha256=GENESIS)


def test_lines_behind_a_head_that_was_moved_are_refused(last: Entry) -> None:
    LedgerHead.objects.update(seq=9)
    with pytest.raises(DatabaseError, match="the head says row 9"), transaction.atomic():
        write(next_line(last, seq=10))


@pytest.mark.parametrize("is_closed", [False, True])
def test_a_line_in_a_period_that_is_not_open_is_refused(last: Entry, is_closed: bool) -> None:
    Period.objects.filter(starts_on__lt=date(2026, 3, 1)).delete()
    march = soft_close_period(
        period=Period.objects.get(code="2026-03"), preparer=User.objects.create_user("ann")
    )
    if is_closed:
        close_period(period=march, approver=User.objects.create_user("bob"))
    state = "closed" if is_closed else "soft-closed"
    with pytest.raises(DatabaseError, match=f"2026-03 is {state}"), transaction.atomic():
        write(next_line(last))


def test_any_text_has_the_same_hash_there_and_here(last: Entry) -> None:
    append([next_line(last, seq=1, transaction=1, reason=NASTY[:64], actor=NASTY)], 1)
    connection.check_constraints()
    assert LedgerEntry.objects.latest("seq").actor == NASTY


@pytest.mark.parametrize("change", [{"amount": Decimal("1.000000")}, {"quantity": 1}])
def test_a_transaction_that_does_not_balance_is_refused(
    last: Entry, change: dict[str, object]
) -> None:
    with pytest.raises(DatabaseError, match="transaction 2 does not balance"), transaction.atomic():
        append([next_line(last, seq=1, transaction=1, **change)], 1)
        connection.check_constraints()


@pytest.mark.parametrize(
    ("amounts", "transactions"), [((1, 0), (1, 1)), ((1, 0, -1), (1, 2, 2)), ((1, 0, 1), (1, 1, 1))]
)
def test_the_database_sums_a_transaction_whichever_of_its_lines_is_wrong(
    last: Entry, amounts: tuple[int, ...], transactions: tuple[int, ...]
) -> None:
    lines = [
        next_line(last, seq=place, line=place, op_key=f"by-hand-{place}", transaction=number,
                  amount=Decimal(f"{amount}.000000"))
        for place, (amount, number) in enumerate(zip(amounts, transactions, strict=True), start=1)
    ]  # fmt: skip
    with pytest.raises(DatabaseError, match="transaction 2 does not balance"), transaction.atomic():
        append(lines, max(transactions))
        connection.check_constraints()


def test_a_ledger_that_was_chained_anew_is_not_as_it_was_closed(last: Entry) -> None:
    Period.objects.filter(starts_on__lt=date(2026, 3, 1)).delete()
    march = soft_close_period(
        period=Period.objects.get(code="2026-03"), preparer=User.objects.create_user("ann")
    )
    close_period(period=march, approver=User.objects.create_user("bob"))
    call_command("verify_subledger", verbosity=0)
    chain_anew("UPDATE finance_ledgerentry SET amount = amount / 2, actor = 'x'")
    with pytest.raises(CommandError, match="2026-03 was closed at row 2 with another hash"):
        call_command("verify_subledger")


def chain_anew(statement: str) -> None:
    tamper(statement)
    previous = GENESIS
    for row in LedgerRow.objects.order_by("seq").values_list(*COLUMNS):
        texts = ["" if value is None else str(value) for value in row[:-1]]
        previous = row_sha256(previous, texts)
        tamper(f"UPDATE finance_ledgerentry SET sha256 = '{previous}' WHERE seq = {row[0]}")  # noqa: S608
    LedgerHead.objects.update(sha256=previous)
