from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intake.domain.errors import NotStdfError
from intake.domain.stdf.atdf import lines, source
from intake.domain.stdf.atdf.source import AtdfSource, Places
from intake.domain.stdf.atdf.values import instant_text
from intake.domain.stdf.atdf.writing import atdf_line, is_changed
from intake.domain.stdf.decoder import decode
from intake.domain.stdf.front import read_front
from intake.domain.stdf.opening import records_of
from intake.domain.stdf.records import Bits, Generic, Record, Value
from intake.domain.stdf.run import DecodedRun, StdfLimits
from intake.domain.stdf.writer import MISSING, RecordWriter, written
from intake.tests.domain.test_batches import same
from intake.tests.domain.test_decoder import REFERENCE, SHARED, needs_shared, unpacked
from intake.tests.record_strategies import Made, records_made
from intake.tests.stdf_builder import sort_file

FAR = "FAR:A|4|2|U\n"
MIR = "MIR:L1|P1|SORT|T1|93K|8:14:59 23-JUL-1992|8:23:02 23-JUL-1992\n"
MRR = "MRR:12:17:12 23-JUL-1992\n"
FLAGS = {"OPT_FLAG", "TEST_FLG", "PARM_FLG", "PART_FLG", "HEAD_NUM", "SITE_NUM"}


def as_atdf(content: bytes) -> str:
    return "".join(map(atdf_line, records_of([content])))


def as_stdf(text: str) -> bytes:
    return b"".join(AtdfSource([text.encode()]).chunks())


def run_of(*records: str, far: str = FAR, limits: StdfLimits | None = None) -> DecodedRun:
    return decode([(far + MIR + "".join(f"{one}\n" for one in records) + MRR).encode()], limits)


def without_form(run: DecodedRun) -> dict[str, Any]:
    return {"parts": len(run.parts), "sites": run.sites, "layout": run.wafer_layout}


@needs_shared
@pytest.mark.parametrize("name", REFERENCE)
def test_a_real_file_as_atdf_gives_the_same_columns(name: str) -> None:
    content = unpacked(name)
    plain, text = decode([content]), decode([as_atdf(content).encode()])
    same(plain, text)
    assert without_form(plain) == without_form(text)
    assert (plain.byte_order == "text", text.byte_order) == (False, "text")


@needs_shared
def test_the_sample_of_the_specification_is_read_whole() -> None:
    content = (SHARED / "spec_sample.atdf").read_bytes()
    found = AtdfSource([content])
    read = {one.kind: one for one in records_of(found.chunks())}
    assert (found.rejected, found.notes) == ([], [])
    assert len(read) == 25
    assert (read["PMR"]["CHAN_TYP"], read["PMR"]["LOG_NAM"]) == (10, "MAIN GROUND")
    assert read["PLR"]["RTN_CHAR"] == ("10M", "10H", "MLH")
    assert (read["PTR"]["TEST_FLG"], read["PTR"]["PARM_FLG"]) == (0x81, 0x0C)
    assert read["MPR"]["RTN_RSLT"] == pytest.approx((1.3, 9.6, 1.5))
    assert read["FTR"]["SPIN_MAP"] == Bits(7, b"\x5c")
    assert read["GDR"]["GEN_DATA"][1:3] == (Generic("I4", -435), Generic("U1", 255))  # type: ignore[index]


@needs_shared
def test_the_sample_of_the_specification_is_loaded_like_any_file() -> None:
    run = decode([(SHARED / "spec_sample.atdf").read_bytes()])
    assert (run.header.lot_id, run.header.temperature_celsius) == ("A3002B", 100.0)
    assert (len(run.parts), run.parts.part_id, run.parts.x.tolist()) == (1, ["13"], [-2])
    lines = (SHARED / "spec_sample.atdf").read_text().splitlines()
    assert sum(run.record_counts.values()) == sum(line[:1] != " " for line in lines if line)
    # In the sample the wafer ends in another site group, and tests come after their part.
    assert run.rejected_counts == {"WRR": 1, "test": 3}


def carried(record: Record) -> dict[str, Value]:
    """What ATDF can say of a record."""
    kept: dict[str, Value] = {}
    counts = {
        name for name in record.names if name.endswith(("_CNT", "ICNT")) or name == "NUM_BINS"
    }
    hidden = FLAGS | counts
    for name, value in zip(record.names, record.values, strict=True):
        is_blank = value in (None, "", (), b"", 0, 0.0) or value == MISSING.get(name)
        if name in hidden or is_blank or (isinstance(value, Bits) and not value.positions()):
            continue
        if isinstance(value, tuple) and not any(value):
            continue
        kept[name] = value
    return kept


