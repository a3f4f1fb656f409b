"""Journals to the cent: balanced in every part, within limits, and nothing lost on the way."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from finance.domain.journals import (
    NOTHING,
    Chart,
    GeneralAccount,
    JournalLine,
    Limits,
    Moved,
    cents,
    journal_lines,
    journal_parts,
    unnumbered,
)
from finance.domain.words import Account, JournalAccount

CHART: Chart = {
    (Account.INVENTORY, ""): GeneralAccount("1400", "Inventory"),
    (Account.INVENTORY, "chip"): GeneralAccount("1450", "Finished chips"),
    (Account.SUPPLIER, ""): GeneralAccount("2100", "Received, not invoiced"),
    (JournalAccount.ROUNDING, ""): GeneralAccount("7990", "Rounding"),
    (JournalAccount.PARTING, ""): GeneralAccount("1999", "Journal clearing"),
}
AMOUNTS = st.decimals(
    min_value=-(10**9), max_value=10**9, places=6, allow_nan=False, allow_infinity=False
)


def moved(account: Account, amount: Decimal | int | str, **rest: object) -> Moved:
    given_ = {"stage": "", "item": "TRN3", "custodian": "OSAT1", "unit_of_measure": "package",
              "quantity": 0, **rest}  # fmt: skip
    return Moved(account=account, amount=Decimal(amount), **given_)  # type: ignore[arg-type]


@st.composite
def periods(draw: st.DrawFn) -> list[Moved]:
    """Any sums that add up to nothing, as a period's always do."""
    amounts = draw(st.lists(AMOUNTS, min_size=1, max_size=40))
    rows = [
        moved(draw(st.sampled_from([Account.INVENTORY, Account.SUPPLIER])), amount, item=f"I{n}")
        for n, amount in enumerate(amounts)
    ]
    return [*rows, moved(Account.INVENTORY, -sum(amounts), item="REST")]


def total(lines: list[JournalLine] | tuple[JournalLine, ...]) -> Decimal:
    return sum((line.amount for line in lines), NOTHING)


def test_a_line_sums_what_has_one_general_account_and_one_item() -> None:
    rows = [
        moved(Account.INVENTORY, "10.10", stage="chip", quantity=2),
        moved(Account.INVENTORY, "1.01", stage="chip", quantity=1),
        moved(Account.INVENTORY, "4", stage="tested"),
        moved(Account.SUPPLIER, "-15.11", quantity=-3),
    ]
    lines = journal_lines(rows, CHART)
    assert [(line.general.number, line.quantity, line.amount) for line in lines] == [
        ("1400", 0, Decimal("4.00")),
        ("1450", 3, Decimal("11.11")),
        ("2100", -3, Decimal("-15.11")),
    ]
    assert lines[1].description == "TRN3 chip at OSAT1"


def test_what_rounding_leaves_is_a_line() -> None:
    rows = [moved(Account.INVENTORY, "0.333333", item=name) for name in "ABC"]
    lines = journal_lines([*rows, moved(Account.SUPPLIER, "-0.999999")], CHART)
    assert [(line.description, line.amount) for line in lines[-2:]] == [
        ("TRN3 at OSAT1", Decimal("-1.00")),
        ("Rounding", Decimal("0.01")),
    ]


def test_months_of_parts_of_cents_do_not_drift() -> None:
    booked, opening = NOTHING, Decimal(0)
    for _ in range(60):
        rows = [
            moved(Account.INVENTORY, "10.004", opening=opening),
            moved(Account.SUPPLIER, "-10.004", opening=-opening),
        ]
        lines = journal_lines(rows, CHART)
        booked += sum((one.amount for one in lines if one.general.number == "1400"), NOTHING)
        opening += Decimal("10.004")
    assert booked == cents(opening) == Decimal("600.24")


def test_a_line_is_a_debit_or_a_credit() -> None:
    lines = journal_lines([moved(Account.INVENTORY, 2), moved(Account.SUPPLIER, -2)], CHART)
    assert [line.debit for line in lines] == [Decimal(2), Decimal(0)]
    assert [line.credit for line in lines] == [Decimal(0), Decimal(2)]


def test_an_account_that_moved_no_money_needs_no_number() -> None:
    assert journal_lines([moved(Account.CONVERSION, 0)], CHART) == []


def test_a_line_of_no_cent_is_left_out() -> None:
    assert journal_lines([moved(Account.INVENTORY, "0.004")], CHART) == []
    assert journal_parts([], CHART, Limits(2)) == ()


def test_accounts_without_a_number_are_named() -> None:
    rows = [moved(Account.VARIANCE, 1, stage="chip"), moved(Account.CONVERSION, 0)]
    assert unnumbered(rows, CHART) == ["variance at stage chip"]
    assert unnumbered([], {}) == ["parting", "rounding"]


def test_an_amount_too_large_for_a_line_takes_several() -> None:
    rows = [moved(Account.INVENTORY, 25, quantity=5), moved(Account.SUPPLIER, -25)]
    lines = journal_lines(rows, CHART)
    (part,) = journal_parts(lines, CHART, Limits(10, Decimal("10.00")))
    assert [(line.amount, line.quantity) for line in part.lines] == [
        (Decimal(10), 5), (Decimal(10), 0), (Decimal(5), 0),
        (Decimal(-10), 0), (Decimal(-10), 0), (Decimal(-5), 0),
    ]  # fmt: skip
    assert part.total == Decimal(25)


def test_a_part_may_owe_more_than_one_line_can_say() -> None:
    most = Decimal("100.00")
    amounts = [2, 100, 99, -1, -1, -99, -100]
    general = CHART[Account.INVENTORY, ""]
    lines = [JournalLine(general, "", "", "", "", 0, Decimal(amount)) for amount in amounts]
    parts = journal_parts(lines, CHART, Limits(4, most))
    assert [int(line.amount) for line in parts[2].lines] == [-99, -100, 100, 99]


@given(periods(), st.integers(3, 9), st.sampled_from([Decimal("999.99"), Decimal(10) ** 9]))
def test_every_part_is_balanced_and_within_the_limits(
    rows: list[Moved], lines_max: int, amount_max: Decimal
) -> None:
    if amount_max < 1000:
        rows = [moved(row.account, row.amount % 5000, item=row.item) for row in rows[:-1]]
        rows.append(moved(Account.INVENTORY, -sum(row.amount for row in rows)))
    lines = journal_lines(rows, CHART)
    assert total(lines) == NOTHING
    parts = journal_parts(lines, CHART, Limits(lines_max, amount_max))
    assert [part.number for part in parts] == list(range(1, len(parts) + 1))
    for part in parts:
        assert total(part.lines) == NOTHING
        assert len(part.lines) <= lines_max
        assert all(NOTHING < abs(line.amount) <= amount_max for line in part.lines)
    sums: Counter[tuple[str, str]] = Counter()
    for part in parts:
        for line in part.lines:
            sums[line.general.number, line.item] += line.amount  # type: ignore[assignment]
    assert sums[CHART[JournalAccount.PARTING, ""].number, ""] == 0
    for row in rows:
        assert sums[CHART[row.account, ""].number, row.item] == cents(row.amount)
