from __future__ import annotations

import pytest

from intake.domain.matching import (
    CODE_CHARACTERS_MAX,
    FileClues,
    StepRule,
    engineering_wafer_code,
    step_code,
    wafer_id,
)

CODES = ["START", "CP1", "FT-HOT"]
CLUES = FileClues(
    file="osat1_sort_0815.stdf",
    tester="93K-A8",
    program="TRN3_SORT",
    flow="",
    test_code="",
    part_type="TRN3-DIE",
    folder="osat1/sort",
    mode="P",
    retest="N",
    sublot="L1.A",
    temperature="-40.0 C",
)


def clues(**changes: str) -> FileClues:
    values = {name: getattr(CLUES, name) for name in FileClues.__slots__}
    return FileClues(**{**values, **changes})


@pytest.mark.parametrize("word", ["flow", "test_code"])
def test_a_word_equal_to_a_step_of_the_route_tells_it(word: str) -> None:
    assert step_code(clues(**{word: "ft-hot"}), [], CODES, is_free=False) == "FT-HOT"


def test_without_a_word_or_rule_the_step_is_not_guessed() -> None:
    assert step_code(CLUES, [], CODES, is_free=False) is None
    assert step_code(CLUES, [], CODES, is_free=True) is None


def test_the_only_step_of_a_free_route_needs_no_word() -> None:
    assert step_code(CLUES, [], ["ENG"], is_free=True) == "ENG"


@pytest.mark.parametrize(
    "patterns",
    [
        {"file": r"^osat1_sort"},
        {"tester": "93k"},
        {"program": "SORT$"},
        {"part_type": "DIE"},
        {"folder": "^osat1/"},
        {"mode": "P", "retest": "N", "sublot": r"\.A$"},
        {"temperature": "^-40"},
        {"file": "sort", "tester": "A8"},
        {},
    ],
)
def test_a_rule_fits_when_every_pattern_is_found(patterns: dict[str, str]) -> None:
    rule = StepRule("r", "CP1", **patterns)
    assert step_code(CLUES, [rule], CODES, is_free=False) == "CP1"


@pytest.mark.parametrize(
    "patterns",
    [
        {"file": "final"},
        {"tester": "J750"},
        {"program": "^SORT"},
        {"flow": "CP"},
        {"part_type": "NSW"},
        {"folder": "^final"},
        {"mode": "E"},
        {"retest": r"\d"},
        {"sublot": r"\.B$"},
        {"temperature": "^85"},
    ],
)
def test_a_rule_fails_by_any_pattern(patterns: dict[str, str]) -> None:
    assert step_code(CLUES, [StepRule("r", "CP1", **patterns)], CODES, is_free=False) is None


def test_the_flow_pattern_may_be_found_in_the_test_code() -> None:
    rule = StepRule("r", "CP1", flow="probe")
    assert step_code(clues(test_code="PROBE-1"), [rule], CODES, is_free=False) == "CP1"


def test_the_first_rule_whose_step_is_on_the_route_decides() -> None:
    rules = [StepRule("a", "SFT"), StepRule("b", "cp1"), StepRule("c", "START")]
    assert step_code(clues(flow="FT-HOT"), rules, CODES, is_free=False) == "CP1"


WAFERS = {"L1-02": 2, "L1-13": 13, "L1-A": 7}


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("L1-02", 2), ("02", 2), ("2", 2), ("W13", 13), ("wafer 2", 2), ("#02", 2), ("A", 7),
        ("3", None), ("", None), ("L1", None), ("113", None), ("L2-02", None),
    ],
)  # fmt: skip
def test_a_wafer_is_told_by_code_or_number(name: str, known: int | None) -> None:
    assert wafer_id(name, "L1", WAFERS) == known


def test_engineering_wafers_are_named_after_lot_and_file() -> None:
    assert engineering_wafer_code("GAL-LOT-02", 1, "GAL-LOT") == "GAL-LOT-02"
    assert engineering_wafer_code("02", 1, "TEST") == "TEST-02"
    assert engineering_wafer_code("", 3, "TEST") == "TEST-W3"
    assert engineering_wafer_code("TEST", 1, "TEST") == "TEST-TEST"


def test_engineering_wafer_codes_fit_their_column() -> None:
    assert len(engineering_wafer_code("x" * 200, 1, "L" * 64)) == CODE_CHARACTERS_MAX
    assert len(engineering_wafer_code("L" * 200, 1, "L")) == CODE_CHARACTERS_MAX
