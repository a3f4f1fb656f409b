from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from intake.domain.errors import BoundError
from intake.domain.stdf import batches, scanner
from intake.domain.stdf.datalog import Excerpt, said
from intake.domain.stdf.decoder import Decoding, decode
from intake.domain.stdf.kernels import state
from intake.domain.stdf.run import DecodedRun, StdfLimits
from intake.tests.stdf_builder import FAILED, Writer, cn, sort_file
from testing.domain.records import Parts, Readings

W = Writer()


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state, "WINDOW_BYTES", 50)
    full = state.READINGS + 3 * state.READING_WIDTH
    monkeypatch.setattr(scanner, "FULL_AT", full)
    monkeypatch.setattr(batches, "FULL_AT", full)


def interleaved() -> bytes:
    records = [W.wir("A"), W.ptr(9, 0.5, site=4), W.pir(4)]
    for round_ in range(6):
        records += [W.pir(1), W.pir(2)]
        for number in range(3):
            records += [W.ptr(number, float(round_), W.tail("t"), site=s) for s in (1, 2)]
            records += [W.ftr(7, site=2), W.mpr(8, [1.0, 2.0]), W.record(50, 30, cn("hello"))]
        records += [W.prr(2, part="ä"), W.prr(1, part="B", flag=8)]
    return W.file(*records, W.prr(4), W.pir(3), W.ptr(1, 1.0, site=3))


def same(first: DecodedRun, second: DecodedRun) -> None:
    for kind, one, other in (
        (Parts, first.parts, second.parts),
        (Readings, first.readings, second.readings),
    ):
        for column in dataclasses.fields(kind):
            np.testing.assert_array_equal(getattr(one, column.name), getattr(other, column.name))
    for name in ("parameters", "wafers", "bins", "record_counts", "rejected", "notes", "header"):
        assert getattr(first, name) == getattr(second, name)


@pytest.mark.parametrize("size", [7, 64, 1 << 20])
def test_batches_of_any_size_give_the_same_columns(
    size: int, request: pytest.FixtureRequest
) -> None:
    content = interleaved()
    whole = decode([content])
    request.getfixturevalue("small_batches")
    same(decode(content[at : at + size] for at in range(0, len(content), size)), whole)


def test_what_waits_for_its_part_is_carried_on(small_batches: None) -> None:
    run = decode([W.file(W.pir(), *[W.ptr(1, float(n)) for n in range(40)], W.prr())])
    assert run.readings.value.tolist() == list(range(40))
    assert [one.occurrence for one in run.parameters] == list(range(40))


def test_a_part_without_end_is_bounded(
    small_batches: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "WAITING_READINGS_MAX", 5)
    with pytest.raises(BoundError, match="wait for the end"):
        decode([W.file(W.pir(), *[W.ptr(1)] * 30)])


def test_the_datalog_is_kept_as_far_as_there_is_room(small_batches: None) -> None:
    lines = [W.record(50, 30, cn(f"line {number}")) for number in range(9)]
    content = W.file(*[one for line in lines for one in (line, W.pir(), W.prr())])
    whole = decode([content]).datalog
    assert [raw[1:].decode() for _, _, raw in whole.lines()] == [f"line {n}" for n in range(9)]
    short = decode([content], StdfLimits(datalog_bytes_max=20)).datalog
    assert len(list(short.lines())) + short.left_out == 9
    assert short.left_out > 0


def test_the_first_lines_of_the_datalog_are_told_as_texts() -> None:
    generic = W.pack("H", 4) + b"\x02" + W.pack("H", 7) + b"\x0b\x02\x01\xff" + b"\x0c\x03\x00\x05"
    empty = W.record(50, 30)
    content = W.file(
        W.record(50, 30, cn("hello")), W.record(50, 10, generic + b"\x0a" + cn("x")), empty,
        W.record(50, 30, cn("more")),
    )  # fmt: skip
    decoding = Decoding([content])
    excerpt = Excerpt(decoding.framer.mark, lines_max=3)
    for batch in decoding.batches():
        excerpt.add(batch.datalog)
    start = len(W.far() + W.mir())
    assert excerpt.lines[0] == (start, "hello")
    assert [text for _, text in excerpt.lines] == ["hello", "7, 01ff, 0 2, x", ""]
    assert excerpt.count == 4
    whole = [line for batch in Decoding([content]).batches() for line in said(batch.datalog, "<")]
    assert [(line.record, line.text) for line in whole[:2]] == [
        ("DTR", "hello"), ("GDR", "7, 01ff, 0 2, x"),
    ]  # fmt: skip
    assert len(whole) == 4


