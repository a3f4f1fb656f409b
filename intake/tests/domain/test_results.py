from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.domain.errors import BoundError, FileRefusedError
from intake.domain.results.columns import decoded_run
from intake.domain.results.nodes import Node, read_json
from intake.domain.results.reading import read_session, result_kind
from intake.domain.results.session import Measurement, Session, UnitReport
from intake.domain.words import RESULTS, RESULTS_CSV, WATS
from intake.tests.result_samples import (
    NAMES,
    by_name,
    content,
    document,
    limits,
    read,
    sample,
)
from supplychain.base.errors import MalformedError
from testing.domain.words import Outcome, ParameterKind


@pytest.mark.parametrize("kind", NAMES)
def test_a_file_is_known_by_its_bytes_whatever_its_name(kind: str) -> None:
    assert result_kind("export.dat", content(kind)[:4096]) == kind


@pytest.mark.parametrize("kind", NAMES)
def test_a_file_that_tells_nothing_is_known_by_its_name(kind: str) -> None:
    assert result_kind(NAMES[kind], b"{ }" if kind != RESULTS_CSV else b"?") == kind


def test_other_json_and_csv_are_none_of_ours() -> None:
    assert result_kind("a.json", b'{"format": "burn-in-1"}') is None
    assert result_kind("a.csv", b"event_id,lot\n") is None


# --- our own


def test_the_json_session_holds_what_it_says() -> None:
    session = sample(RESULTS)
    assert (session.words.lot, session.words.step) == ("M1", "TEST")
    assert [unit.outcome for unit in session.units] == [
        Outcome.PASS, Outcome.FAIL, Outcome.TIMEOUT, Outcome.PASS,
    ]  # fmt: skip


def test_a_bad_unit_is_left_out_with_its_place_and_reason() -> None:
    places = [(one.position, one.reason) for one in sample(RESULTS).left_out]
    assert places == [
        (5, 'units[5].serial is ""; it must be a text that is not empty.'),
        (
            6,
            'units[6].outcome is "GREAT"; it must be PASS, FAIL, ERROR, TIMEOUT, ABORTED, UNSET.',
        ),
    ]


def test_limits_and_units_come_from_the_list_of_tests() -> None:
    one = by_name(sample(RESULTS))["power/vdd_core"]
    assert (one.number, one.units, *limits(one)) == (100, "V", 0.72, 0.80)


def test_a_test_that_is_not_listed_brings_its_own() -> None:
    words = document(RESULTS)
    words["units"] = [
        {"serial": "A", "tests": [{"name": "t", "value": 1, "number": 3, "low": 0, "units": "A"}]}
    ]
    one = by_name(read(RESULTS, words))["t"]
    assert (one.number, one.units, *limits(one), one.outcome) == (3, "A", 0, None, Outcome.UNSET)


def test_a_units_own_limits_go_before_those_listed() -> None:
    words = document(RESULTS)
    words["units"][0]["tests"][1] |= {"low": 0.6, "high": 0.9, "units": "mV", "number": 7}
    one = by_name(read(RESULTS, words))["power/vdd_core"]
    assert (one.number, one.units, *limits(one)) == (7, "mV", 0.6, 0.9)


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"format": "burn-in-1"}, "format"),
        ({"tester": ""}, "tester"),
        ({"program": None}, "program"),
        ({"started_at": "yesterday"}, "started_at"),
        ({"temperature_celsius": "hot"}, "temperature_celsius"),
        ({"bins": [{"kind": "soft"}]}, "bins[1].number"),
        ({"bins": [{"kind": "other", "number": 1}]}, "bins[1].kind"),
        ({"bins": [{"kind": "hard", "number": 1, "passes": "yes"}]}, "bins[1].passes"),
        ({"bins": [{"kind": "hard", "number": -1}]}, "bins[1].number"),
        ({"tests": [{"name": 1.5, "low": True}]}, "tests[1].low"),
        ({"units": {"serial": "A"}}, "units"),
        ({"lot": ["M1"]}, "lot"),
    ],
)
def test_what_holds_for_the_whole_file_refuses_it_and_says_where(
    change: dict[str, Any], place: str
) -> None:
    with pytest.raises(FileRefusedError) as refused:
        read(RESULTS, document(RESULTS) | change)
    assert place in refused.value.detail


def test_a_bin_may_leave_open_whether_it_passes() -> None:
    bins = [{"kind": "soft", "number": 3}]
    assert read(RESULTS, document(RESULTS) | {"bins": bins}).bins[0].passes is None


def test_a_document_that_is_no_object_is_refused() -> None:
    with pytest.raises(FileRefusedError):
        read(RESULTS, [1])


# --- CSV


def test_lines_of_one_serial_and_attempt_are_one_insertion() -> None:
    session = sample(RESULTS_CSV)
    assert [(unit.serial, len(unit.measurements)) for unit in session.units] == [
        ("M1-C0", 2), ("M1-C1", 1), ("M1-C1", 1), ("M1-C2", 0),
    ]  # fmt: skip
    assert [unit.is_retest for unit in session.units] == [False, False, True, False]


def test_a_line_of_another_session_is_left_out() -> None:
    (left_out,) = sample(RESULTS_CSV).left_out
    assert (left_out.position, left_out.kind) == (7, "unit")
    assert "SLT-RACK-09" in left_out.reason


def csv(*lines: str, columns: str = "serial,outcome,tester,program") -> Session:
    return read_session(RESULTS_CSV, "\n".join([columns, *lines]).encode())


