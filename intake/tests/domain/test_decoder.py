from __future__ import annotations

import io
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intake.domain.archives import Unpacked
from intake.domain.errors import BoundError, FileRefusedError, NotStdfError
from intake.domain.stdf.decoder import decode
from intake.domain.stdf.front import read_front
from intake.domain.stdf.header import temperature_of
from intake.domain.stdf.run import DecodedRun, StdfLimits
from intake.tests.stdf_builder import FAILED, RESULT_INVALID, START, Writer, cn, sort_file
from testing.domain.records import MISSING, MISSING_COORDINATE, OUTCOMES
from testing.domain.words import BinKind, Outcome, ParameterKind

SHARED = Path(__file__).resolve().parents[4] / "shared" / "stdf"
REFERENCE = ["a595.stdf", "d10_1.std", "four_site_93k.stdf", "lot2.stdf.gz", "lot3.stdf"]
needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="the reference files are not here")
W = Writer()


def run_of(*records: bytes, limits: StdfLimits | None = None, **words: Any) -> DecodedRun:
    return decode([W.file(*records, **words)], limits)


def outcomes(run: DecodedRun) -> list[Outcome]:
    return [OUTCOMES[code] for code in run.readings.outcome.tolist()]


def part_outcomes(run: DecodedRun) -> list[Outcome]:
    return [OUTCOMES[code] for code in run.parts.outcome.tolist()]


def unpacked(name: str) -> bytes:
    return b"".join(Unpacked(io.BytesIO((SHARED / name).read_bytes())).chunks())


# --- real files


@needs_shared
@pytest.mark.parametrize("name", REFERENCE)
def test_real_files_give_the_counts_of_an_independent_reader(name: str) -> None:
    want = json.loads((SHARED / "expected.json").read_text())[name]
    run = decode([unpacked(name)])
    assert run.record_counts == want["records"]
    assert len(run.parts) == want["insertions"]
    assert part_outcomes(run).count(Outcome.PASS) == want["insertions_passed"]
    assert [wafer.code for wafer in run.wafers] == want["wafers"]
    assert run.header.lot_id == want["mir"]["LOT_ID"]
    assert run.header.sublot_id == want["mir"]["SBLOT_ID"]
    assert run.header.job_name == want["mir"]["JOB_NAM"]
    assert run.header.job_revision == want["mir"]["JOB_REV"]
    assert run.header.node_name == want["mir"]["NODE_NAM"]
    assert run.header.tester_type == want["mir"]["TSTR_TYP"]
    assert run.header.part_type == want["mir"]["PART_TYP"]
    assert not run.is_partial
    assert run.rejected_count == 0


@needs_shared
@pytest.mark.parametrize("name", REFERENCE)
def test_real_values_sum_to_what_an_independent_reader_found(name: str) -> None:
    want = json.loads((SHARED / "expected.json").read_text())[name]
    run = decode([unpacked(name)])
    values = run.readings.value[~np.isnan(run.readings.value)]
    assert len(values) == want["valid_ptr_results"]
    assert math.isclose(math.fsum(values), want["valid_ptr_result_sum"], rel_tol=1e-9)
    parametric = {p.number for p in run.parameters if p.kind is ParameterKind.PARAMETRIC}
    assert len(parametric) == want["distinct_test_numbers"]


@needs_shared
def test_one_of_every_common_record_is_read() -> None:
    run = decode([unpacked("every_common_record.stdf")])
    assert run.record_counts["FTR"] == 2
    assert run.readings.value.tolist() == [1.0, 2.0, 3.0, 4.0, 5.5]
    assert run.sites[0].probe_card == "probeCardID"
    assert run.rejected_counts == {"test": 2}


