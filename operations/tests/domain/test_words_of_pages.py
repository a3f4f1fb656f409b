"""Ages, quantities, changes, evidence and travellers as pages say them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from operations.domain.ages import age
from operations.domain.changes import Change, changes
from operations.domain.evidence import TABLE_ROWS_MAX, causes_table, evidence_rows, evidence_tables
from operations.domain.file_summary import FileSummary, file_summary
from operations.domain.quantities import LineQuantity, counted, good_count, quantity_words
from operations.domain.traveller import PlannedStep, Visit, traveller

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("since", "text"),
    [
        (timedelta(minutes=-5), "0 min"),
        (timedelta(minutes=45), "45 min"),
        (timedelta(hours=3), "3 h"),
        (timedelta(hours=3, minutes=20), "3 h 20 min"),
        (timedelta(days=12, hours=4), "12 d 4 h"),
        (timedelta(days=12), "12 d"),
        (timedelta(days=120, hours=4), "120 d"),
    ],
)
def test_an_age_is_said_as_people_say_it(since: Any, text: str) -> None:
    assert age(NOW - since, NOW) == text


def line(kind: str, quantity: int, unit: str = "die", expected: int | None = None) -> LineQuantity:
    return LineQuantity(kind, unit, quantity, expected)


def test_a_plain_move_says_nothing_of_quantities() -> None:
    assert quantity_words([line("in", 5), line("good", 5)], is_arrival=False) == []


def test_what_arrives_is_said() -> None:
    lines = [line("in", 25), line("good", 25)]
    assert quantity_words(lines, is_arrival=True) == ["25 dies good"]
    assert good_count(lines) == 25
    assert good_count([]) is None


def test_what_changed_is_said_and_what_is_left() -> None:
    words = quantity_words([line("in", 5), line("scrap", 1), line("good", 4)], is_arrival=False)
    assert words == ["1 die scrapped", "4 dies good"]


def test_units_of_measure_are_told_apart() -> None:
    words = quantity_words(
        [
            line("consumed", 2, "wafer", 128),
            line("produced", 126),
            line("reject", 26),
            line("good", 100),
        ],
        is_arrival=False,
    )
    assert words == [
        "2 wafers used up, 128 expected",
        "0 wafers good",
        "126 dies made",
        "26 dies rejected",
        "100 dies good",
    ]


def test_only_what_differs_is_a_change() -> None:
    before = {"Lot A": {"Step": "CP1", "Quantity": "25"}}
    after = {"Lot A": {"Step": "CP2", "Quantity": "25"}, "Lot B": {"Step": "CP1"}}
    assert changes(before, after) == [
        Change("Lot A", "Step", "CP1", "CP2"),
        Change("Lot B", "Step", "", "CP1"),
    ]


def test_evidence_stands_in_its_usual_order_with_ratios_in_percent() -> None:
    rows = evidence_rows(
        {"zeal": True, "n": 64, "value": 0.412, "statistic": "final-yield", "limit": 0.5}
    )
    assert [(row.name, row.value) for row in rows] == [
        ("Statistic", "final-yield"),
        ("Value", "41.2 %"),
        ("Limit", "50.0 %"),
        ("Units behind it", "64"),
        ("Zeal", "yes"),
    ]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "none"),
        (False, "no"),
        (2.123456, "2.123"),
        ([1, 2], "1, 2"),
        (list(range(42)), ", ".join(str(n) for n in range(40)) + " and 2 more"),
        ("2026-03-02T10:30:00+01:00", "2 Mar 2026 09:30 UTC"),
        ([[1, {"wafer_count": 3, "site": 2}]], "1, Wafer count: 3, Site: 2"),
        (1 + 2j, "(1+2j)"),
    ],
)
def test_every_kind_of_value_is_readable(value: Any, text: str) -> None:
    (row,) = evidence_rows({"fact": value})
    assert row.value == text


def test_lists_of_records_are_tables() -> None:
    records = [{"wafer": n, "final_ratio": 0.5} for n in range(TABLE_ROWS_MAX + 2)]
    evidence = {"wafers": records, "n": 1}
    (table,) = evidence_tables(evidence)
    assert (table.name, table.columns, table.rest) == ("Wafers", ("Wafer", "Final ratio"), 2)
    assert [cell.text for cell in table.rows[0]] == ["0", "50.0 %"]
    assert [row.name for row in evidence_rows(evidence)] == ["Units behind it"]


def test_likely_causes_stand_apart_and_name_the_cause_first() -> None:
    evidence = {"likely_causes": [{"lots": 3, "cause": "tester T2"}], "n": 1}
    assert evidence_tables(evidence) == []
    table = causes_table(evidence)
    assert table is not None
    assert (table.name, table.columns) == ("Likely causes", ("Cause", "Lots"))
    assert causes_table({"n": 1}) is None


def test_likely_causes_say_how_sure_and_what_else_before_the_counts() -> None:
    """As the database gives them back: keys by length and letter."""
    row = {
        "lots": 3, "cause": "tester T2", "units": 120, "compared": "within lots",
        "confounders": "none seen", "yield_effect": -0.1, "yield_effect_before": "not known",
        "how_sure": "sure", "later": 1,
    }  # fmt: skip
    table = causes_table({"likely_causes": [row]})
    assert table is not None
    assert table.columns == (
        "Cause", "How sure", "Yield beside others", "The same before",
        "What else would explain it", "Units on it", "Lots", "Compared", "Later",
    )  # fmt: skip
    assert [cell.text for cell in table.rows[0]][2:4] == ["-10.0 %", "not known"]


PLAN = [PlannedStep(n, code, code, 2) for n, code in enumerate(["A", "B", "C", "D"], start=1)]


def visit(step: int, days_ago: float) -> Visit:
    return Visit(step, NOW - timedelta(days=days_ago))


def test_a_traveller_tells_done_skipped_here_and_ahead() -> None:
    steps = traveller(PLAN, [visit(1, 9), visit(3, 5)], here=3, now=NOW)
    assert [step.state for step in steps] == ["done", "skipped", "here", "ahead"]
    assert [step.days for step in steps] == [4, None, 5, None]
    assert [step.is_over for step in steps] == [False, False, True, False]


def test_steps_before_a_lots_birth_are_no_omission() -> None:
    steps = traveller(PLAN, [visit(3, 5)], here=3, now=NOW)
    assert [step.state for step in steps] == ["before", "before", "here", "ahead"]


def test_a_step_the_lot_went_back_from_is_ahead_again() -> None:
    steps = traveller(PLAN, [visit(1, 9), visit(2, 5), visit(1, 1)], here=1, now=NOW)
    assert [step.state for step in steps] == ["here", "ahead", "ahead", "ahead"]
    assert steps[0].days == 1
    assert steps[1].days is None


def test_a_lot_off_its_route_has_nothing_here() -> None:
    steps = traveller(PLAN, [], here=99, now=NOW)
    assert {step.state for step in steps} == {"ahead"}


def test_names_with_a_page_of_their_own_are_told_apart() -> None:
    (row,) = evidence_rows({"racks": ["RK-1", "RK-2"]})
    assert [(cell.text, cell.kind) for cell in row.cells] == [("RK-1", "rack"), ("RK-2", "rack")]
    (table,) = evidence_tables({"units": [{"serial": "S1", "slot": 4}]})
    assert [(cell.text, cell.kind) for cell in table.rows[0]] == [("S1", "unit"), ("4", "")]


@pytest.mark.parametrize(
    ("quantity", "unit", "text"),
    [(1, "die", "1 die"), (8, "switch", "8 switches"), (1200, "wafer", "1,200 wafers")],
)
def test_quantities_have_their_plural(quantity: int, unit: str, text: str) -> None:
    assert counted(quantity, unit) == text


def test_a_file_summary_is_sorted_and_says_nothing_twice() -> None:
    summary = file_summary(
        {
            "header": {"lot": "L1", "sublot": "", "layout": {"x": "", "flat": "D"}},
            "records": {"PTR": 7, "odd": "x"},
            "notes": ["The file was cut."],
            "insertions": 20,
            "readings": 193,
            "wafers": [],
        }
    )
    assert [(row.name, row.value) for row in summary.header] == [
        ("Layout flat", "D"),
        ("Lot", "L1"),
    ]
    assert summary.records == (("PTR", 7),)
    assert summary.notes == ("The file was cut.",)
    assert [(row.name, row.value) for row in summary.rows] == [("Readings", "193")]


def test_an_unread_file_has_an_empty_summary() -> None:
    assert file_summary({}) == FileSummary((), (), (), ())


def test_one_record_is_a_table_of_one_row_where_only_shares_are_in_percent() -> None:
    (table,) = evidence_tables({"final_yield": {"p": 0.004, "limit": 0.5, "value": 0.4}})
    assert table.columns == ("Value", "Limit", "p")
    assert [cell.text for cell in table.rows[0]] == ["40.0 %", "50.0 %", "0.004"]
