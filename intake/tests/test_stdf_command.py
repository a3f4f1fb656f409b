from __future__ import annotations

import gzip
import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from pyarrow import parquet  # type: ignore[import-untyped]

from intake.domain.stdf.decoder import decode
from intake.domain.stdf.opening import records_of
from intake.domain.stdf.writer import RecordWriter
from intake.tests.stdf_builder import Writer, cn, sort_file

W = Writer()


def told(what: str, *files: Path, **asked: Any) -> str:
    out = StringIO()
    call_command("stdf", what, *map(str, files), stdout=out, **asked)
    return out.getvalue()


@pytest.fixture
def sort(tmp_path: Path) -> Path:
    path = tmp_path / "a.stdf"
    path.write_bytes(sort_file(dies=4, fails=1))
    return path


def test_a_clean_file_is_valid(tmp_path: Path) -> None:
    (tmp_path / "a.stdf").write_bytes(sort_file())
    assert "a.stdf: clean" in told("validate", tmp_path / "a.stdf")


def test_inspecting_tells_what_is_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "a.stdf").write_bytes(sort_file(dies=4))
    text = told("inspect", tmp_path / "a.stdf")
    assert "lot L1" in text
    assert "4 results, 1 tests, 4 readings, 1 wafers" in text


def test_a_file_with_dirt_is_not_valid_and_the_place_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.stdf").write_bytes(W.file(W.record(5, 10, b"\1"), W.prr()))
    assert "1 PIR: shorter than its required fields" in told("inspect", tmp_path / "a.stdf")
    with pytest.raises(CommandError, match="1 of 1"):
        told("validate", tmp_path / "a.stdf")


@pytest.mark.parametrize(
    "summary",
    [
        W.pcr(2), W.pcr(1, good=0), W.hbr(2, 1), W.sbr(2, 1), W.tsr(7, 2), W.hbr(2, 1, head=1),
        W.wir() + W.wrr(parts=5, good=0),
    ],
    ids=["PCR", "good", "HBR", "SBR", "TSR", "site", "WRR"],
)  # fmt: skip
def test_a_file_whose_own_counts_differ_is_not_valid(summary: bytes, tmp_path: Path) -> None:
    part = [W.pir(), W.ptr(7), W.prr()]
    (tmp_path / "a.stdf").write_bytes(W.file(*part, summary))
    with pytest.raises(CommandError, match="1 of 1 files are not clean"):
        told("validate", tmp_path / "a.stdf")
    answer = json.loads(told("inspect", tmp_path / "a.stdf", json=True))
    assert not answer["is_clean"]
    assert answer["disagreements"] == answer["notes"] != []


BROKEN = {
    "no PIR": (W.prr(),),
    "PIR again": (W.pir(), W.pir(), W.prr()),
    "both": (W.pir(), W.prr(flag=3)),
    "null": (W.wir("W\0X"), W.pir(), W.prr()),
    "unknown": (W.record(180, 3), W.pir(), W.prr()),
    "null in a test": (W.pir(), W.ftr(text="sc\0an"), W.prr()),
}
SAID = {
    "no PIR": "1 parts have no PIR record before their result, the first at byte {at}.",
    "PIR again": "1 parts were started again without a result, the first at byte {second}.",
    "both": "1 results claim to supersede by part and by position, the first at byte {second}; "
    "never both is allowed.",
    "null": "1 records hold texts with null characters, the first at byte {at}; these were left "
    "out.",
    "unknown": "1 records of the unknown type 180/3 were passed over.",
    "null in a test": "1 tests have null characters in their texts; these were left out.",
}


@pytest.mark.parametrize("what", BROKEN)
def test_what_breaks_the_specification_is_not_valid_and_the_place_is_told(
    what: str, tmp_path: Path
) -> None:
    (tmp_path / "a.stdf").write_bytes(W.file(*BROKEN[what]))
    with pytest.raises(CommandError, match="1 of 1 files are not clean"):
        told("validate", tmp_path / "a.stdf")
    at = len(W.far() + W.mir())
    answer = json.loads(told("inspect", tmp_path / "a.stdf", json=True))
    assert answer["breaches"] == [SAID[what].format(at=at, second=at + len(W.pir()))]
    assert not answer["is_clean"]


def test_limits_that_change_are_told_but_break_nothing(tmp_path: Path) -> None:
    changed = [W.ptr(1, 1.0, W.tail("a", limits=(0.0, high))) for high in (2.0, 3.0)]
    (tmp_path / "a.stdf").write_bytes(W.file(W.pir(), *changed, W.prr()))
    answer = json.loads(told("validate", tmp_path / "a.stdf", json=True))
    assert answer["is_clean"]
    assert "limits changed" in answer["notes"][0]


def test_what_is_no_stdf_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("lot,step")
    assert "does not begin with a FAR" in told("inspect", tmp_path / "a.csv")


def test_the_reader_is_prepared_ahead() -> None:
    assert told("prepare") == "The reader is ready.\n"


def test_files_must_be_named() -> None:
    with pytest.raises(CommandError, match="Name the files"):
        told("inspect")


def test_a_program_is_told_in_json(sort: Path, tmp_path: Path) -> None:
    (tmp_path / "b.csv").write_text("lot,step")
    first, second = told("inspect", sort, tmp_path / "b.csv", json=True).splitlines()
    answer = json.loads(first)
    assert (answer["lot"], answer["results"], answer["readings"]) == ("L1", 4, 4)
    assert (answer["is_clean"], answer["byte_order"], answer["wafers"]) == (True, "little", ["W1"])
    assert "neither STDF nor ATDF" in json.loads(second)["error"]