@needs_shared
@pytest.mark.parametrize("name", ["four_site_93k.stdf", "d10_1.std"])
def test_a_file_cut_anywhere_keeps_whole_records_and_is_partial(name: str) -> None:
    content = unpacked(name)
    whole = decode([content])
    seen = 0
    for at in range(len(content) // 100, len(content), max(1, len(content) // 100)):
        try:
            run = decode([content[:at]])
        except NotStdfError:
            assert at < 2000
            continue
        assert run.is_partial
        assert len(run.parts) >= seen
        seen = len(run.parts)
        assert run.parts.part_id == whole.parts.part_id[:seen]


@needs_shared
@pytest.mark.parametrize("seed", range(30))
def test_flipped_bits_never_break_the_decoder(seed: int) -> None:
    chance = np.random.default_rng(seed)
    content = bytearray(unpacked("four_site_93k.stdf"))
    for _ in range(int(chance.integers(1, 30))):
        content[chance.integers(6, len(content))] ^= 1 << int(chance.integers(8))
    try:
        run = decode([bytes(content)])
    except FileRefusedError:
        return
    require_consistent(run)


def require_consistent(run: DecodedRun) -> None:
    parts, readings = run.parts, run.readings
    assert len(parts.x) == len(parts.y) == len(parts.site) == len(parts.outcome) == len(parts)
    assert run.record_counts.get("PRR", 0) == len(parts) + run.rejected_counts.get("PRR", 0)
    if len(readings):
        assert 0 <= readings.part_index.min() <= readings.part_index.max() < len(parts)
        assert readings.parameter_index.min() >= 0
        assert readings.parameter_index.max() < len(run.parameters)
    if len(parts):
        assert -1 <= parts.wafer_index.min() <= parts.wafer_index.max() < len(run.wafers)
    keys = {(one.number, one.text, one.occurrence) for one in run.parameters}
    assert len(keys) == len(run.parameters)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                W.pir(), W.pir(2), W.prr(), W.prr(2), W.ptr(), W.ptr(2, 3.0, W.tail("x")),
                W.ptr(site=2), W.ftr(), W.mpr(5, [1.0, 2.0], "m"), W.wir(), W.wrr(), W.wir("W2"),
                bytes(9), W.record(15, 10, b"ab"), W.record(5, 20, b"\x01\x01\x00"), W.hbr(1, 3),
            ]
        ),
        max_size=25,
    ),
    st.integers(0, 400),
)  # fmt: skip
def test_records_in_any_order_give_consistent_columns(records: list[bytes], cut: int) -> None:
    content = W.file(*records)
    kept = content[: max(len(W.far() + W.mir()), len(content) - cut)]
    require_consistent(decode([kept]))


# --- header and session


def test_the_header_is_read_to_its_flow() -> None:
    run = run_of(W.sdr(1, 2, card="PC-7", load="LB-3"), flow="CP1", temperature="-40.0 C")
    assert run.header.flow_id == "CP1"
    assert run.header.temperature_celsius == -40.0
    assert run.sites[0].sites == (1, 2)
    assert (run.sites[0].probe_card, run.sites[0].load_board) == ("PC-7", "LB-3")
    assert run.finished_at is not None


@pytest.mark.parametrize(
    ("text", "celsius"),
    [("25", 25.0), ("+85C", 85.0), ("125 deg C", 125.0), ("hot", None), ("", None)],
)
def test_a_temperature_is_a_number_where_it_is_one(text: str, celsius: float | None) -> None:
    assert temperature_of(text) == celsius


def test_a_missing_start_is_the_setup_time_or_nothing() -> None:
    at_setup = run_of(start_at=0).header.started_at
    assert at_setup is not None
    assert at_setup.timestamp() == START
    assert run_of(start_at=0, setup_at=0xFFFFFFFF).header.started_at is None


def test_a_file_without_mir_is_refused() -> None:
    with pytest.raises(NotStdfError, match="MIR"):
        decode([W.far() + W.mrr()])


def test_a_second_session_is_refused() -> None:
    with pytest.raises(NotStdfError, match="second session"):
        run_of(W.mir(lot="OTHER"))


def test_the_same_mir_twice_is_one_session() -> None:
    assert run_of(W.mir()).record_counts["MIR"] == 2


def test_a_damaged_mir_keeps_what_came_before() -> None:
    fixed = W.pack("IIB", START, START, 1) + b"PN " + W.pack("H", 0) + b" "
    damaged = W.record(1, 10, fixed + cn("L9") + b"\xf0abc")
    run = decode([W.far() + damaged + W.mrr()])
    assert run.header.lot_id == "L9"
    assert run.rejected_counts == {"MIR": 1}


def test_texts_need_not_be_ascii() -> None:
    assert run_of(lot=b"L\xe9 \0").header.lot_id == "Lé"
    assert run_of(lot="Lé".encode()).header.lot_id == "Lé"


def test_no_mrr_means_partial() -> None:
    run = decode([W.far() + W.mir() + W.pir() + W.prr()])
    assert run.is_partial
    assert "without its MRR" in run.notes[0]


