from __future__ import annotations

import io
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.domain.contents import content_sha256, storage_fault
from intake.domain.errors import FileRefusedError
from intake.domain.tables import BadLine, Line, count_of, header_of, instant_of, table_lines
from supplychain.base.errors import MalformedError

HEAD = b"lot,step,note\n"


def lines(content: bytes) -> list[Line | BadLine]:
    return list(table_lines(io.BytesIO(content), ("lot", "step"), ("note",)))


def test_lines_are_numbered_as_in_the_file() -> None:
    assert lines(HEAD + b"A,CP1,x\n\n,,\nB,CP2,\n") == [
        Line(2, {"lot": "A", "step": "CP1", "note": "x"}),
        Line(5, {"lot": "B", "step": "CP2", "note": ""}),
    ]


def test_a_byte_order_mark_case_and_blanks_do_not_matter() -> None:
    found = lines(b"\xef\xbb\xbf Lot ,STEP\r\n A , CP1 \r\n")
    assert found == [Line(2, {"lot": "A", "step": "CP1"})]


def test_other_columns_are_left_out() -> None:
    assert lines(b"lot,x,step\nA,9,CP1\n") == [Line(2, {"lot": "A", "step": "CP1"})]


@pytest.mark.parametrize("content", [b"", b"lot\nA\n", b'"lot,step\n'])
def test_a_file_without_its_columns_is_refused(content: bytes) -> None:
    with pytest.raises(FileRefusedError, match="step"):
        lines(content)


@pytest.mark.parametrize("mark", [b"\xff\xfe", b"\xfe\xff"])
def test_another_unicode_is_named(mark: bytes) -> None:
    with pytest.raises(FileRefusedError, match="Save it as CSV in UTF-8"):
        lines(mark + "lot,step\n".encode("utf-16-le"))


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"A,CP1", "fields"),
        (b"A,CP1,x,y", "fields"),
        (b"A,\xff,x", "UTF-8"),
        (b'A,"CP1,x', "quotation"),
        (b"A,C\0P1,x", "CSV"),
        (b"A,CP1," + b"x" * 70_000, "longer"),
    ],
)
def test_a_bad_line_stands_apart_from_good_ones(raw: bytes, reason: str) -> None:
    first, bad, last = lines(HEAD + b"A,CP1,\n" + raw + b"\nB,CP1,\n")
    assert isinstance(first, Line)
    assert isinstance(last, Line)
    assert isinstance(bad, BadLine)
    assert bad.number == 3
    assert reason in bad.reason
    assert last.number == 4


def test_a_line_without_end_is_read_in_pieces() -> None:
    (bad,) = lines(HEAD + b"x" * 200_000)
    assert isinstance(bad, BadLine)
    assert len(bad.text) <= 500


@given(st.binary(max_size=300))
def test_any_bytes_give_lines_or_a_refusal(content: bytes) -> None:
    for line in lines(HEAD + content):
        assert line.number >= 2


def test_the_header_is_read_from_a_files_head() -> None:
    assert header_of(b"Lot, Step\nrest") == ["lot", "step"]
    assert header_of(b"\x02\x00\xff") == []


def test_an_instant_needs_its_offset() -> None:
    assert instant_of("2026-03-01T08:00:00+00:00", "at") == datetime(2026, 3, 1, 8, tzinfo=UTC)
    for text in ["2026-03-01T08:00:00", "yesterday", "", "0001-01-01T00:00:00+14:00"]:
        with pytest.raises(MalformedError, match="at is"):
            instant_of(text, "at")


def test_a_count_is_a_whole_number() -> None:
    assert count_of("042", "quantity") == 42
    for text in ["", "-1", "1.5", "٣", "9" * 10]:
        with pytest.raises(MalformedError, match="quantity"):
            count_of(text, "quantity")


def test_the_order_of_names_does_not_change_the_hash() -> None:
    assert content_sha256({"a": 1, "b": 2}) == content_sha256({"b": 2, "a": 1})
    assert content_sha256({"a": 1}) != content_sha256({"a": 2})


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "\ud800", "a\0b"])
def test_what_the_database_cannot_keep_is_told(value: object) -> None:
    assert storage_fault({"x": value})


def test_ordinary_values_can_be_kept() -> None:
    assert storage_fault({"x": ["é", 1.5, None, {"y": True}]}) == ""
