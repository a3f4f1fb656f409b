from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intake.domain.stdf.continued import continued
from intake.domain.stdf.fields import RecordError
from intake.domain.stdf.opening import records_of
from intake.domain.stdf.records import Bits, Generic, Record, RecordReader
from intake.domain.stdf.words import RECORD_KINDS
from intake.domain.stdf.writer import RecordWriter, encoded, written
from intake.tests.domain.test_decoder import REFERENCE, needs_shared, unpacked
from intake.tests.domain.test_records import differing
from intake.tests.record_strategies import ADDED_IN_2007, V4, Made, records_made

W = RecordWriter()
ORDERS = st.sampled_from("<>")


@settings(max_examples=500, deadline=None)
@given(records_made(), ORDERS)
def test_made_files_are_read_as_pystdf_reads_them(made: list[Made], order: str) -> None:
    assert list(differing(written(made, order))) == []


@settings(max_examples=200, deadline=None)
@given(records_made((*V4, *ADDED_IN_2007)), ORDERS)
def test_what_was_written_is_read(made: list[Made], order: str) -> None:
    _, *read = records_of([written(made, order)])
    assert [record.kind for record in read] == [kind for kind, _ in made]
    for record, (_, values) in zip(read, made, strict=True):
        assert {name: record[name] for name in values} == values


@settings(max_examples=100, deadline=None)
@given(records_made((*V4, *ADDED_IN_2007)))
def test_both_byte_orders_say_the_same(made: list[Made]) -> None:
    _, *little = records_of([written(made, "<")])
    _, *big = records_of([written(made, ">")])
    assert little == big


@needs_shared
@pytest.mark.parametrize("name", [*REFERENCE, "every_common_record.stdf"])
def test_a_real_file_written_anew_says_the_same(name: str) -> None:
    read = [(one.kind, one.values) for one in records_of([unpacked(name)])]
    names = [one.names for one in records_of([unpacked(name)])]
    made = [
        (kind, dict(zip(keys, values, strict=True)))
        for (kind, values), keys in zip(read[1:], names[1:], strict=True)
    ]
    again = [(one.kind, one.values) for one in records_of([written(made)])]
    assert again[1:] == read[1:]


def read_back(kind: str, **values: Any) -> Record:
    raw = W.record(kind, **values)
    return RecordReader("<").read(RECORD_KINDS[kind], 0, raw[4:])


def test_what_is_missing_before_the_last_field_gets_its_missing_value() -> None:
    record = read_back("PRR", HEAD_NUM=1, PART_ID="7")
    assert (record["X_COORD"], record["SOFT_BIN"], record["PART_TXT"]) == (-32768, 65535, None)


def test_texts_of_one_width_come_back_without_what_filled_them() -> None:
    record = read_back("STR", TXT_CNT=2, UTX_SIZE=4, USER_TXT=("up", "down"))
    assert record["USER_TXT"] == ("up", "down")


def test_a_map_of_pins_is_written_only_where_the_flags_say_so() -> None:
    fails = Bits(9, b"\1\1")
    record = read_back("STR", FMU_FLG=0x04, MASK_MAP=fails, FAL_MAP=fails, TOTF_CNT=7)
    assert (record["MASK_MAP"], record["FAL_MAP"], record["TOTF_CNT"]) == (None, fails, 7)
    assert fails.positions() == (0, 8)


def test_a_name_map_without_an_index_is_told_by_its_length() -> None:
    without = read_back("NMR", CONT_FLG=0, PMR_INDX=(1, 2), ATPG_NAM=("a", "b"))
    assert (without["NMR_INDX"], without["ATPG_NAM"]) == (None, ("a", "b"))
    with_index = read_back("NMR", CONT_FLG=0, NMR_INDX=3, PMR_INDX=(1,), ATPG_NAM=("a",))
    assert (with_index["NMR_INDX"], with_index["ATPG_NAM"]) == (3, ("a",))
    neither = RecordReader("<").read(RECORD_KINDS["NMR"], 0, b"\0\7\0\2\0\1")
    assert (neither["NMR_INDX"], neither["ATPG_NAM"]) == (7, None)


def test_texts_without_a_width_cannot_be_written() -> None:
    with pytest.raises(RecordError, match="USER_TXT cannot hold"):
        W.record("STR", TXT_CNT=1, UTX_SIZE=None, USER_TXT=("a",))
    cut = RecordReader("<").read(RECORD_KINDS["NMR"], 0, b"\0\1\0\5\0\5\0")
    assert (cut["NMR_INDX"], cut["ATPG_NAM"]) == (1, None)


