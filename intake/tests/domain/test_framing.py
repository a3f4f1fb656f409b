from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.domain.errors import NotStdfError
from intake.domain.stdf.framing import Framer
from intake.domain.stdf.words import record_name
from intake.tests.stdf_builder import Writer

W = Writer()


def names(content: bytes, size: int = 1 << 20) -> tuple[list[str], Framer]:
    framer = Framer(content[at : at + size] for at in range(0, len(content), size))
    return [record_name(kind) for kind, *_ in framer.frames()], framer


@pytest.mark.parametrize("mark", ["<", ">"])
def test_both_byte_orders_are_framed(mark: str) -> None:
    writer = Writer(mark)
    found, framer = names(writer.file(writer.pir(), writer.prr()))
    assert found == ["FAR", "MIR", "PIR", "PRR", "MRR"]
    assert framer.mark == mark


@given(st.integers(1, 40))
def test_pieces_of_any_size_give_the_same_records(size: int) -> None:
    content = W.file(*[W.pir(), W.ptr(), W.prr()] * 3)
    assert names(content, size)[0] == names(content)[0]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "does not begin"),
        (b"lot,step\n", "does not begin"),
        (W.far()[:5], "does not begin"),
        (W.far(cpu=0), "DEC"),
        (W.far(version=3), "V3"),
    ],
)
def test_what_is_no_stdf_v4_is_refused(content: bytes, reason: str) -> None:
    with pytest.raises(NotStdfError, match=reason):
        Framer([content])


def test_fields_beyond_those_known_are_passed_over() -> None:
    assert names(W.file(W.record(5, 10, b"\x01\x01extra")))[0] == ["FAR", "MIR", "PIR", "MRR"]


def test_an_incomplete_last_record_is_told() -> None:
    content = W.file()
    found, framer = names(content[:-2])
    assert found == ["FAR", "MIR"]
    assert framer.cut_at == len(W.far() + W.mir())


def test_an_incomplete_last_header_is_told() -> None:
    assert names(W.far() + b"\x01")[1].cut_at == 6


def test_unknown_types_are_records_when_known_ones_follow() -> None:
    found, framer = names(W.file(W.record(180, 7, b"abc"), W.record(181, 1)))
    assert found == ["FAR", "MIR", "180/7", "181/1", "MRR"]
    assert framer.corruptions == []


def test_an_unknown_type_at_the_end_is_a_record() -> None:
    assert names(W.file() + W.record(180, 7, b"abc"))[0][-1] == "180/7"


def test_an_unknown_type_cut_at_the_end_is_no_record() -> None:
    found, framer = names(W.file() + W.record(180, 7, b"abcdefgh")[:-3])
    assert found[-1] == "MRR"
    assert framer.corruptions[0].length == 9


def test_zeros_in_the_middle_are_passed_over_and_told() -> None:
    content = W.file(W.pir(), bytes(1000), W.pir(2), W.prr(2))
    found, framer = names(content)
    assert found == ["FAR", "MIR", "PIR", "PIR", "PRR", "MRR"]
    assert [(one.length, one.is_padding) for one in framer.corruptions] == [(1000, False)]


def test_zeros_at_the_end_are_padding() -> None:
    found, framer = names(W.file() + bytes(700))
    assert found[-1] == "MRR"
    assert [(one.length, one.is_padding) for one in framer.corruptions] == [(700, True)]


def test_zeros_larger_than_a_piece_are_passed_over() -> None:
    found, framer = names(W.file(bytes(5000), W.pir(), W.prr()), size=64)
    assert found == ["FAR", "MIR", "PIR", "PRR", "MRR"]
    assert framer.corruptions[0].length == 5000


def test_a_run_of_types_nobody_knows_is_corruption() -> None:
    found, framer = names(W.file(*[W.record(200, 200)] * 20, W.pir(), W.prr()))
    assert found[:2] == ["FAR", "MIR"]
    assert found[-1] == "MRR"
    assert framer.corruptions


