from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from intake.domain.stdf.kernels.state import ENTRIES, ENTRY_WIDTH
from intake.domain.stdf.run import ChangedLimits, StatedLimits
from intake.domain.stdf.writer import RecordWriter
from intake.tests.decoding import outcomes, run_of
from intake.tests.stdf_builder import FAILED, RESULT_INVALID, Writer, cn
from testing.domain.words import Outcome, ParameterKind

W = Writer()
RECORDS = RecordWriter()


def test_limits_missing_later_are_those_of_the_first_record() -> None:
    run = run_of(W.pir(), W.ptr(7, 1.0, W.tail("vdd")), W.ptr(7, 2.0, cn("vdd")), W.prr())
    first, second = run.parameters
    assert (first.limit_low, first.limit_high, first.units, first.scale) == (0.0, 2.0, "V", 3)
    assert (second.limit_low, second.limit_high, second.units) == (0.0, 2.0, "V")


def test_a_number_with_another_text_has_the_numbers_limits_too() -> None:
    run = run_of(W.pir(), W.ptr(7, 1.0, W.tail("a")), W.ptr(7, 1.0, cn("b")), W.prr())
    assert [(one.text, one.limit_high) for one in run.parameters] == [("a", 2.0), ("b", 2.0)]


def test_a_first_record_without_limits_has_none() -> None:
    run = run_of(W.pir(), W.ptr(7, 1.0), W.prr())
    assert (run.parameters[0].limit_low, run.parameters[0].units) == (None, "")


def test_option_bits_say_default_or_none() -> None:
    run = run_of(
        W.pir(),
        W.ptr(7, 1.0, W.tail("t")),
        W.ptr(7, 1.0, W.tail("u", option=0x31, limits=(8.0, 9.0), units="", scale=9)),
        W.ptr(7, 1.0, W.tail("v", option=0xC0)),
        W.prr(),
    )
    assert [(one.limit_low, one.limit_high, one.scale) for one in run.parameters] == [
        (0.0, 2.0, 3), (0.0, 2.0, 3), (None, None, 3),
    ]  # fmt: skip


def test_a_limit_that_is_no_number_is_the_default() -> None:
    run = run_of(W.pir(), W.ptr(7, 1.0, W.tail("t", limits=(math.nan, 2.0))), W.prr())
    assert run.parameters[0].limit_low is None


def test_an_empty_text_is_the_first_of_its_number() -> None:
    run = run_of(W.pir(), W.ptr(7, 1.0, W.tail("vdd")), W.prr(), W.pir(), W.ptr(7, 2.0), W.prr())
    assert [(one.text, one.occurrence) for one in run.parameters] == [("vdd", 0)]
    assert run.readings.parameter_index.tolist() == [0, 0]


def test_a_test_repeated_within_a_part_is_another_occurrence() -> None:
    part = [W.pir(), W.ptr(7, 1.0, W.tail("a")), W.ptr(7, 2.0, W.tail("a")), W.prr()]
    run = run_of(*part, *part)
    assert [one.occurrence for one in run.parameters] == [0, 1]
    assert run.readings.parameter_index.tolist() == [0, 1, 0, 1]


def test_changed_limits_are_counted_and_the_first_kept() -> None:
    run = run_of(
        W.pir(),
        *(W.ptr(7, 1.0, W.tail("a", limits=limits)) for limits in [(0, 1), (0, 2), (0, 2), (0, 1)]),
        W.ptr(7, 1.0, W.tail("a", limits=(0, 1), units="mV")),
        W.prr(),
    )
    assert run.parameters[0].limit_high == 1.0
    assert "Test limits changed 2 times; the first of each test are kept." in run.notes


def test_limits_that_change_within_the_file_are_kept_with_their_places() -> None:
    first = W.ptr(7, 1.0, W.tail("a", limits=(0, 1)))
    changed = W.ptr(7, 1.0, W.tail("a", limits=(0, 2)))
    other = W.ptr(8, 1.0, W.tail("b"))
    start = len(W.far() + W.mir() + W.pir())
    run = run_of(W.pir(), first, other, changed, W.ptr(7, 1.0, cn("a")), changed, first, W.prr())
    assert run.changed_limits == (
        ChangedLimits(
            7, "a", "V",
            (
                StatedLimits(start, 0.0, 1.0),
                StatedLimits(start + len(first + other), 0.0, 2.0),
            ),
        ),
    )  # fmt: skip


def test_limits_without_end_are_kept_in_part() -> None:
    tails = [W.ptr(7, 1.0, W.tail("a", limits=(0, high))) for high in range(20)]
    (changed,) = run_of(W.pir(), *tails, W.ftr(9), W.prr()).changed_limits
    assert [one.high for one in changed.stated] == [float(high) for high in range(8)]


