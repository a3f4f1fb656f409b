from __future__ import annotations

import pytest

from intake.domain.stdf.decoder import decode
from intake.domain.stdf.run import StdfLimits
from intake.tests.decoding import part_outcomes, run_of
from intake.tests.stdf_builder import Writer
from testing.domain.records import MISSING, MISSING_COORDINATE
from testing.domain.words import Outcome

W = Writer()


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
    assert "1 parts have no PIR record before their result, the first at byte 79." in run.notes


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
    assert "1 parts were started again without a result, the first at byte 85." in run.notes


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


def test_wafers_follow_each_other_and_the_end_corrects_the_name() -> None:
    run = run_of(
        W.wcr(), W.wir("W1"), W.prr(), W.wrr("W-01", parts=1), W.wir("W2"), W.prr(), W.wrr()
    )
    assert [wafer.code for wafer in run.wafers] == ["W-01", "W2"]
    assert run.parts.wafer_index.tolist() == [0, 1]
    assert (run.wafers[0].part_count, run.wafers[0].good_count) == (1, 1)
    assert (run.wafer_layout.flat, run.wafer_layout.x_direction) == ("D", "R")
    assert (run.wafer_layout.die_width_mm, run.wafer_layout.die_height_mm) == (26.0, 33.0)


@pytest.mark.parametrize(
    ("width", "unit", "told"), [(1.0, 1, 25.4), (2.6, 2, 26.0), (500.0, 4, 12.7)]
)
def test_the_size_of_a_die_is_told_in_millimetres(width: float, unit: int, told: float) -> None:
    assert run_of(W.wcr((width, width), unit)).wafer_layout.die_width_mm == pytest.approx(told)


@pytest.mark.parametrize(("width", "unit"), [(26.0, 0), (0.0, 3), (-1.0, 3), (1e30, 3)])
def test_a_size_without_a_unit_or_sense_is_none(width: float, unit: int) -> None:
    assert run_of(W.wcr((width, width), unit)).wafer_layout.die_width_mm is None


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
