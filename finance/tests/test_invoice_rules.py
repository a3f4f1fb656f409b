"""A line of an invoice against what was received: pure arithmetic and refusals."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finance.domain.invoice_table import read_lines
from finance.domain.invoices import (
    LINES_MAX,
    Invoiced,
    LineOrder,
    Match,
    Received,
    matched,
    price_difference,
)
from finance.domain.legs import imbalance
from finance.domain.money import ZERO
from finance.domain.uninvoiced import Came, Proof, open_lots, sums_of
from finance.domain.words import Account, InvoiceKind
from supplychain.base.errors import MalformedError, RefusedError

CAME = Received("W1", "TRN3-DIE", "wafer", "wafer", 10, Decimal(1000))
LINE = LineOrder("W1", 4, Decimal(110))
INVOICE, CREDIT = InvoiceKind.INVOICE, InvoiceKind.CREDIT


def one(line: LineOrder, kind: InvoiceKind = INVOICE, before: Invoiced | None = None) -> Match:
    return matched(line, kind, [CAME], [before or Invoiced()])


def money(match: Match) -> list[Decimal]:
    return [match.amount, match.standard, match.difference]


def test_a_line_is_compared_with_its_share_of_the_receipt() -> None:
    match = one(LINE)
    assert money(match) == [440, 400, 40]


def test_a_credit_takes_back_its_share_of_what_was_invoiced() -> None:
    match = one(LINE, CREDIT, Invoiced(5, Decimal(550), Decimal(500)))
    assert match.quantity == -4
    assert money(match) == [-440, -400, -40]


@given(
    st.lists(st.integers(1, 50), min_size=1, max_size=6),
    st.decimals(0, 10**6, places=6),
)
def test_parts_of_a_receipt_settle_all_of_it(parts: list[int], amount: Decimal) -> None:
    came, before = replace(CAME, quantity=sum(parts), amount=amount), Invoiced()
    for part in parts:
        match = matched(LineOrder("W1", part, Decimal(7)), INVOICE, [came], [before])
        assert imbalance(price_difference(match, "TSMC", "US")) == {}
        before = Invoiced(
            before.quantity + part, before.amount + match.amount, before.standard + match.standard
        )
    assert (before.quantity, before.standard) == (came.quantity, came.amount)


@given(st.integers(1, 50), st.integers(1, 50), st.decimals(0, 10**6, places=6))
def test_a_credit_of_all_that_was_invoiced_leaves_nothing(
    quantity: int, more: int, amount: Decimal
) -> None:
    came = replace(CAME, quantity=quantity + more, amount=amount)
    line = LineOrder("W1", quantity, Decimal("3.5"))
    first = matched(line, INVOICE, [came], [Invoiced()])
    back = matched(line, CREDIT, [came], [Invoiced(first.quantity, first.amount, first.standard)])
    assert (back.quantity, back.standard) == (-first.quantity, -first.standard)
    assert back.difference == -first.difference


def test_the_difference_is_a_variance_of_the_supplier_at_the_stage() -> None:
    owed, differs = Account.SUPPLIER, Account.VARIANCE
    legs = price_difference(one(LINE), "TSMC", "US")
    assert [(leg.position.account, leg.position.stage, leg.amount) for leg in legs] == [
        (differs, "wafer", Decimal(40)),
        (owed, "", Decimal(-40)),
    ]
    assert [(leg.position.owner, leg.position.custodian) for leg in legs] == [
        ("US", "TSMC"),
        ("TSMC", "TSMC"),
    ]
    assert [(leg.quantity, leg.lot) for leg in legs] == [(0, "W1")] * 2


@pytest.mark.parametrize(
    ("line", "before", "words"),
    [
        (replace(LINE, quantity=11), Invoiced(), "so 10 are left and not 11"),
        (LINE, Invoiced(7), "7 are invoiced, so 3 are left"),
        (LINE, Invoiced(12), "so 0 are left"),
        (replace(LINE, quantity=0), Invoiced(), "Give 1 or more"),
        (replace(LINE, unit_price=Decimal(-1)), Invoiced(), "Give 0 or more"),
        (replace(LINE, unit_price=Decimal(10) ** 14), Invoiced(), "14 digits"),
        (replace(LINE, item="TRN2"), Invoiced(), "was received as TRN3-DIE, and the invoice says"),
    ],
)
def test_what_does_not_fit_is_said(line: LineOrder, before: Invoiced, words: str) -> None:
    with pytest.raises(RefusedError, match=words):
        one(line, INVOICE, before)


def test_a_credit_beyond_what_was_invoiced_is_refused() -> None:
    with pytest.raises(RefusedError, match="takes back 3 at most and not 4"):
        one(LINE, CREDIT, Invoiced(3, Decimal(330), Decimal(300)))


def test_a_lot_that_the_supplier_never_sent_is_refused() -> None:
    with pytest.raises(RefusedError, match="Nothing of lot W1 was received"):
        matched(LINE, INVOICE, [], [])


def test_a_lot_received_as_two_items_needs_the_item() -> None:
    rows, done = [CAME, replace(CAME, item="TRN2")], [Invoiced(), Invoiced()]
    with pytest.raises(RefusedError, match="Name the item"):
        matched(LINE, INVOICE, rows, done)
    assert matched(replace(LINE, item="TRN2"), INVOICE, rows, done).received.item == "TRN2"


def test_lines_are_read_with_and_without_a_header() -> None:
    plain = read_lines("W1, 2, 10.5\n\nW2,3,7,TRN2\n")
    named = read_lines("\ufefflot,item,quantity,unit_price\nW1,,2,10.5\nW2,TRN2,3,7\n")
    assert plain == named
    assert plain.lines == [
        LineOrder("W1", 2, Decimal("10.5")),
        LineOrder("W2", 3, Decimal(7), "TRN2"),
    ]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("W1", "It has 1 cells"),
        ("W1,2,3,TRN2,more", "It has 5 cells"),
        (",2,3", "It has no lot"),
        ("W1,-2,3", "no whole number"),
        ("W1,2.5,3", "no whole number"),
        ("W1,٣,3", "no whole number"),
        ("W1,1234567890123,3", "no whole number"),
        ("W1,2,cheap", "no number"),
        ("W1,2,NaN", "no number"),
        ("W1,2,0.0000001", "six decimals"),
    ],
)
def test_a_row_at_fault_is_kept_with_its_place(row: str, words: str) -> None:
    table = read_lines(f"lot,quantity,unit_price,item\nW0,1,1\n{row}\n")
    assert [line.lot for line in table.lines] == ["W0"]
    [fault] = table.faults
    assert fault.row == 3
    assert words in fault.reason


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("lot,quantity\nW1,2\n", "no column unit_price"),
        ("lot,quantity,unit_price,colour\n", "Nobody reads column colour"),
        ("lot,quantity,unit_price,lot\n", "a column twice"),
        ('W1,2,"3\n', "no CSV"),
        ("W\0,2,3\n", "null character"),
        ("W1,1,1\n" * (LINES_MAX + 1), "at most 2,000 lines"),
    ],
)
def test_what_is_no_table_of_lines_is_refused(text: str, words: str) -> None:
    with pytest.raises(MalformedError, match=words):
        read_lines(text)


DAY = date(2026, 4, 1)
KEY = ("TSMC", "W1", "TRN3-DIE", "")


def came(quantity: int, amount: int) -> Came:
    return Came("wafer", "wafer", quantity, Decimal(amount), date(2026, 3, 2))


def test_what_is_open_is_what_came_less_what_is_invoiced() -> None:
    [row] = open_lots({KEY: came(10, 1000)}, {KEY: Invoiced(4, Decimal(440), Decimal(400))}, DAY)
    assert (row.quantity, row.amount, row.age_days) == (6, Decimal(600), 30)
    assert [(one.supplier, one.lot_count, one.amount) for one in sums_of([row, row])] == [
        ("TSMC", 2, Decimal(1200))
    ]


def test_even_lots_are_left_out_and_an_invoice_without_its_receipt_is_minus() -> None:
    done = Invoiced(10, Decimal(1100), Decimal(1000))
    assert open_lots({KEY: came(10, 1000)}, {KEY: done}, DAY) == []
    [row] = open_lots({}, {KEY: done}, DAY)
    assert (row.quantity, row.amount, row.received_on, row.age_days) == (
        -10, Decimal(-1000), DAY, 0,
    )  # fmt: skip


def test_the_account_less_what_is_invoiced_is_what_is_open() -> None:
    whole = Proof(Decimal(-1040), Decimal(1000), Decimal(40), Decimal(440), Decimal(600))
    assert whole.check == ZERO
    assert replace(whole, open=Decimal(599)).check == 1
