"""Tables of standard costs, without a database."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finance.domain import cost_table
from finance.domain.cost_table import (
    Cost,
    CostChange,
    Key,
    changes_in_force,
    cost_changes,
    read_costs,
)
from supplychain.base.errors import MalformedError

ITEMS, STAGES = ["TRN3", "TRN3-DIE"], ["wafer", "package"]
HEAD = "item,stage,unit_cost,yield_ratio\n"
FULL_HEAD = "item,stage,unit_cost,yield_ratio,supplier\n"
SUPPLIERS = ["TSMC", "MRVL"]


def faults(rows: str) -> list[tuple[int, str]]:
    return [(fault.row, fault.reason) for fault in read_costs(HEAD + rows, ITEMS, STAGES).faults]


def test_costs_are_read_exactly() -> None:
    table = read_costs(
        HEAD + "TRN3-DIE,wafer,19500.123456,0.85\nTRN3, package ,3e2,\n", ITEMS, STAGES
    )
    assert table.costs == {
        ("TRN3-DIE", "wafer", ""): Cost(Decimal("19500.123456"), Decimal("0.85")),
        ("TRN3", "package", ""): Cost(Decimal(300), None),
    }
    assert table.faults == []


def test_a_table_from_a_spreadsheet_without_yields_is_read() -> None:
    table = read_costs("\ufeffunit_cost, item,stage\r\n1,TRN3,wafer\r\n", ITEMS, STAGES)
    assert table.costs == {("TRN3", "wafer", ""): Cost(Decimal(1), None)}


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("CHIP,wafer,1,", "no product 'CHIP'"),
        ("TRN3,rack,1,", "no stage 'rack'"),
        ("TRN3,wafer,-1,", "0 or more"),
        ("TRN3,wafer,1e14,", "14 digits"),
        ("TRN3,wafer,,", "is no number"),
        ("TRN3,wafer,1.0000001,", "more than six decimals"),
        ("TRN3,wafer,NaN,", "is no number"),
        ("TRN3,wafer,1,0", "more than 0"),
        ("TRN3,wafer,1,1.1", "at most 1"),
        ("TRN3,wafer,1", "not as many cells"),
        ("TRN3,wafer,1,,,", "not as many cells"),
    ],
)
def test_a_row_at_fault_is_named_and_others_are_read(row: str, reason: str) -> None:
    found = read_costs(f"{HEAD}{row}\nTRN3,package,2,\n", ITEMS, STAGES)
    assert [fault.row for fault in found.faults] == [2]
    assert reason in found.faults[0].reason
    assert len(found.costs) == 1


def test_the_same_cost_twice_is_a_fault() -> None:
    assert faults("TRN3,wafer,1,\nTRN3,wafer,2,\n") == [(3, "TRN3 at wafer is there twice.")]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "no column item, stage, unit_cost"),
        ("item,stage\n", "no column unit_cost"),
        (HEAD.replace("yield_ratio", "yield"), "Nobody reads column yield"),
    ],
)
def test_what_is_no_table_of_costs_is_refused(text: str, complaint: str) -> None:
    with pytest.raises(MalformedError, match=complaint):
        read_costs(text, ITEMS, STAGES)


def test_a_table_has_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cost_table, "ROWS_MAX", 1)
    assert len(read_costs(HEAD + "TRN3,wafer,1,\n", ITEMS, STAGES).costs) == 1
    with pytest.raises(MalformedError, match="more than 1 rows"):
        read_costs(HEAD + "TRN3,wafer,1,\nTRN3,package,1,\n", ITEMS, STAGES)


def test_changes_are_new_gone_dearer_or_of_another_yield() -> None:
    one, two = Cost(Decimal(100), None), Cost(Decimal(110), None)
    good = Cost(Decimal(100), Decimal("0.9"))
    before = {(item, "s", ""): one for item in "ABCD"}
    after = {("B", "s", ""): one, ("C", "s", ""): two, ("D", "s", ""): good, ("D", "s", "X"): two}
    assert cost_changes(before, after) == [
        CostChange("A", "s", "", one, None),
        CostChange("C", "s", "", one, two),
        CostChange("D", "s", "", one, good),
        CostChange("D", "s", "X", None, two),
    ]
    assert [change.ratio for change in cost_changes(before, after)] == [
        None, Decimal("0.1"), Decimal(0), None,
    ]  # fmt: skip


def test_what_cost_nothing_has_no_ratio() -> None:
    free, one = Cost(Decimal(0), None), Cost(Decimal(1), None)
    assert CostChange("A", "s", "", free, one).ratio is None


def test_what_lots_had_is_changed_by_whichever_row_says_it() -> None:
    one, two = Cost(Decimal(100), None), Cost(Decimal(110), None)
    all_others, own = ("A", "s", ""), ("A", "s", "X")
    assert changes_in_force({all_others: one}, {all_others: one, own: two}) == [
        CostChange("A", "s", "X", one, two)
    ]
    assert changes_in_force({all_others: one, own: two}, {all_others: one}) == [
        CostChange("A", "s", "X", two, one)
    ]
    assert changes_in_force({all_others: one, own: one}, {all_others: one}) == []
    assert changes_in_force({own: one}, {own: one, all_others: two}) == []
    assert changes_in_force({own: one}, {}) == [CostChange("A", "s", "X", one, None)]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("TRN3,wafer,1,,TSMC", "TRN3 at wafer of TSMC is there twice"),
        ("TRN3,wafer,1,,", "TRN3 at wafer is there twice"),
        ("TRN3,wafer,1,,NOBODY", "no supplier 'NOBODY'"),
    ],
)
def test_a_cost_is_there_once_for_each_supplier(row: str, reason: str) -> None:
    rows = f"{FULL_HEAD}TRN3,wafer,2,,\nTRN3,wafer,3,, TSMC \n{row}\n"
    table = read_costs(rows, ITEMS, STAGES, SUPPLIERS)
    assert set(table.costs) == {("TRN3", "wafer", ""), ("TRN3", "wafer", "TSMC")}
    [fault] = table.faults
    assert (fault.row, reason in fault.reason) == (4, True)


@given(st.dictionaries(
    st.tuples(st.sampled_from(ITEMS), st.sampled_from(STAGES), st.sampled_from(["", *SUPPLIERS])),
    st.decimals(0, 10**9, places=6),
))  # fmt: skip
def test_a_written_table_reads_as_it_was(costs: dict[Key, Decimal]) -> None:
    rows = "".join(
        f"{item},{stage},{cost},,{supplier}\n" for (item, stage, supplier), cost in costs.items()
    )
    found = read_costs(FULL_HEAD + rows, ITEMS, STAGES, SUPPLIERS)
    assert {key: cost.unit_cost for key, cost in found.costs.items()} == costs


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        (HEAD + "TRN3,wafer,1,\0", "null character"),
        ("item,stage,unit_cost,item\n", "column twice"),
        (HEAD + f"TRN3,wafer,{'9' * 200_000},", "Row 2 is no CSV: field larger"),
    ],
)
def test_what_is_no_table_is_refused_in_words(table: str, reason: str) -> None:
    with pytest.raises(MalformedError, match=reason):
        read_costs(table, ITEMS, STAGES)