def differing(made: list[Made]) -> Iterator[tuple[str, str, Value, Value]]:
    content = written(made)
    back = as_stdf(as_atdf(content))
    before, after = list(records_of([content])), list(records_of([back]))
    assert [one.kind for one in before] == [one.kind for one in after]
    for old, new in zip(before, after, strict=True):
        hidden = hidden_by_flags(old)
        told, meant = carried(old), carried(new)
        for name in told:
            if name not in hidden and told[name] != meant.get(name):
                yield old.kind, name, told[name], meant.get(name)


def hidden_by_flags(record: Record) -> set[str]:
    """Fields that the record itself calls invalid, so ATDF leaves them out."""
    if record.kind not in {"PTR", "MPR", "FTR", "TSR"}:
        return set()
    flag, test = record.number("OPT_FLAG"), 0
    if record.kind == "TSR":
        bits = {"TEST_MIN": 1, "TEST_MAX": 2, "TEST_TIM": 4, "TST_SUMS": 16, "TST_SQRS": 32}
    elif record.kind == "FTR":
        bits = {"CYCL_CNT": 1, "REL_VADR": 2, "REPT_CNT": 4, "NUM_FAIL": 8, "XFAIL_AD": 16,
                "YFAIL_AD": 16, "VECT_OFF": 32}  # fmt: skip
    else:
        bits = {"RES_SCAL": 1, "LO_SPEC": 4, "HI_SPEC": 8, "LO_LIMIT": 0x50, "LLM_SCAL": 0x50,
                "HI_LIMIT": 0xA0, "HLM_SCAL": 0xA0}  # fmt: skip
        test = record.number("TEST_FLG") & 2
    hidden = {name for name, bit in bits.items() if flag & bit}
    return hidden | ({"RESULT", "RTN_RSLT"} if test else set())


@settings(max_examples=200, deadline=None)
@given(records_made())
def test_nothing_that_atdf_can_carry_is_lost_on_the_way_there_and_back(made: list[Made]) -> None:
    assert list(differing(made)) == []


@settings(max_examples=200, deadline=None)
@given(records_made())
def test_the_way_there_and_back_leads_to_the_same_bytes(made: list[Made]) -> None:
    once = as_stdf(as_atdf(written(made)))
    assert as_stdf(as_atdf(once)) == once


def test_blank_lines_behind_the_last_record_are_nothing() -> None:
    text = as_atdf(sort_file(dies=9)).encode()
    same(decode([text, b"\n \n"]), decode([text]))


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_pieces_of_any_size_are_the_same_file(size: int) -> None:
    text = as_atdf(sort_file(dies=9)).encode()
    whole = decode([text])
    same(decode(text[at : at + size] for at in range(0, len(text), size)), whole)


def test_the_front_tells_the_lot_of_a_text() -> None:
    assert read_front([(FAR + MIR).encode()]).lot_id == "L1"


def test_values_in_scaled_units_are_brought_to_base_units() -> None:
    first = "PTR:1|1|1|997.3|P||idd|||mA|-1.5|2.5||||||3|3|3"
    run = run_of("PIR:1|1", first, "PTR:1|1|1|1e3|P||idd", "PRR:1|1|7|2|P|1", far="FAR:A|4|2|S\n")
    np.testing.assert_allclose(run.readings.value, [0.9973, 1.0], rtol=1e-6)
    test = run.parameters[0]
    assert (test.units, test.scale) == ("A", 3)
    assert (test.limit_low, test.limit_high) == pytest.approx((-0.0015, 0.0025))


def test_several_results_in_scaled_units_are_brought_to_base_units() -> None:
    record = "MPR:1|1|1||1,2|P||m|||V||||||||||||3"
    run = run_of("PIR:1|1", record, "PRR:1|1|7|1|P|1", far="FAR:A|4|2|S\n")
    np.testing.assert_allclose(run.readings.value, [0.001, 0.002])


@pytest.mark.parametrize(("flag", "value"), [("S", 0.9973), ("s", 0.9973), ("U", 997.3)])
def test_the_far_says_whether_values_are_scaled(flag: str, value: float) -> None:
    test = "PTR:1|1|1|997.3|P||idd|||mA|-1.5|2.5||||||3|3|3"
    run = run_of("PIR:1|1", test, "PRR:1|1|7|1|P|1", far=f"FAR:A|4|2|{flag}\n")
    np.testing.assert_allclose(run.readings.value, [value], rtol=1e-6)
    assert run.notes == ()