def test_a_line_with_too_few_fields_is_left_out() -> None:
    assert csv("A,PASS,T,P", "B").left_out[0].position == 3


def test_a_header_alone_is_refused() -> None:
    with pytest.raises(FileRefusedError, match="no readable line"):
        csv()


def test_a_line_without_a_serial_is_left_out() -> None:
    assert csv("A,PASS,T,P", ",PASS,T,P").left_out[0].reason == "The line names no serial."


def test_a_unit_with_two_outcomes_is_left_out() -> None:
    session = csv("A,PASS,T,P", "A,FAIL,T,P", "B,PASS,T,P")
    assert [unit.serial for unit in session.units] == ["B"]
    assert "line 2 of the same unit says 'PASS'" in session.left_out[0].reason


@pytest.mark.parametrize(
    ("column", "text"),
    [("value", "high"), ("hard_bin", "1.5"), ("site", "256"), ("test_outcome", "OK")],
)
def test_a_bad_cell_is_named_with_its_line(column: str, text: str) -> None:
    columns = f"serial,outcome,tester,program,test,{column}"
    (left_out,) = csv(f"A,PASS,T,P,t,{text}", columns=columns).left_out
    assert left_out.reason.startswith("line 2: " + column)


def test_a_bad_instant_on_the_first_line_refuses_the_file() -> None:
    with pytest.raises(FileRefusedError, match="Line 2: started_at"):
        csv("A,PASS,T,P,noon", columns="serial,outcome,tester,program,started_at")


def test_a_value_that_is_no_finite_number_is_not_measured() -> None:
    columns = "serial,outcome,tester,program,test,value,units"
    one = csv("A,PASS,T,P,t,nan,V", columns=columns).units[0].measurements[0]
    assert (one.value, one.is_numeric) == (None, True)


def test_broken_json_is_refused_with_line_and_column() -> None:
    with pytest.raises(FileRefusedError, match="line 2, column 7"):
        read_json(b'{"a": 1,\n "b": "}')


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(FileRefusedError, match="byte 8"):
        read_json(b'{"a": "\xff"}')


def test_a_bottomless_document_is_refused() -> None:
    with pytest.raises(BoundError):
        read_json(b"[" * 200_000)


def test_numbers_beyond_a_double_are_refused() -> None:
    with pytest.raises(MalformedError):
        Node(10**400, "a").number()


def test_infinity_is_not_measured() -> None:
    assert read_json(b'{"a": NaN}').at("a").number() is None
    assert Node(math.inf).number() is None


@pytest.mark.parametrize("cut", range(0, 100, 5))
@pytest.mark.parametrize("kind", NAMES)
def test_a_cut_file_is_refused_or_read_never_worse(kind: str, cut: int) -> None:
    whole = content(kind)
    try:
        session = read_session(kind, whole[: len(whole) * cut // 100])
    except FileRefusedError:
        return
    assert kind == RESULTS_CSV and session.units


@given(st.sampled_from(list(NAMES)), st.data())
def test_a_flipped_bit_is_refused_or_read_never_worse(kind: str, drawn: st.DataObject) -> None:
    raw = bytearray(content(kind))
    place = drawn.draw(st.integers(0, len(raw) * 8 - 1))
    raw[place // 8] ^= 1 << place % 8
    try:
        decoded_run(read_session(kind, bytes(raw)))
    except FileRefusedError as refused:
        assert refused.detail


# --- columns


def test_units_become_parts_and_tests_readings() -> None:
    run = decoded_run(sample(RESULTS))
    assert run.parts.part_id == ["M1-C0", "M1-C1", "M1-C2", "M1-C1"]
    assert run.parts.hard_bin.tolist() == [1, 7, -1, 1]
    assert run.parts.test_time_ms.tolist() == [812_500, -1, -1, -1]
    assert run.parts.part_flag.tolist() == [0, 0x08, 0x0C, 0x01]
    assert (run.record_counts["unit"], run.rejected_count, len(run.readings)) == (6, 2, 5)
    assert run.notes == ("Attachments stay in the file: M1-C0-console.log.",)


def test_a_test_without_a_number_is_functional_and_its_reading_not_measured() -> None:
    run = decoded_run(sample(RESULTS))
    assert [one.kind for one in run.parameters] == [
        ParameterKind.FUNCTIONAL, ParameterKind.PARAMETRIC,
    ]  # fmt: skip
    assert math.isnan(run.readings.value[0])


def test_a_test_that_comes_twice_in_a_unit_is_two() -> None:
    twice = (Measurement("a", Outcome.PASS), Measurement("a", Outcome.FAIL))
    units = (UnitReport(1, "A", Outcome.PASS, twice), UnitReport(2, "B", Outcome.PASS, twice[:1]))
    run = decoded_run(Session(sample(WATS).words, units))
    assert [one.occurrence for one in run.parameters] == [0, 1]
    assert run.readings.parameter_index.tolist() == [0, 1, 0]


def test_units_without_tests_make_no_reading() -> None:
    units = (UnitReport(1, "A", Outcome.ERROR),)
    assert len(decoded_run(Session(sample(WATS).words, units)).readings) == 0


def test_a_long_list_of_attachments_is_cut() -> None:
    names = tuple(f"{n}.log" for n in range(30))
    units = (UnitReport(1, "A", Outcome.PASS, attachments=names),)
    assert decoded_run(Session(sample(WATS).words, units)).notes[0].endswith("and 10 more.")