def test_a_look_alike_inside_corruption_is_not_believed() -> None:
    junk = b"\0\0\0\0" + b"\x03\x00\x05\x0a" + b"\xee" * 40
    found, _ = names(W.file(junk, W.pir(), W.prr()))
    assert found == ["FAR", "MIR", "PIR", "PRR", "MRR"]


@given(st.binary(max_size=300), st.integers(1, 64))
def test_rubbish_never_breaks_the_framer(rubbish: bytes, size: int) -> None:
    content = W.far() + rubbish + W.mrr()
    found, framer = names(content, size)
    assert found[0] == "FAR"
    read = sum(one.length for one in framer.corruptions)
    assert read <= len(content)


def lying(content: bytes, at: int, length: int) -> bytes:
    """The record at a place says that it is so long."""
    return content[:at] + length.to_bytes(2, "little") + content[at + 2 :]


PARTS = [W.pir(), W.ptr(), W.prr()] * 500
BEFORE = len(W.far() + W.mir() + b"".join(PARTS[:601]))
"""Where the PTR of the 201st part begins."""


@pytest.mark.parametrize("size", [64, 1 << 20])
@pytest.mark.parametrize("length", [30_000, 65_535])
def test_records_behind_a_length_past_the_end_are_found(length: int, size: int) -> None:
    found, framer = names(lying(W.file(*PARTS), BEFORE, length), size)
    assert found.count("PRR") == 500
    assert found.count("PTR") == 499
    assert found[-1] == "MRR"
    assert framer.cut_at is None
    assert [(one.position, one.length) for one in framer.corruptions] == [(BEFORE, len(W.ptr()))]


@pytest.mark.parametrize("size", [64, 1 << 20])
@pytest.mark.parametrize("length", [60, 400, 5_000])
def test_records_within_a_length_that_is_too_long_are_found(length: int, size: int) -> None:
    found, framer = names(lying(W.file(*PARTS), BEFORE, length), size)
    assert (found.count("PIR"), found.count("PTR"), found.count("PRR")) == (500, 499, 500)
    assert [(one.position, one.length) for one in framer.corruptions] == [(BEFORE, len(W.ptr()))]


def test_a_length_too_long_by_whole_records_is_seen_too() -> None:
    length = len(W.ptr()) - 4 + len(W.prr() + W.pir() + W.ptr() + W.prr())
    found, _ = names(lying(W.file(*PARTS), BEFORE, length))
    assert (found.count("PIR"), found.count("PTR"), found.count("PRR")) == (500, 499, 500)


def test_records_within_one_of_an_unknown_type_are_found() -> None:
    found, _ = names(W.file(*PARTS[:9], W.record(180, 7, b"".join(PARTS)), *PARTS[:9]))
    assert found.count("PRR") == 506


def test_records_in_a_text_that_fills_its_record_are_no_records() -> None:
    text = W.pir() + W.ptr() + W.prr() + W.mrr()
    found, framer = names(W.file(W.dtr(text.decode("latin-1"))))
    assert found == ["FAR", "MIR", "DTR", "MRR"]
    assert framer.corruptions == []


@given(st.integers(1, 40), st.data())
def test_a_file_cut_anywhere_is_cut_and_not_corrupt(size: int, chance: st.DataObject) -> None:
    content = W.file(*PARTS[:30])
    at = chance.draw(st.integers(6, len(content) - 1))
    _, framer = names(content[:at], size)
    assert framer.corruptions == []
    assert framer.cut_bytes == at - (at if framer.cut_at is None else framer.cut_at)


def test_stretches_without_records_are_kept_up_to_a_bound_and_counted() -> None:
    content = W.file(*[*[W.record(20, 20)] * 4, b"\xff\xff\xff"] * 1_500, bytes(9))
    _, framer = names(content)
    assert (len(framer.corruptions), framer.corruption_count) == (1_000, 1_500)
    assert framer.corrupt_bytes == 4_509