def test_a_file_that_does_not_say_whether_it_is_scaled_is_noted() -> None:
    assert "taken as scaled" in run_of(far="FAR:A|4|2\n").notes[0]


def test_another_separator_is_taken_from_the_first_line() -> None:
    text = (FAR + MIR + "PIR:1|1\nPRR:1|1|A7|0|P|1\n" + MRR).replace("|", "!")
    assert decode([text.encode()]).parts.part_id == ["A7"]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("FAR:A|3|2|U", "V3"),
        ("FAR:A", "no FAR"),
        ("FAR:AX4", "no FAR"),
        ("FAR:A|", "V;"),
    ],
)
def test_what_is_no_atdf_of_v4_is_refused(line: str, message: str) -> None:
    with pytest.raises(NotStdfError, match=message):
        decode([f"{line}\n{MIR}".encode()])


@pytest.mark.parametrize(
    ("record", "kind", "reason"),
    [
        ("PTR:1|1|1|volts|P", "PTR", "RESULT is no value"),
        ("PIR:1|900", "PIR", "SITE_NUM cannot hold"),
        ("XYZ:1", "XYZ", "does not know"),
        ("no colon", "line", "does not know"),
        ("WIR:1|8:99:99 23-JUL-1992||W", "WIR", "START_T"),
        ("WIR:1|8:10:10 23-XXX-1992||W", "WIR", "START_T"),
        ("WIR:1|noon||W", "WIR", "START_T"),
        ("WIR:1|8:10:10 23-JUL-1912||W", "WIR", "START_T"),
        ("PRR:1|1|7|0|P|1|||||||text|F1Z", "PRR", "hexadecimal"),
        ("FTR:1|1|1|P|||||||||||||||x", "FTR", "list of bits"),
        ("FTR:1|1|1|P|||||||||||||||99999", "FTR", "list of bits"),
        ("GDR:Qx", "GDR", "unknown type"),
        ("GDR:NZ", "GDR", "is no value"),
        ("PLR:1|10|Q", "PLR", "GRP_RADX"),
    ],
)
def test_a_record_that_cannot_be_read_is_kept_with_its_place(
    record: str, kind: str, reason: str
) -> None:
    run = run_of("DTR:before", record)
    (one,) = run.rejected
    assert (one.position, one.kind) == (len(FAR + MIR + "DTR:before\n"), kind)
    assert reason in one.reason
    assert run.record_counts[kind] == 1


def test_kept_and_rejected_are_what_was_read() -> None:
    part = ["PIR:1|1", "PTR:1|1|1|1.0|P", "PTR:1|1|1|one|P", "PRR:1|1|7|1|P|1"]
    run = run_of(*part, "PRR:1|x|8|1|P|1", *part)
    assert run.record_counts["PTR"] == len(run.readings) + run.rejected_counts["PTR"] == 4
    assert run.record_counts["PRR"] == len(run.parts) + run.rejected_counts["PRR"] == 3


def test_only_the_first_rejected_lines_are_kept_with_their_place() -> None:
    run = run_of(*["PIR:x"] * 9, limits=StdfLimits(rejected_kept_max=3))
    assert (len(run.rejected), run.rejected_counts["PIR"]) == (3, 9)


def test_kinds_without_number_are_counted_as_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "KINDS_MAX", 1)
    assert run_of("AAA:1", "BBB:1", "AAA:2").rejected_counts == {"AAA": 2, "line": 1}


def test_pieces_as_small_as_a_record_are_the_same_file(monkeypatch: pytest.MonkeyPatch) -> None:
    text = FAR + MIR + "PIR:1|1\n" + MRR
    whole = as_stdf(text)
    monkeypatch.setattr(source, "CHUNK_BYTES", 1)
    pieces = list(AtdfSource([text.encode()]).chunks())
    assert (len(pieces), b"".join(pieces)) == (3, whole)


def test_a_time_that_was_never_set_is_written_as_nothing() -> None:
    assert [instant_text(seconds) for seconds in (0, 0xFFFFFFFF)] == ["", ""]


def test_places_in_the_text_are_told_for_what_the_decoder_rejects() -> None:
    run = run_of("DTR:x", "PTR:1|1|1|1.0|P", "PIR:1|2")
    assert [one.position for one in run.rejected] == [len(FAR + MIR + "DTR:x\n")]


def test_a_second_session_is_told_at_its_place() -> None:
    with pytest.raises(NotStdfError, match=f"begins at byte {len(FAR + MIR)}"):
        run_of(MIR.replace("L1", "L2").strip())


