from __future__ import annotations

from typing import Any

import pytest

from intake.domain.errors import FileRefusedError
from intake.domain.results.nodes import DEPTH_MAX
from intake.domain.words import OPENHTF, WATS
from intake.tests.result_samples import (
    by_name,
    document,
    limits,
    read,
    sample,
)
from testing.domain.words import Outcome


def test_steps_become_tests_named_by_where_they_lie() -> None:
    found = by_name(sample(WATS))
    assert list(found) == [
        "Power/3V3", "Power/Rails/ripple", "Power/Rails/margin", "Power/Rails/phases",
        "Power/Rails/ambient", "Firmware", "Scope",
    ]  # fmt: skip


def test_only_bounds_of_what_passes_are_limits() -> None:
    found = by_name(sample(WATS))
    assert limits(found["Power/3V3"]) == (3.2, 3.4)
    assert limits(found["Power/Rails/ripple"]) == (None, 25)
    assert limits(found["Power/Rails/margin"]) == (5, None)
    assert limits(found["Power/Rails/phases"]) == (6, 6)
    assert limits(found["Power/Rails/ambient"]) == (None, None)


def test_the_report_says_who_what_and_where() -> None:
    session = sample(WATS)
    words, unit = session.words, session.units[0]
    assert (words.step, words.tester, words.program, words.revision) == (
        "TEST", "BOARD-07", "board_fct.seq", "1.4",
    )  # fmt: skip
    assert (unit.serial, unit.outcome, unit.test_seconds) == ("M1-C0", Outcome.FAIL, 61.25)
    assert unit.attachments == ("ripple.png",)
    assert session.notes == ("1 steps without a verdict are no tests.",)


def test_a_report_names_its_lot_among_its_remarks_or_by_its_batch() -> None:
    remarks = [{"description": "Shift", "text": "2"}, {"description": "Lot", "text": "M9"}]
    assert read(WATS, document(WATS) | {"miscInfos": remarks}).words.lot == "M9"
    batch = {"uut": {"batchSN": "M8", "execTime": 5}}
    assert read(WATS, document(WATS) | batch).words.lot == "M8"


def test_a_report_without_a_total_time_takes_that_of_its_unit() -> None:
    words = document(WATS)
    del words["root"]["totTime"]
    assert read(WATS, words).units[0].test_seconds is None
    assert read(WATS, words | {"uut": {"execTime": 5}}).units[0].test_seconds == 5


def test_a_report_without_a_call_is_named_by_its_root() -> None:
    words = document(WATS)
    del words["root"]["seqCall"]
    assert read(WATS, words).words.program == "Main"


def test_a_list_holds_one_session() -> None:
    other = document(WATS) | {"machineName": "BOARD-08"}
    session = read(WATS, [document(WATS), document(WATS) | {"sn": "M1-C1"}, other])
    assert [unit.serial for unit in session.units] == ["M1-C0", "M1-C1"]
    assert session.left_out[0].position == 3


def test_an_attachment_and_a_step_without_names_are_still_told() -> None:
    words = document(WATS)
    words["root"]["steps"] = [{"status": "P", "attachment": {"data": ""}}]
    unit = read(WATS, words).units[0]
    assert (unit.attachments, unit.measurements[0].name) == (("step",), "step")


def test_a_measurement_written_without_its_list_is_read() -> None:
    words = document(WATS)
    meas = {"value": 1, "compOp": "NE", "lowLimit": 2}
    words["root"]["steps"] = [{"name": "a", "status": "P", "numericMeas": meas}]
    one = by_name(read(WATS, words))["a"]
    assert (one.outcome, one.value, *limits(one)) == (Outcome.PASS, 1, None, None)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"sn": ""}, "sn is"),
        ({"result": "X"}, "result is"),
        ({"type": "R"}, "repairs are not taken"),
        ({"machineName": None}, "machineName is"),
        (
            {"root": {"name": "r", "steps": [{"name": "a", "numericMeas": [{"value": 1}]}]}},
            "status is null",
        ),
    ],
)
def test_a_report_that_cannot_be_read_says_where(change: dict[str, Any], reason: str) -> None:
    with pytest.raises(FileRefusedError, match=reason):
        read(WATS, document(WATS) | change)


