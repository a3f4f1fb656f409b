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