def test_the_front_alone_tells_the_lot() -> None:
    assert read_front([W.file(lot="L7", flow="CP2")]).flow_id == "CP2"
    with pytest.raises(NotStdfError, match="MIR"):
        read_front([W.far() + W.mrr()])


# --- parts


def test_sites_that_interleave_are_paired_by_head_and_site() -> None:
    run = run_of(
        W.pir(1), W.pir(2),
        W.ptr(7, 1.0, site=2), W.ptr(7, 2.0, site=1),
        W.prr(2, part="B"), W.prr(1, part="A"),
    )  # fmt: skip
    assert run.parts.part_id == ["B", "A"]
    assert run.readings.value.tolist() == [1.0, 2.0]
    assert run.readings.part_index.tolist() == [0, 1]


def test_a_part_without_pir_takes_the_results_before_its_prr() -> None:
    run = run_of(W.ptr(7, 1.0), W.prr(part="A"), W.pir(), W.ptr(7, 2.0), W.prr(part="B"))
    assert run.readings.part_index.tolist() == [0, 1]
    assert "1 parts have no PIR record before their result." in run.notes


def test_a_pir_behind_its_prr_opens_nothing_that_is_lost() -> None:
    run = run_of(W.ptr(7, 1.0), W.prr(), W.pir(), W.ptr(7, 2.0), W.prr(), W.pir())
    assert run.readings.part_index.tolist() == [0, 1]
    assert run.rejected_count == 0


def test_a_late_pir_claims_the_results_before_it() -> None:
    run = run_of(W.ptr(7, 1.0), W.pir(), W.prr(part="A"))
    assert run.readings.value.tolist() == [1.0]
    assert run.rejected_count == 0


def test_a_late_pir_that_comes_twice_still_claims_them() -> None:
    run = run_of(W.ptr(7, 1.0), W.pir(), W.pir(), W.prr(part="A"))
    assert run.readings.value.tolist() == [1.0]


def test_results_outside_any_part_are_rejected_with_their_place() -> None:
    run = run_of(W.ptr(7, 1.0), W.pir(), W.ptr(7, 2.0), W.prr())
    assert run.readings.value.tolist() == [2.0]
    (rejected,) = run.rejected
    assert rejected.reason == "test results outside any part"
    assert rejected.position == len(W.far() + W.mir())


def test_a_part_started_again_loses_only_its_earlier_results() -> None:
    run = run_of(W.pir(), W.ptr(7, 1.0), W.pir(), W.ptr(7, 2.0), W.prr())
    assert run.readings.value.tolist() == [2.0]
    assert run.rejected_counts == {"test": 1}
    assert "1 parts were started again without a result." in run.notes


def test_a_repeated_pir_without_results_between_is_harmless() -> None:
    run = run_of(W.pir(), W.pir(), W.ptr(7, 2.0), W.prr())
    assert len(run.readings) == 1
    assert run.rejected_count == 0


def test_results_without_any_prr_are_rejected() -> None:
    run = run_of(W.pir(), W.ptr(7, 1.0), W.ptr(8, 1.0))
    assert len(run.parts) == 0
    (rejected,) = run.rejected
    assert (rejected.reason, rejected.count) == ("the part has no result record", 2)


@pytest.mark.parametrize("mark", ["<", ">"])
def test_missing_fields_of_a_part_are_missing_not_zero(mark: str) -> None:
    writer = Writer(mark)
    whole = writer.prr(bins=(4, 0xFFFF), place=(3, -2), time=900, part="A")
    for size, place, time in [(17, (3, -2), 900), (15, (3, -2), -1), (12, None, -1), (7, None, -1)]:
        run = decode([writer.file(writer.record(5, 20, whole[4 : 4 + size]))])
        assert run.parts.hard_bin.tolist() == [4]
        assert run.parts.soft_bin.tolist() == [MISSING]
        want = place or (MISSING_COORDINATE, MISSING_COORDINATE)
        assert (run.parts.x[0], run.parts.y[0]) == want
        assert run.parts.test_time_ms.tolist() == [time]


def test_one_missing_coordinate_makes_both_missing() -> None:
    run = run_of(W.prr(place=(5, -32768)))
    assert run.parts.x.tolist() == run.parts.y.tolist() == [MISSING_COORDINATE]


def test_a_hard_bin_of_all_ones_is_missing() -> None:
    assert run_of(W.prr(bins=(0xFFFF, 1))).parts.hard_bin.tolist() == [MISSING]


