"""Plans of assets: the table read row by row, and what stands in service against one."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finance.domain.plan_comparing import (
    Compared,
    ComparedMonth,
    Design,
    Moved,
    chips_by_bill,
    compared_months,
    months_between,
)
from finance.domain.plan_table import Key, Planned, plan_changes, read_plan
from supplychain.base.errors import MalformedError

HEAD = "item,month,quantity,unit_cost,chip_cost,megawatt_cost\n"
DESIGN = {"US": Design(64, Decimal(32_000))}
PLAN: dict[Key, Planned] = {
    ("US", "2027-01"): Planned(2, Decimal(640)),
    ("US", "2027-03"): Planned(2, Decimal(1280)),
}


def read(*rows: str) -> tuple[dict[Key, Planned], list[tuple[int, str]]]:
    table = read_plan(HEAD + "".join(f"{row}\n" for row in rows), ["US"], ["2027-01", "2027-02"])
    return table.lines, [(fault.row, fault.reason) for fault in table.faults]


def months(
    moved: dict[Key, Moved], plan: dict[Key, Planned] = PLAN, last: str = "2027-02"
) -> list[ComparedMonth]:
    return compared_months(plan, moved, DESIGN, last)


def test_a_row_says_units_and_costs_and_may_leave_two_out() -> None:
    lines, faults = read("US,2027-01,2,640.5,,", " US , 2027-02 ,0,1,10,20000")
    assert faults == []
    assert lines == {
        ("US", "2027-01"): Planned(2, Decimal("640.5")),
        ("US", "2027-02"): Planned(0, Decimal(1), Decimal(10), Decimal(20_000)),
    }


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("NONE,2027-01,1,1,,", "no product 'NONE'"),
        ("US,2027-13,1,1,,", "no period '2027-13'"),
        ("US,2027-01,1.5,1,,", "quantity '1.5' is no whole number"),
        ("US,2027-01,-1,1,,", "quantity '-1' is no whole number"),
        ("US,2027-01,1000001,1,,", "quantity '1000001' is no whole number"),
        ("US,2027-01,1,,,", "unit_cost is empty"),
        ("US,2027-01,1,ten,,", "unit_cost 'ten' is no number"),
        ("US,2027-01,1,NaN,,", "more than six decimals, or is no number"),
        ("US,2027-01,1,1000000000000,,", "unit_cost must be 0 or more"),
        ("US,2027-01,1,1,-1,", "chip_cost must be 0 or more"),
        ("US,2027-01,1,1,,0.1234567", "megawatt_cost '0.1234567' has more than six"),
        ("US,2027-01,1,1", "not as many cells"),
    ],
)
def test_a_row_at_fault_is_named_and_kept_out(row: str, reason: str) -> None:
    lines, ((number, said),) = read(row)
    assert (lines, number) == ({}, 2)
    assert reason in said


def test_a_month_told_twice_is_a_fault() -> None:
    _, faults = read("US,2027-01,1,1,,", "US,2027-01,2,1,,")
    assert faults == [(3, "US in 2027-01 is there twice.")]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("item,month\n", "no column quantity, unit_cost"),
        (HEAD.replace("\n", ",colour\n"), "Nobody reads column colour"),
        ("", "no column"),
    ],
)
def test_what_is_no_plan_is_refused(text: str, said: str) -> None:
    with pytest.raises(MalformedError, match=said):
        read_plan(text, [], [])


def test_a_plan_of_too_many_rows_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("finance.domain.plan_table.ROWS_MAX", 1)
    with pytest.raises(MalformedError, match="more than 1 rows"):
        read("US,2027-01,1,1,,", "US,2027-02,1,1,,")


@given(st.text())
def test_any_text_is_read_or_refused_in_words(text: str) -> None:
    try:
        read_plan(HEAD + text, ["US"], ["2027-01"])
    except MalformedError as error:
        assert error.detail


def test_what_is_planned_otherwise_is_told() -> None:
    after = {**PLAN, ("US", "2027-01"): Planned(3, Decimal(640))}
    (change,) = plan_changes(PLAN, after)
    assert (change.month, change.before, change.after) == (
        "2027-01", PLAN["US", "2027-01"], after["US", "2027-01"],
    )  # fmt: skip
    assert [one.before for one in plan_changes({}, PLAN)] == [None, None]


def test_units_and_costs_add_up_month_by_month() -> None:
    first, second, third = months({("US", "2027-01"): Moved(1, Decimal(704))})
    assert (first.quantity, second.quantity.actual) == (
        Compared(Decimal(2), Decimal(1)), Decimal(1),
    )  # fmt: skip
    assert first.unit == Compared(Decimal(640), Decimal(704))
    assert first.chip == Compared(Decimal(10), Decimal(11))
    assert first.megawatt == Compared(Decimal(20_000), Decimal(22_000))
    assert (first.unit.difference, first.unit.ratio) == (Decimal(64), Decimal("0.1"))
    assert third.unit.planned == Decimal(960)
    assert (third.quantity.planned, third.quantity.actual) == (Decimal(4), None)
    assert (third.quantity.difference, third.quantity.ratio) == (None, None)


def test_both_sides_begin_with_what_was_in_service_before() -> None:
    moved = {
        ("US", "2026-11"): Moved(3, Decimal(1920)),
        ("US", "2026-12"): Moved(-1, Decimal(-640)),
        ("OTHER", "2026-12"): Moved(9, Decimal(9)),
    }
    first = months(moved)[0]
    assert first.quantity == Compared(Decimal(4), Decimal(2))
    assert first.unit == Compared(Decimal(640), Decimal(640))


def test_costs_told_by_the_plan_stand_before_those_that_follow() -> None:
    plan = {("US", "2027-01"): Planned(1, Decimal(640), Decimal(9), Decimal(19_000))}
    (only,) = months({}, plan)
    assert (only.chip.planned, only.megawatt.planned) == (Decimal(9), Decimal(19_000))
    assert (only.quantity.actual, only.unit.actual) == (Decimal(0), None)


def test_what_is_not_known_of_an_item_is_left_out() -> None:
    plan = {("US", "2027-01"): Planned(1, Decimal(640)), ("US", "2027-02"): Planned(0, Decimal(1))}
    (first, _) = compared_months(
        plan, {("US", "2027-01"): Moved(1, Decimal(640))}, {"US": Design(0, None)}, "2027-02"
    )
    assert (first.chip, first.megawatt) == (Compared(None, None), Compared(None, None))


def test_a_plan_of_nothing_has_no_cost_to_compare() -> None:
    (only,) = months({}, {("US", "2027-01"): Planned(0, Decimal(640))})
    assert (only.unit, only.quantity.ratio) == (Compared(None, None), None)


def test_no_plan_no_months() -> None:
    assert months({}, {}) == []


def test_months_run_over_the_end_of_a_year() -> None:
    assert months_between("2026-11", "2027-02") == ["2026-11", "2026-12", "2027-01", "2027-02"]


def test_chips_are_counted_through_every_level_of_the_bills() -> None:
    bills = {"US": {"SRV": 4, "SW": 2}, "SRV": {"SLED": 8}, "SLED": {"CHIP": 2}, "CHIP": {"DIE": 2}}
    assert chips_by_bill("US", {"CHIP"}, bills) == 64
    assert chips_by_bill("SW", {"CHIP"}, bills) == 0
    assert chips_by_bill("A", {"CHIP"}, {"A": {"B": 1, "CHIP": 1}, "B": {"A": 1}}) == 1