def test_places_of_what_is_wrong_are_told_in_json(tmp_path: Path) -> None:
    content = W.file(W.record(5, 10, b"\1"))
    (tmp_path / "a.stdf").write_bytes(content)
    answer = json.loads(told("inspect", tmp_path / "a.stdf", json=True))
    place = len(W.far() + W.mir())
    assert answer["rejected"][0]["position"] == place
    assert answer["rejected_counts"] == {"PIR": 1}


def test_what_was_left_out_beyond_the_first_is_counted(tmp_path: Path) -> None:
    (tmp_path / "a.stdf").write_bytes(W.file(*[W.record(5, 10, b"\1")] * 1_003))
    assert "and 3 more records were left out" in told("inspect", tmp_path / "a.stdf")


def test_results_become_parquet_tables(sort: Path, tmp_path: Path) -> None:
    text = told("convert", sort, into=tmp_path / "out")
    assert "readings 4, parts 4, tests 1, wafers 1" in text
    folder = tmp_path / "out" / "a"
    readings = parquet.read_table(folder / "readings.parquet").to_pydict()
    assert readings["value"] == [0.0, 1.0, 2.0, 3.0]
    assert readings["outcome"] == ["fail", "pass", "pass", "pass"]
    parts = parquet.read_table(folder / "parts.parquet").to_pydict()
    assert (parts["part"], parts["x"]) == ([0, 1, 2, 3], [0, 1, 2, 3])
    assert parquet.read_table(folder / "tests.parquet").to_pydict()["text"] == ["idd"]
    assert parquet.read_table(folder / "wafers.parquet").to_pydict()["code"] == ["W1"]


def test_every_record_type_becomes_a_parquet_file(tmp_path: Path) -> None:
    made = RecordWriter()
    content = W.file(
        W.record(50, 10, W.pack("H", 3) + b"\x01\x07\x0b\x02\x01\x02\x0c\x03\x00\x05"),
        W.ftr(),
        W.record(200, 1),
        made.record("CDR", CONT_FLG=1, CELL_LST=("a",)),
        made.record("CDR", CONT_FLG=0, CELL_LST=("b",)),
        *[W.record(50, 30, cn("x"))] * 20_001,
    )
    (tmp_path / "a.stdf").write_bytes(content)
    told("convert", tmp_path / "a.stdf", to="records", into=tmp_path)
    read = {path.stem: parquet.read_table(path).to_pylist() for path in (tmp_path / "a").iterdir()}
    assert set(read) == {"FAR", "MIR", "GDR", "FTR", "CDR", "DTR", "MRR"}
    assert [one["value"] for one in read["GDR"][0]["GEN_DATA"]] == ["7", "0102", "0,2"]
    assert read["FTR"][0]["FAIL_PIN"] == {"count": 5, "raw": b"\x1f"}
    assert read["CDR"][0]["CELL_LST"] == ["a", "b"]
    assert len(read["DTR"]) == 20_001
    assert read["FTR"][0]["position"] > 0


def test_a_file_goes_to_atdf_and_back(sort: Path, tmp_path: Path) -> None:
    told("convert", sort, to="atdf", into=tmp_path / "text")
    told("convert", tmp_path / "text" / "a.atdf", to="stdf", into=tmp_path / "back")
    first = decode([sort.read_bytes()])
    again = decode([(tmp_path / "back" / "a.stdf").read_bytes()])
    assert again.readings.value.tolist() == first.readings.value.tolist()
    assert again.parameters == first.parameters


def test_packed_files_are_converted_and_their_dirt_is_told(tmp_path: Path) -> None:
    content = W.file(W.record(0, 30, cn("Scan")), W.record(50, 30, cn("a\nb")), W.record(200, 1))
    (tmp_path / "a.stdf.gz").write_bytes(gzip.compress(content) + b"more")
    text = told("convert", tmp_path / "a.stdf.gz", to="atdf", into=tmp_path)
    assert "1 VUR left out" in text
    assert "1 texts held characters" in text
    assert "after the end of the archive" in text
    answer = json.loads(
        told("convert", tmp_path / "a.stdf.gz", to="stdf", into=tmp_path, json=True)
    )
    assert answer["left_out"] == {"200/1": 1}
    kinds = [one.kind for one in records_of([(tmp_path / "a.stdf").read_bytes()])]
    assert kinds == ["FAR", "MIR", "VUR", "DTR", "MRR"]


def test_what_is_there_is_replaced_only_when_asked(sort: Path, tmp_path: Path) -> None:
    told("convert", sort, into=tmp_path)
    with pytest.raises(CommandError, match="1 of 1"):
        told("convert", sort, into=tmp_path)
    told("convert", sort, into=tmp_path, force=True)
    with pytest.raises(CommandError, match="1 of 1"):
        told("convert", sort, to="stdf", into=tmp_path, force=True)
    assert sort.read_bytes() == sort_file(dies=4, fails=1)


def test_a_conversion_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "a.stdf").write_bytes(W.far() + W.mrr())
    with pytest.raises(CommandError, match="were not converted"):
        told("convert", tmp_path / "a.stdf", into=tmp_path / "out", json=True)
    assert list((tmp_path / "out").iterdir()) == []