def test_parts_and_readings_come_as_they_end(small_batches: None) -> None:
    decoding = Decoding([sort_file(dies=10, fails=2)])
    found = list(decoding.batches())
    assert len(found) > 3
    assert sum(len(batch.parts) for batch in found) == 10
    assert decoding.wafer_indexes().tolist() == [0, -1]
    assert len(decoding.run().parts) == 0


def test_a_test_without_end_of_occurrences_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "OCCURRENCES_MAX", 2)
    with pytest.raises(BoundError, match="repeated without end"):
        decode([W.file(W.pir(), *[W.ptr(1)] * 4, W.prr())])


def test_summaries_repeated_word_for_word_count_as_often() -> None:
    part = [W.pir(), W.ptr(7), W.prr()]
    run = decode([W.file(*part, *part, W.tsr(7, 1), W.tsr(7, 1), W.record(10, 30, b"\1") * 2)])
    assert run.notes == ()
    assert run.rejected_counts == {"TSR": 2}


def test_tests_not_executed_are_counted() -> None:
    run = decode([W.file(W.pir(), W.ptr(1, flag=0x10), W.ptr(2, flag=FAILED), W.prr())])
    assert (run.not_executed, len(run.readings)) == (1, 1)


def test_many_tests_in_any_order_are_told_apart() -> None:
    numbers = list(range(1200))
    orders = [numbers, numbers[::-1], numbers[600:] + numbers[:600]]
    parts = [[W.pir(), *(W.ptr(n, float(n), cn("ab")) for n in order), W.prr()] for order in orders]
    run = decode([W.file(*[record for part in parts for record in part])])
    told = np.array([one.number for one in run.parameters])
    np.testing.assert_array_equal(told[run.readings.parameter_index], run.readings.value)
    assert len(run.parameters) == 1200


def test_texts_that_differ_in_their_last_letter_are_two_tests() -> None:
    texts = ["abc", "abd", "abcdefgh", "abcdefgi", "abc", "abc"]
    run = decode([W.file(W.pir(), *[W.ptr(1, 1.0, cn(text)) for text in texts], W.prr())])
    assert [(one.text, one.occurrence) for one in run.parameters] == [
        ("abc", 0), ("abd", 0), ("abcdefgh", 0), ("abcdefgi", 0), ("abc", 1), ("abc", 2),
    ]  # fmt: skip


def test_part_ids_are_without_outer_blanks() -> None:
    run = decode([W.file(*[W.prr(part=part) for part in (" A ", "   ", "B\0", " é")])])
    assert run.parts.part_id == ["A", "", "B", "é"]


def test_results_before_a_late_start_are_lost_with_a_second_one() -> None:
    run = decode([W.file(W.ptr(7, 1.0), W.pir(), W.ptr(7, 2.0), W.pir(), W.prr())])
    assert len(run.readings) == 0
    assert run.rejected_counts == {"test": 2}


def test_a_functional_text_past_the_end_rejects_the_record() -> None:
    short = W.record(15, 20, W.ftr()[4:40] + b"\x00\x00\x09ab")
    run = decode([W.file(W.pir(), short, W.record(15, 20, W.ftr()[4:-3]), W.prr())])
    assert run.rejected_counts["FTR"] >= 1


def test_an_empty_functional_text_is_that_of_the_number() -> None:
    run = decode([W.file(W.pir(), W.ftr(9, "scan"), W.ftr(9, ""), W.prr())])
    assert [(one.text, one.occurrence) for one in run.parameters] == [("scan", 0), ("scan", 1)]


def test_a_number_with_an_empty_text_after_another_kind_has_its_text() -> None:
    run = decode([W.file(W.pir(), W.ptr(7, 1.0, cn("vdd")), W.mpr(7, [1.0]), W.prr())])
    assert [one.text for one in run.parameters] == ["vdd", "vdd"]