def test_part_flags_tell_five_ends_apart() -> None:
    run = run_of(*[W.prr(flag=flag) for flag in (0, 8, 0x10, 0x18, 4, 0x0C)])
    assert part_outcomes(run) == [
        Outcome.PASS, Outcome.FAIL, Outcome.UNSET, Outcome.UNSET, Outcome.ABORTED,
        Outcome.ABORTED,
    ]  # fmt: skip


def test_both_supersede_flags_at_once_are_noted() -> None:
    assert any("supersede" in note for note in run_of(W.prr(flag=3)).notes)


@pytest.mark.parametrize(
    ("record", "kind"),
    [
        (W.record(5, 10, b"\x01"), "PIR"),
        (W.record(5, 20, b"\x01\x01\x00\x00"), "PRR"),
        (W.record(15, 10, b"\x01\x00\x00"), "PTR"),
        (W.record(15, 15, b"\x01\x00\x00"), "MPR"),
        (W.record(15, 20, b"\x01\x00\x00"), "FTR"),
        (W.record(2, 10, b"\x01"), "WIR"),
        (W.record(2, 20, b"\x01"), "WRR"),
        (W.record(1, 40, b"\x01"), "HBR"),
        (W.record(10, 30, b"\x01"), "TSR"),
    ],
)
def test_a_record_too_short_is_rejected_alone(record: bytes, kind: str) -> None:
    run = run_of(record, W.pir(), W.prr())
    assert run.rejected_counts == {kind: 1}
    assert run.rejected[0].reason == "shorter than its required fields"
    assert len(run.parts) == 1


def test_a_text_longer_than_its_record_rejects_the_record() -> None:
    run = run_of(W.record(5, 20, W.prr()[4:-1] + b"\x09AB"))
    assert run.rejected[0].reason == "a text runs past the end of its record"


def test_rejected_records_beyond_those_kept_are_counted() -> None:
    bad = W.record(5, 10, b"\x01")
    run = run_of(*[bad] * 9, limits=StdfLimits(rejected_kept_max=2))
    assert (len(run.rejected), run.rejected_count) == (2, 9)


# --- results


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


def test_tests_on_a_site_without_pir_open_its_part() -> None:
    run = run_of(W.ftr(site=3), W.mpr(5, [1.0]), W.prr(3), W.prr(1))
    assert run.readings.part_index.tolist() == [0, 1]


def test_many_different_tails_do_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("intake.domain.stdf.catalogue.CACHED_TAILS_MAX", 2)
    tails = [W.ptr(7, 1.0, cn("a") + cn(f"alarm {number}")) for number in range(5)]
    assert len(run_of(W.pir(), *tails, W.prr()).readings) == 5


# --- wafers


def test_wafers_follow_each_other_and_the_end_corrects_the_name() -> None:
    run = run_of(
        W.wcr(), W.wir("W1"), W.prr(), W.wrr("W-01", parts=1), W.wir("W2"), W.prr(), W.wrr()
    )
    assert [wafer.code for wafer in run.wafers] == ["W-01", "W2"]
    assert run.parts.wafer_index.tolist() == [0, 1]
    assert (run.wafers[0].part_count, run.wafers[0].good_count) == (1, 1)
    assert (run.wafer_layout.flat, run.wafer_layout.x_direction) == ("D", "R")


def test_one_wafer_probed_twice_is_one_wafer() -> None:
    run = run_of(W.wir("W1"), W.prr(), W.wrr(parts=9), W.wir("W1"), W.prr(), W.wrr(parts=3))
    assert [wafer.code for wafer in run.wafers] == ["W1"]
    assert run.parts.wafer_index.tolist() == [0, 0]
    assert run.wafers[0].part_count == 3


def test_a_missing_wafer_count_is_none() -> None:
    run = run_of(W.wir(), W.wrr(parts=0xFFFFFFFF, good=0xFFFFFFFF))
    assert (run.wafers[0].part_count, run.wafers[0].good_count) == (None, None)


def test_heads_carry_wafers_of_their_own() -> None:
    run = run_of(W.wir("A", head=1), W.wir("B", head=2), W.prr(head=2), W.prr(head=1))
    assert run.parts.wafer_index.tolist() == [1, 0]


def test_site_groups_decide_between_wafers_of_one_head() -> None:
    run = run_of(
        W.sdr(1, head=1, group=1), W.sdr(2, head=1, group=2),
        W.wir("A", group=1), W.wir("B", group=2),
        W.prr(1), W.prr(2), W.prr(7),
    )  # fmt: skip
    assert run.parts.wafer_index.tolist() == [0, 1, 1]