@pytest.mark.parametrize(
    ("flag", "outcome"),
    [
        (0x00, Outcome.PASS),
        (0x01, Outcome.PASS),
        (0x04, Outcome.PASS),
        (0x80, Outcome.FAIL),
        (0x40, Outcome.UNSET),
        (0xC0, Outcome.UNSET),
        (0x08, Outcome.TIMEOUT),
        (0x20, Outcome.ABORTED),
        (0x82, Outcome.FAIL),
        (0x02, Outcome.UNSET),
    ],
)
def test_test_flags_tell_the_outcomes_apart(flag: int, outcome: Outcome) -> None:
    run = run_of(W.pir(), W.ptr(7, 1.0, flag=flag), W.prr())
    assert outcomes(run) == [outcome]
    assert math.isnan(run.readings.value[0]) == bool(flag & RESULT_INVALID)


def test_a_flag_is_trusted_over_the_limits() -> None:
    run = run_of(W.pir(), W.ptr(7, 99.0, W.tail("a")), W.prr())
    assert outcomes(run) == [Outcome.PASS]


@pytest.mark.parametrize("limit", [0.0, 2.0])
@pytest.mark.parametrize("equality", [0x00, 0x40, 0x80, 0xC0])
def test_a_value_on_a_limit_is_what_its_flag_says(limit: float, equality: int) -> None:
    limits: dict[str, Any] = {
        "HEAD_NUM": 1, "SITE_NUM": 1, "PARM_FLG": equality, "RESULT": limit, "TEST_TXT": "a",
        "OPT_FLAG": 0x0E, "LO_LIMIT": 0.0, "HI_LIMIT": 2.0, "UNITS": "V",
    }  # fmt: skip
    passed = RECORDS.record("PTR", TEST_NUM=7, TEST_FLG=0, **limits)
    failed = RECORDS.record("PTR", TEST_NUM=8, TEST_FLG=0x80, **limits)
    run = run_of(W.pir(), passed, failed, W.prr())
    assert outcomes(run) == [Outcome.PASS, Outcome.FAIL]
    assert [one.limit_high for one in run.parameters] == [2.0, 2.0]


def test_a_test_that_was_not_executed_is_no_reading() -> None:
    run = run_of(W.pir(), W.ptr(7, 1.0, flag=0x10), W.prr())
    assert len(run.readings) == 0
    assert len(run.parameters) == 1


def test_no_number_never_passes() -> None:
    run = run_of(W.pir(), W.ptr(7, math.nan), W.ptr(8, math.inf), W.prr())
    assert outcomes(run) == [Outcome.UNSET, Outcome.UNSET]
    assert np.isnan(run.readings.value).all()


@pytest.mark.parametrize("size", [7, 8, 10])
def test_a_parametric_record_without_result_is_invalid(size: int) -> None:
    run = run_of(W.pir(), W.record(15, 10, W.ptr(7, 5.0, flag=FAILED)[4 : 4 + size]), W.prr())
    assert math.isnan(run.readings.value[0])
    assert outcomes(run) == [Outcome.FAIL]


def test_several_results_of_one_record_are_occurrences() -> None:
    run = run_of(W.pir(), W.mpr(5, [1.0, 2.5, 4.0], "pins"), W.prr())
    assert run.readings.value.tolist() == [1.0, 2.5, 4.0]
    assert [one.occurrence for one in run.parameters] == [0, 1, 2]
    assert {(one.kind, one.units) for one in run.parameters} == {(ParameterKind.MULTIPLE, "A")}


def test_a_multiple_record_without_results_keeps_its_verdict() -> None:
    run = run_of(W.pir(), W.mpr(5, [], "pins", flag=FAILED), W.prr())
    assert outcomes(run) == [Outcome.FAIL]


def test_results_past_the_end_of_their_record_reject_it() -> None:
    broken = W.record(15, 15, W.mpr(5, [1.0, 2.0])[4:20])
    run = run_of(W.pir(), broken, W.prr())
    assert run.rejected[0].reason == "its results run past the end of the record"


def test_a_functional_pass_needs_no_number() -> None:
    run = run_of(W.pir(), W.ftr(9, "scan"), W.ftr(9, "scan", flag=FAILED), W.prr())
    assert outcomes(run) == [Outcome.PASS, Outcome.FAIL]
    assert [(one.text, one.occurrence) for one in run.parameters] == [("scan", 0), ("scan", 1)]


@pytest.mark.parametrize("functional_is_first", [True, False])
def test_a_verdict_and_a_number_under_one_name_keep_their_own_rules(
    functional_is_first: bool,
) -> None:
    records = [W.ftr(9, "scan"), W.ptr(9, math.nan, cn("scan"))]
    run = run_of(W.pir(), *(records if functional_is_first else records[::-1]), W.prr())
    wanted = [Outcome.PASS, Outcome.UNSET]
    assert outcomes(run) == (wanted if functional_is_first else wanted[::-1])


def test_tests_on_a_site_without_pir_open_its_part() -> None:
    run = run_of(W.ftr(site=3), W.mpr(5, [1.0]), W.prr(3), W.prr(1))
    assert run.readings.part_index.tolist() == [0, 1]


def test_many_different_tails_do_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("intake.domain.stdf.scanner.ENTRIES_END", ENTRIES + 3 * ENTRY_WIDTH)
    tails = [W.ptr(7, 1.0, cn("a") + cn(f"alarm {number}")) for number in range(5)]
    assert len(run_of(W.pir(), *tails, W.prr()).readings) == 5