def test_places_get_rougher_when_there_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "PLACES_MAX", 8)
    places = Places()
    for number in range(100):
        places.add(number * 10, number)
    assert len(places.ours) <= 8
    assert [places.of(number * 10) <= number for number in range(100)] == [True] * 100
    assert places.of(990) > 50


def test_a_line_without_end_is_passed_over_in_bounded_memory() -> None:
    endless = [b"DTR:", *[b"x" * 65536] * 64, b"\nPIR:1|1\n"]
    found = lines.Lines([b"A:1\n B\n", *endless])
    assert [text for _, text in found.records()] == [b"A:1B", None, b"PIR:1|1"]


def test_a_record_of_lines_without_end_is_passed_over() -> None:
    endless = b"DTR:" + b"x\n " * lines.RECORD_BYTES_MAX
    run = decode([(FAR + MIR).encode(), endless, b"\n", MRR.encode()])
    assert run.rejected_counts == {"line": 1}
    assert not run.is_partial


def test_the_last_record_may_be_too_long_as_well() -> None:
    run = decode([(FAR + MIR).encode(), b"DTR:" + b"x" * 2 * lines.RECORD_BYTES_MAX])
    assert run.rejected_counts == {"line": 1}
    assert "may be cut" in run.notes[0]


def test_a_record_too_long_for_stdf_is_rejected() -> None:
    run = run_of("RDR:" + ",".join(["7"] * 40_000))
    assert run.rejected_counts == {"RDR": 1}


def test_blank_lines_and_carriage_returns_do_not_matter() -> None:
    text = (FAR + MIR + "\nPIR:1|1\nPRR:1|1|A\n 7|0|P|1\n\n" + MRR).replace("\n", "\r\n")
    run = decode([text.encode()])
    assert (run.parts.part_id, run.rejected_count) == (["A7"], 0)


def record_of(kind: str, **values: Value) -> Record:
    return Record(kind, 0, tuple(values), tuple(values.values()))


def test_characters_that_atdf_keeps_for_itself_are_replaced_and_told() -> None:
    record = record_of("BPS", SEQ_NAME="a\nb|c")
    assert (atdf_line(record), is_changed(record)) == ("BPS:a b|c\n", True)
    record = record_of("WIR", HEAD_NUM=1, WAFER_ID="a|b")
    assert (atdf_line(record), is_changed(record)) == ("WIR:1|||a/b\n", True)
    record = record_of("GDR", GEN_DATA=(Generic("Cn", "a|b"), Generic("U1", 7)))
    assert (atdf_line(record), is_changed(record)) == ("GDR:Ta/b|U7\n", True)
    assert not is_changed(record_of("DTR", TEXT_DAT="a|b"))


def test_what_atdf_has_no_record_for_is_left_out() -> None:
    assert atdf_line(record_of("VUR", UPD_NAM="Scan:2007.1")) == ""


def test_a_limit_that_a_later_record_does_not_repeat_is_the_first_one() -> None:
    tests = ["PTR:1|1|1|1.0|P||idd|||A|0.5|2.5", "PTR:1|1|1|1.0|P||idd|||A||3.5"]
    run = run_of("PIR:1|1", *tests, "PRR:1|1|7|2|P|1")
    first, second = run.parameters
    assert (first.limit_low, first.limit_high, second.occurrence) == (0.5, 2.5, 1)
    assert "Test limits changed 1 times" in " ".join(run.notes)


@given(st.binary(max_size=300))
def test_any_bytes_behind_the_first_lines_are_no_crash(garbage: bytes) -> None:
    # A blank goes on with the line before, so what is spoiled there must not be the MIR.
    run = decode([FAR.encode(), MIR.encode(), b"PIR:1|1\n", garbage])
    assert run.header.lot_id == "L1"


@needs_shared
def test_a_text_cut_anywhere_keeps_what_came_before() -> None:
    text = as_atdf(unpacked("d10_1.std")).encode()
    whole = decode([text])
    for hundredth in range(2, 100):
        run = decode([text[: len(text) * hundredth // 100]])
        assert run.is_partial
        counts = run.record_counts
        assert all(count <= whole.record_counts.get(kind, 1) for kind, count in counts.items())


def test_a_big_endian_writer_is_no_different() -> None:
    assert as_atdf(sort_file(">")) == as_atdf(sort_file("<"))
    assert RecordWriter(">").far() == b"\0\2\0\x0a\1\4"