def test_fails_of_a_width_that_no_number_has_are_not_read() -> None:
    record = read_back("STR", CYC_SIZE=3, CYC_OFST=(1, 2))
    assert (record["CYC_CNT"], record["CYC_OFST"]) == (2, None)


def test_null_bytes_that_align_generic_values_are_counted_or_not() -> None:
    values = b"\0\2\7\0\0"
    for count in (1, 2, 3):
        raw = count.to_bytes(2, "little") + values
        record = RecordReader("<").read(RECORD_KINDS["GDR"], 0, raw)
        assert record["GEN_DATA"] == (Generic("U2", 7),)


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("PIR", {"HEAD_NUM": 300}),
        ("PIR", {"HEAD_NUM": "one"}),
        ("GDR", {"GEN_DATA": (7,)}),
        ("RDR", {"NUM_BINS": 2, "RTST_BIN": 7}),
        ("STR", {"CYC_OFST": (1,), "CYC_SIZE": "x"}),
        ("FTR", {"RTN_STAT": (16,)}),
        ("STR", {"CYC_OFST": ("x",), "CYC_SIZE": 4}),
        ("PGR", {"PMR_INDX": tuple(range(40_000))}),
        ("STR", {"CYC_OFST": (1.5,), "CYC_SIZE": 4}),
        ("PRR", {"PART_FIX": Bits(1, b"\1"), "PART_ID": 7}),
    ],
)
def test_a_value_that_its_field_cannot_hold_is_refused(kind: str, values: dict[str, Any]) -> None:
    with pytest.raises(RecordError):
        W.write(kind, values)


def test_letters_are_latin_1_where_they_are_read_back_the_same() -> None:
    assert encoded("\u00b5A", 9) == b"\xb5A"
    assert encoded("\u00c3\u00a9", 9) == "\u00c3\u00a9".encode()
    assert encoded("\u03a9", 9) == "\u03a9".encode()


def test_a_long_text_is_cut_after_a_whole_letter() -> None:
    assert encoded("x" * 300, 255) == b"x" * 255
    assert encoded("\u03a9" * 200, 255) == "\u03a9".encode() * 127


def chain(number: int, *, goes_on: bool, cells: tuple[str, ...]) -> Made:
    flag = 1 if goes_on else 0
    return "CDR", {"CONT_FLG": flag, "CDR_INDX": number, "M_CLKS": (7,), "CELL_LST": cells}


def lists_of(*made: Made) -> list[Any]:
    return [
        (one["CDR_INDX"], one["LST_CNT"], one["CELL_LST"], one["M_CLKS"])
        for one in continued(records_of([written(made)]))
        if one.kind == "CDR"
    ]


def test_a_list_goes_on_until_it_says_it_ends() -> None:
    first, last = chain(1, goes_on=True, cells=("a", "b")), chain(1, goes_on=False, cells=("c",))
    other = chain(2, goes_on=False, cells=("d",))
    assert lists_of(first, last, other) == [(1, 3, ("a", "b", "c"), (7,)), (2, 1, ("d",), (7,))]


def test_a_list_that_something_interrupts_ends_there() -> None:
    first, last = chain(1, goes_on=True, cells=("a",)), chain(1, goes_on=True, cells=("b",))
    assert lists_of(first, ("EPS", {}), last) == [(1, 1, ("a",), (7,)), (1, 1, ("b",), (7,))]


def test_a_list_without_end_is_given_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("intake.domain.stdf.continued.ITEMS_MAX", 1)
    piece = chain(1, goes_on=True, cells=("a", "b"))
    assert len(lists_of(piece, piece, piece)) == 3


def test_all_fails_of_a_scan_test_are_put_together() -> None:
    sizes: dict[str, Any] = {"CYC_SIZE": 2, "PMR_SIZE": 1, "LIM_INDX": (1,), "LIM_SPEC": (9,)}
    made: list[Made] = [
        ("STR", {"CONT_FLG": 1, "TEST_NUM": 5, **sizes, "CYC_OFST": (1, 2), "PMR_INDX": (3, 4)}),
        ("STR", {"CONT_FLG": 0, "TEST_NUM": 5, **sizes, "CYC_OFST": (9,), "PMR_INDX": (8,)}),
    ]
    *_, scan = continued(records_of([written(made)]))
    assert (scan["CYC_OFST"], scan["PMR_INDX"]) == ((1, 2, 9), (3, 4, 8))
    assert (scan["CYC_CNT"], scan["LIM_SPEC"], scan["CONT_FLG"]) == (3, (9,), 0)
