from __future__ import annotations

import io
import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intake.domain.archives import Unpacked
from intake.domain.errors import FileRefusedError, NotStdfError
from intake.domain.stdf.decoder import decode
from intake.domain.stdf.front import read_front
from intake.domain.stdf.header import temperature_of
from intake.domain.stdf.run import DecodedRun
from intake.tests.decoding import part_outcomes, run_of
from intake.tests.stdf_builder import START, Writer, cn
from testing.domain.words import Outcome, ParameterKind

SHARED = Path(__file__).resolve().parents[4] / "shared" / "stdf"
REFERENCE = ["a595.stdf", "d10_1.std", "four_site_93k.stdf", "lot2.stdf.gz", "lot3.stdf"]
needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="the reference files are not here")
W = Writer()


def unpacked(name: str) -> bytes:
    return b"".join(Unpacked(io.BytesIO((SHARED / name).read_bytes())).chunks())


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


def test_the_header_is_read_to_its_flow() -> None:
    run = run_of(W.sdr(1, 2, card="PC-7", load="LB-3"), flow="CP1", temperature="-40.0 C")
    assert run.header.flow_id == "CP1"
    assert run.header.temperature_celsius == -40.0
    assert run.sites[0].sites == (1, 2)
    assert (run.sites[0].probe_card, run.sites[0].load_board) == ("PC-7", "LB-3")
    assert run.finished_at is not None


def test_a_run_without_a_start_is_dated_by_its_first_wafer_or_its_end() -> None:
    wafers = run_of(W.wir("1"), W.wrr("1"), start_at=0, setup_at=0)
    assert wafers.told_at == wafers.wafers[0].started_at is not None
    none = run_of(start_at=0, setup_at=0)
    assert none.told_at == none.finished_at


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
