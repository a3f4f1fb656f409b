from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intake.domain.stdf.decoder import decode
from intake.domain.stdf.opening import records_of
from intake.domain.stdf.records import Bits, Generic
from intake.tests.by_pystdf import by_pystdf
from intake.tests.domain.test_decoder import REFERENCE, needs_shared, unpacked
from intake.tests.stdf_builder import Writer, cn, sort_file

W = Writer()
PACKED = {"RTN_STAT", "PGM_STAT"}


def as_pystdf(name: str, value: Any) -> Any:
    """Our value in its form: bytes and arrays are lists, nibbles stay packed."""
    if name in PACKED and value is not None:
        low, high = value[::2], (*value[1::2], 0)
        return [one | other << 4 for one, other in zip(low, high, strict=False)]
    if isinstance(value, Bits):
        return list(value.raw)
    if isinstance(value, Generic):
        return as_pystdf("", value.value)
    if isinstance(value, tuple):
        return [as_pystdf("", one) for one in value]
    if isinstance(value, bytes):
        return list(value)
    return value


def differing(content: bytes) -> Iterator[tuple[str, str, Any, Any]]:
    """Record, field, theirs and ours, where they differ; texts without outer blanks."""
    theirs = by_pystdf(content)
    ours = list(records_of([content]))
    assert [kind for kind, _ in theirs] == [record.kind for record in ours]
    for (kind, fields), record in zip(theirs, ours, strict=True):
        for name, value in fields.items():
            mine = as_pystdf(name, record[name])
            told = value.strip(" \t\r\n\0") if isinstance(value, str) else value
            if told != mine and not (told != told and mine != mine):  # noqa: PLR0124
                yield kind, name, told, mine


@needs_shared
@pytest.mark.parametrize("name", [*REFERENCE, "every_common_record.stdf"])
def test_every_field_of_a_real_file_is_what_pystdf_reads(name: str) -> None:
    assert list(differing(unpacked(name)))[:5] == []


@st.composite
def files(draw: st.DrawFn) -> bytes:
    writer = Writer(draw(st.sampled_from("<>")))
    text = st.text("abc XYZ09_", max_size=9)
    number = st.integers(0, 2**32 - 1)
    place = st.integers(-99, 99)
    value = st.floats(width=32, allow_nan=False)
    values = st.lists(value, max_size=5)
    records = []
    for _ in range(draw(st.integers(0, 12))):
        records += draw(
            st.sampled_from(
                [
                    lambda: [writer.pir(), writer.prr(part=draw(text), place=(draw(place), 4))],
                    lambda: [writer.ptr(draw(number), draw(value), writer.tail(draw(text)))],
                    lambda: [writer.ptr(draw(number), draw(value), cn(draw(text)))],
                    lambda: [writer.mpr(draw(number), draw(values), draw(text))],
                    lambda: [writer.ftr(draw(number), draw(text))],
                    lambda: [writer.hbr(3, draw(number), name=draw(text))],
                    lambda: [writer.tsr(draw(number), 5), writer.wir(draw(text)), writer.wrr()],
                    lambda: [writer.record(50, 30, cn(draw(text)))],
                ]
            )
        )()  # type: ignore[no-untyped-call]  # fmt: skip
    return writer.file(*records, lot=draw(text))


@settings(max_examples=150, deadline=None)
@given(files())
def test_made_files_are_read_as_pystdf_reads_them(content: bytes) -> None:
    assert list(differing(content)) == []


@needs_shared
def test_one_of_every_common_record_is_read_to_its_last_field() -> None:
    read = list(records_of([unpacked("every_common_record.stdf")]))
    found = {record.kind: record for record in reversed(read)}
    assert len(found) == 25
    content = unpacked("every_common_record.stdf")
    assert sum(decode([content]).record_counts.values()) == len(read) == 31
    assert read[-1].position + 4 + len(str(read[-1]["TEXT_DAT"])) + 1 == len(content)
    assert found["MPR"]["RTN_STAT"] == (1, 2)
    assert found["FTR"]["SPIN_MAP"] == Bits(24, b"\x06\x07\x08")


def test_additions_of_2007_are_read() -> None:
    one = W.pack("BH", 0, 1)
    content = W.file(
        W.record(0, 30, cn("Scan:2007.1")),
        W.record(1, 90, one + cn("p") + W.pack("BHHQQ", 0, 1, 1, 5, 9) + cn("f") * 5),
        W.record(1, 91, W.pack("BHHHH", 0, 1, 1, 1, 7) + cn("pin")),
        W.record(1, 92, W.pack("HIH", 1, 2, 3) + b"abc"),
        W.record(1, 93, cn("s") + W.pack("HHH", 2, 8, 9)),
        W.record(1, 94, one + cn("c") + W.pack("IHHBHBBHH", 1, 2, 3, 1, 4, 0, 0, 1, 1) + b"x"),
        W.record(15, 30, W.pack("BIBBHB", 0, 7, 1, 1, 0, 0x80) + cn("log") + cn("scan")),
    )  # fmt: skip
    found = {record.kind: record for record in records_of([content])}
    assert found["VUR"]["UPD_NAM"] == "Scan:2007.1"
    assert (found["PSR"]["PAT_BGN"], found["PSR"]["SRC_ID"]) == ((5,), ("f",))
    assert found["NMR"]["ATPG_NAM"] == ("pin",)
    assert found["CNR"]["CELL_NAM"] == "abc"
    assert found["SSR"]["CHN_LIST"] == (8, 9)
    assert (found["CDR"]["S_CLKS"], found["CDR"]["CELL_LST"]) == ((), ("x",))
    assert (found["STR"]["TEST_TXT"], found["STR"]["Z_VAL"]) == ("scan", None)


def test_generic_values_keep_their_types() -> None:
    values = b"\x02" + W.pack("H", 7) + b"\x00\x07" + W.pack("f", 0.5) + b"\x0a" + cn("x")
    content = W.file(W.record(50, 10, W.pack("H", 4) + values + b"\x0d\x35"))
    assert list(records_of([content]))[2]["GEN_DATA"] == (
        Generic("U2", 7), Generic("R4", 0.5), Generic("Cn", "x"), Generic("N1", 5),
    )  # fmt: skip


@pytest.mark.parametrize("raw", [b"\x01\x00\x63", b"\x02\x00\x01\x05"])
def test_a_generic_record_that_is_damaged_has_no_values(raw: bytes) -> None:
    assert list(records_of([W.file(W.record(50, 10, raw))]))[2]["GEN_DATA"] is None


def test_a_cut_record_has_what_it_reaches() -> None:
    record = list(records_of([W.file(W.record(5, 20, W.prr(place=(3, 4))[4:15]))]))[2]
    assert (record["X_COORD"], record["Y_COORD"], record["PART_ID"]) == (3, None, None)


def test_a_record_of_an_unknown_type_has_no_fields() -> None:
    assert list(records_of([W.file(W.record(180, 3, b"ab"))]))[2].values == ()


def test_positions_are_those_in_the_file() -> None:
    content = sort_file()
    for record in records_of(content[at : at + 50] for at in range(0, len(content), 50)):
        assert content[record.position + 2] in {0, 1, 2, 5, 15}
