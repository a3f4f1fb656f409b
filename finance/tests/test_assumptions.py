"""Tables of assumptions, without a database."""

from __future__ import annotations

from decimal import Decimal

import pytest

from finance.domain import assumptions
from finance.domain.assumptions import Assumption, Known, read_assumptions, with_bills
from finance.domain.words import AssumptionKind as Kind
from supplychain.base.errors import MalformedError

KNOWN = Known(
    items=frozenset({"DIE", "CHIP", "HBM"}),
    stages=["wafer", "good-die", "package", "chip", "component"],
    suppliers=frozenset({"OSAT1"}),
    bills={"CHIP": {"DIE": 2, "HBM": 4}, "HBM": {"DIE": 1}},
)
HEAD = "kind,item,stage,component,supplier,value,source\n"


def faults(rows: str) -> list[tuple[int, str]]:
    return [(one.row, one.reason) for one in read_assumptions(HEAD + rows, KNOWN).faults]


def test_lines_are_read_exactly_with_their_numbers() -> None:
    table = read_assumptions(
        HEAD + "yield,DIE,good-die,,,0.50,CP1\n conversion,CHIP,package,,OSAT1,400.25, quote\n",
        KNOWN,
    )
    assert table.rows == [
        Assumption(2, Kind.YIELD, "DIE", "good-die", Decimal("0.5"), source="CP1"),
        Assumption(
            3, Kind.CONVERSION, "CHIP", "package", Decimal("400.25"), supplier="OSAT1",
            source="quote",
        ),
    ]  # fmt: skip
    assert table.faults == []
    assert [one.text for one in table.rows] == ["0.5", "400.25"]
    assert table.rows[1].about == "conversion for CHIP at package by OSAT1"


def test_columns_that_say_nothing_may_be_left_out() -> None:
    table = read_assumptions("﻿value, kind,item,stage\r\n19500,purchase-price,DIE,wafer\r\n", KNOWN)
    assert [(one.line, one.text) for one in table.rows] == [(2, "19500")]


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ("price,DIE,wafer,,,1,\n", "There is no kind 'price'"),
        ("yield,NONE,wafer,,,1,\n", "There is no product 'NONE'"),
        ("yield,DIE,moon,,,1,\n", "There is no stage 'moon'"),
        ("conversion,DIE,wafer,,NONE,1,\n", "There is no supplier 'NONE'"),
        ("yield,DIE,wafer,,OSAT1,1,\n", "A line of yield names no supplier"),
        ("yield,DIE,wafer,HBM,,1,\n", "Only a line of the bill names a component"),
        ("component,CHIP,package,CHIP,,1,\n", "The released bill of CHIP has no 'CHIP'"),
        ("component,CHIP,package,HBM,,3,\n", "has 4 HBM, not 3"),
        ("yield,DIE,wafer,,,1.5,\n", "at most 1, not 1.5"),
        ("gross-dies,DIE,good-die,,,0,\n", "a whole number of 1 or more"),
        ("part-price,HBM,component,,,-1,\n", "0 or more"),
        ("part-price,HBM,component,,,much,\n", "'much' is no number"),
        ("part-price,HBM,component,,,1\n", "not as many cells"),
        (f"part-price,HBM,component,,,1,{'x' * 201}\n", "longer than 200"),
    ],
)
def test_a_row_at_fault_is_named(rows: str, reason: str) -> None:
    [(number, why)] = faults(rows)
    assert number == 2
    assert reason in why


def test_a_line_that_is_there_twice_is_a_fault() -> None:
    row = "yield,DIE,good-die,,,0.5,\n"
    assert faults(row + row) == [(3, "yield for DIE at good-die is there twice.")]


def test_what_is_no_table_of_assumptions_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(MalformedError, match="no column stage, value"):
        read_assumptions("kind,item\n", KNOWN)
    with pytest.raises(MalformedError, match="Nobody reads column colour"):
        read_assumptions("kind,item,stage,value,colour\n", KNOWN)
    monkeypatch.setattr(assumptions, "ROWS_MAX", 0)
    with pytest.raises(MalformedError, match="more than 0 rows"):
        read_assumptions(HEAD + "yield,DIE,wafer,,,1,\n", KNOWN)


def test_the_bill_of_what_is_built_is_added_at_its_first_stage() -> None:
    rows = [
        Assumption(5, Kind.CONVERSION, "CHIP", "chip", Decimal(1)),
        Assumption(7, Kind.CONVERSION, "CHIP", "package", Decimal(1)),
        Assumption(8, Kind.COMPONENT, "CHIP", "package", Decimal(2), component="DIE"),
        Assumption(9, Kind.PART, "HBM", "component", Decimal(300)),
    ]
    assert with_bills(rows, KNOWN.bills, KNOWN.stages)[4:] == [
        Assumption(
            10, Kind.COMPONENT, "CHIP", "package", Decimal(4), component="HBM",
            source="bill of materials",
        )
    ]  # fmt: skip
    assert with_bills([], KNOWN.bills, KNOWN.stages) == []