def test_a_part_that_ends_behind_its_wafer_is_still_on_it() -> None:
    run = run_of(W.wir("A"), W.pir(), W.wrr(), W.prr())
    assert run.parts.wafer_index.tolist() == [0]


def test_a_wafer_end_without_beginning_is_rejected() -> None:
    run = run_of(W.wrr("W1"), W.prr())
    assert run.rejected[0].reason == "no wafer is open on its head and site group"
    assert run.parts.wafer_index.tolist() == [MISSING]


# --- summaries and notes


def test_bins_have_names_and_verdicts() -> None:
    run = run_of(
        W.hbr(1, 1, "P"), W.hbr(1, 1, " ", "good", head=1), W.sbr(7, 0, "F", "leak"),
        W.hbr(0xFFFF, 0),
    )  # fmt: skip
    assert [(one.kind, one.number, one.name, one.passes) for one in run.bins] == [
        (BinKind.HARD, 1, "good", True),
        (BinKind.SOFT, 7, "leak", False),
    ]


def test_summaries_that_agree_leave_no_note() -> None:
    part = [W.pir(), W.ptr(7), W.prr()]
    assert run_of(*part, *part, W.hbr(1, 2), W.pcr(2), W.tsr(7, 2)).notes == ()


def test_summaries_that_disagree_are_noted_not_believed() -> None:
    summaries = [W.hbr(1, 5), W.hbr(9, 1), W.pcr(6), W.pcr(3, head=1), W.tsr(7, 9), W.tsr(7, 1, 1)]
    run = run_of(W.pir(), W.ptr(7), W.prr(), *summaries)
    assert run.notes == (
        "The part count record says 6; 1 results came.",
        "Hard bin records disagree with the results for bins 1, 9.",
        "Test summaries disagree with the results for tests 7.",
    )


def test_missing_counts_are_not_compared() -> None:
    missing = 0xFFFFFFFF
    run = run_of(W.pir(), W.ptr(7), W.prr(), W.hbr(1, missing), W.pcr(missing), W.tsr(7, missing))
    assert run.notes == ()


def test_tests_with_several_results_are_not_compared() -> None:
    assert run_of(W.pir(), W.mpr(5, [1.0, 2.0]), W.prr(), W.tsr(5, 1)).notes == ()


def test_long_lists_in_notes_are_cut() -> None:
    run = run_of(*[W.hbr(number, 1) for number in range(1, 13)])
    assert run.notes == (
        "Hard bin records disagree with the results for bins 1, 2, 3, 4, 5, 6, 7, 8 and 4 more.",
    )


def test_dirt_between_records_is_noted_and_counted() -> None:
    run = run_of(W.record(180, 3), W.pir(), bytes(64), W.prr())
    assert run.rejected_counts == {"corrupt": 1}
    assert "1 records of the unknown type 180/3 were passed over." in run.notes
    assert any("64 bytes hold no records" in note for note in run.notes)


def test_padding_is_noted_but_no_record_lost() -> None:
    run = decode([W.file() + bytes(100)])
    assert run.notes == ("The file ends with 100 zero bytes of padding.",)
    assert run.rejected_count == 0


def test_an_incomplete_end_is_noted() -> None:
    run = decode([W.file() + b"\x09\x00"])
    assert run.is_partial
    assert "is incomplete" in run.notes[0]


# --- bounds


@pytest.mark.parametrize(
    ("limits", "what"),
    [
        (StdfLimits(records_max=3), "records"),
        (StdfLimits(parts_max=1), "parts"),
        (StdfLimits(readings_max=1), "readings"),
        (StdfLimits(parameters_max=0), "tests"),
        (StdfLimits(wafers_max=0), "wafers"),
    ],
)
def test_more_than_the_bounds_is_refused(limits: StdfLimits, what: str) -> None:
    with pytest.raises(BoundError, match=what):
        decode([sort_file()], limits)


@pytest.mark.parametrize("mark", ["<", ">"])
def test_both_byte_orders_give_the_same_columns(mark: str) -> None:
    run = decode([sort_file(mark, dies=3, fails=1)])
    assert run.byte_order == ("little" if mark == "<" else "big")
    assert run.parts.x.tolist() == [0, 1, 2]
    assert run.parts.hard_bin.tolist() == [2, 1, 1]
    assert run.readings.value.tolist() == [0.0, 1.0, 2.0]