def test_an_empty_list_of_reports_is_refused() -> None:
    with pytest.raises(FileRefusedError, match="holds no report"):
        read(WATS, [])


def test_steps_nested_without_end_are_refused() -> None:
    step: dict[str, Any] = {"name": "s", "status": "P"}
    for _ in range(DEPTH_MAX + 1):
        step = {"name": "s", "status": "P", "steps": [step]}
    with pytest.raises(FileRefusedError, match="nested deeper"):
        read(WATS, document(WATS) | {"root": {"name": "r", "steps": [step]}})


# --- OpenHTF


def test_phases_and_measurements_become_tests() -> None:
    found = by_name(sample(OPENHTF))
    assert list(found) == [
        "links/ber", "links/vdd", "links/sweep", "links/lanes", "links/later", "soak",
    ]  # fmt: skip
    assert found["soak"].outcome is Outcome.ERROR
    assert (found["links/vdd"].units, found["links/lanes"].units) == ("V", "ln")


def test_validators_give_the_narrowest_limits() -> None:
    found = by_name(sample(OPENHTF))
    assert limits(found["links/vdd"]) == (0.72, 0.8)
    assert limits(found["links/ber"]) == (None, 1e-12)
    assert limits(found["links/lanes"]) == (16, 16)


def test_a_series_keeps_its_outcome_and_says_so() -> None:
    session = sample(OPENHTF)
    assert by_name(session)["links/sweep"].value is None
    assert session.notes[0].startswith("1 measurements are series")


def test_the_record_says_who_and_how_long() -> None:
    session = sample(OPENHTF)
    unit = session.units[0]
    assert (unit.serial, unit.outcome, unit.test_seconds) == ("M1-C0", Outcome.TIMEOUT, 90.5)
    assert (session.words.program, session.words.revision) == ("rack_soak", "0.9")
    assert unit.attachments == ("trace.bin",)


def test_a_record_without_what_is_optional_is_read() -> None:
    words = {"dut_id": "A", "station_id": "s", "code_info": {"name": "t.py"}}
    session = read(
        OPENHTF, words | {"phases": [{"name": "a"}, {"name": "b", "outcome": "Outcome.FAIL"}]}
    )
    assert session.words.program == "t.py"
    assert [one.outcome for one in session.units[0].measurements] == [Outcome.UNSET, Outcome.FAIL]
    assert (session.units[0].outcome, session.units[0].test_seconds) == (Outcome.UNSET, None)


def test_a_phase_in_error_is_a_test_beside_its_measurements() -> None:
    words = document(OPENHTF)
    words["phases"] = [
        {
            "name": "p",
            "outcome": "ERROR",
            "measurements": {
                "m": {"outcome": "PASS", "validators": [{"type": "custom"}], "units": []}
            },
        }
    ]
    del words["code_info"]
    found = by_name(read(OPENHTF, words))
    assert (found["p/m"].outcome, found["p"].outcome) == (Outcome.PASS, Outcome.ERROR)


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"dut_id": None}, "dut_id"),
        ({"outcome": "MAYBE"}, "outcome"),
        ({"start_time_millis": -1}, "start_time_millis"),
        ({"phases": [{"name": "a", "measurements": []}]}, r"phases\[1\].measurements"),
        ({"metadata": 3}, "metadata"),
        ({"metadata": None, "code_info": None}, "code_info.name"),
    ],
)
def test_a_record_that_cannot_be_read_says_where(change: dict[str, Any], place: str) -> None:
    with pytest.raises(FileRefusedError, match=place):
        read(OPENHTF, document(OPENHTF) | change)
