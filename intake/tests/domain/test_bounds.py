"""What one file may make us keep is bounded, and what is left out is told."""

from __future__ import annotations

import time

import pytest

from intake.domain.stdf.decoder import decode, prepare
from intake.domain.stdf.run import DecodedRun, StdfLimits
from intake.tests.decoding import run_of
from intake.tests.stdf_builder import Writer, sort_file

W = Writer()


def kept(limits: StdfLimits, *records: bytes) -> DecodedRun:
    return decode([W.file(*records)], limits)


def test_many_sdrs_take_time_by_their_number_only() -> None:
    many = [W.sdr(number % 256, group=number // 256) for number in range(20_000)]
    prepare()
    start = time.process_time()
    run = run_of(*many, W.pir(), W.prr())
    assert time.process_time() - start < 3
    assert run.sites[0].sites == (0,)


def test_sites_beyond_the_bound_are_left_out_and_told() -> None:
    run = kept(StdfLimits(sites_max=2), *[W.sdr(number) for number in (1, 2, 1, 3, 4)])
    assert [one.sites for one in run.sites] == [(1,), (2,)]
    assert run.notes == (
        "The file describes more than 2 groups of sites; 2 SDR records beyond those were left out.",
    )


UNCOMPARED = (
    "The file's summaries count more than 2 bins and tests by site; they were not compared with "
    "its results."
)


@pytest.mark.parametrize("make", [W.tsr, W.hbr, W.sbr])
def test_counters_beyond_the_bound_are_not_compared(make: object) -> None:
    assert callable(make)
    run = kept(StdfLimits(counters_max=2), *[make(number, 5) for number in (1, 2, 1, 2, 3)])
    assert run.notes == (UNCOMPARED,)


def test_counters_up_to_the_bound_are_compared() -> None:
    run = kept(StdfLimits(counters_max=2), *[W.tsr(number, 5) for number in (1, 2, 1, 2)])
    assert run.notes == ("Test summaries disagree with the results for tests 1, 2.",)


def test_notes_on_stretches_without_records_are_few_and_count_the_rest() -> None:
    run = run_of(*[*[W.record(20, 20)] * 4, b"\xff\xff\xff"] * 1_500, W.pir(), W.prr())
    assert run.rejected_counts == {"corrupt": 1_500}
    assert len(run.rejected) == 1_000
    assert len(run.notes) == 21
    assert run.notes[-1] == (
        "1,480 more stretches hold no records; in all 4,500 bytes were passed over."
    )


def test_bins_up_to_the_largest_are_compared() -> None:
    run = run_of(W.pir(), W.prr(bins=(40_000, 65_534)), W.hbr(40_000, 1), W.sbr(65_534, 1))
    assert run.notes == ()
    assert run.parts.hard_bin.tolist() == [40_000]


def test_wafers_without_a_name_stay_apart() -> None:
    wafer = [W.wir(""), W.pir(), W.prr(place=(1, 1)), W.wrr(parts=1, good=1)]
    run = run_of(*wafer, *wafer)
    assert [one.code for one in run.wafers] == ["unnamed 1", "unnamed 2"]
    assert run.parts.wafer_index.tolist() == [0, 1]
    assert run.notes == ("2 wafers have no WAFER_ID; each is one by itself, by order.",)


def test_one_wafer_without_a_name_has_none() -> None:
    run = run_of(W.wir(""), W.pir(), W.prr(), W.wrr(parts=1, good=1))
    assert ([one.code for one in run.wafers], run.notes) == ([""], ())


def test_null_characters_within_names_are_left_out_and_told() -> None:
    run = decode([sort_file(lot="L\0OT", wafers=("W\0X",))])
    assert (run.header.lot_id, run.wafers[0].code) == ("LOT", "WX")
    assert run.notes == (
        "3 records hold texts with null characters, the first at byte 6; these were left out.",
    )
