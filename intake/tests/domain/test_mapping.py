from __future__ import annotations

import io
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.domain.errors import FileRefusedError
from intake.domain.mapping import ColumnMapping
from intake.domain.patterns import is_named, name_regex
from intake.domain.tables import BadLine, Line, day_of, table_lines
from intake.domain.waits import awaited
from intake.domain.words import Delimiter, Encoding
from supplychain.base.errors import MalformedError

VENDOR = ColumnMapping(
    columns={"lot": "los", "occurred_at": "zeit", "verb": "aktion", "due_on": "termin"},
    constants={"unit": "wafer"},
    defaults={"supplier": "OSAT1", "event_id": ""},
    values={("verb", "trkin"): "move"},
    date_format="%d.%m.%Y %H:%M",
    zone=ZoneInfo("Asia/Taipei"),
    delimiter=Delimiter.SEMICOLON,
    encoding=Encoding.WESTERN,
)
REQUIRED = ("event_id", "occurred_at", "supplier", "verb", "lot")


def lines(content: bytes, mapping: ColumnMapping = VENDOR) -> list[Line | BadLine]:
    return list(table_lines(io.BytesIO(content), REQUIRED, ("unit", "due_on", "step"), mapping))


def test_a_partners_columns_words_and_times_are_read_as_ours() -> None:
    (line,) = lines("Los;Zeit;Aktion;übrig\nW1;31.03.2026 14:05;TRKIN;x\n".encode("cp1252"))
    assert line == Line(
        2,
        {
            "event_id": "",
            "occurred_at": "2026-03-31T14:05:00+08:00",
            "supplier": "OSAT1",
            "verb": "move",
            "lot": "W1",
            "unit": "wafer",
        },
    )


def test_a_value_without_a_mapping_stays() -> None:
    (line,) = lines(b"los;zeit;aktion\nW1;31.03.2026 14:05;hold\n")
    assert isinstance(line, Line)
    assert line.values["verb"] == "hold"


def test_a_time_of_another_form_spoils_its_line_alone() -> None:
    bad, good = lines(b"los;zeit;aktion\nW1;2026-03-31;x\nW1;31.03.2026 14:05;x\n")
    assert isinstance(bad, BadLine)
    assert "written like %d.%m.%Y %H:%M" in bad.reason
    assert isinstance(good, Line)


def test_a_day_takes_the_same_form() -> None:
    (line,) = lines(b"los;zeit;aktion;termin\nW1;31.03.2026 14:05;x;01.04.2026 00:00\n")
    assert isinstance(line, Line)
    assert line.values["due_on"] == "2026-04-01"


def test_their_own_names_are_missed() -> None:
    with pytest.raises(FileRefusedError, match="los"):
        lines(b"lot;zeit;aktion\n")


def test_an_iso_time_without_offset_gets_the_zone() -> None:
    mapping = ColumnMapping(zone=ZoneInfo("Asia/Taipei"))
    assert mapping.instant("t", "2026-03-01T08:00") == "2026-03-01T08:00:00+08:00"
    assert mapping.instant("t", "2026-03-01T08:00+00:00") == "2026-03-01T08:00:00+00:00"
    assert mapping.instant("t", "soon") == "soon"
    assert ColumnMapping().instant("t", "2026-03-01T08:00") == "2026-03-01T08:00:00"


def test_letters_that_are_none_of_the_encoding_spoil_a_line() -> None:
    mapping = ColumnMapping(columns=VENDOR.columns, defaults=VENDOR.defaults)
    (bad,) = lines(b"los,zeit,aktion\nW\xff,x,y\n", mapping)
    assert isinstance(bad, BadLine)
    assert "UTF-8" in bad.reason


@pytest.mark.parametrize(
    ("name", "pattern", "fits"),
    [
        ("osat7_0301.csv", "osat7_*.csv", True),
        ("OSAT7_0301.CSV", "osat7_????.csv", True),
        ("osat7_0301.csv.bak", "osat7_*.csv", False),
        ("osat7x0301xcsv", "osat7.*.csv", False),
        ("a+b.csv", "a+b.csv", True),
    ],
)
def test_names_fit_patterns_as_people_write_them(name: str, pattern: str, fits: bool) -> None:
    assert is_named(name, pattern) is fits


@given(st.text(max_size=30))
def test_every_pattern_is_a_regular_expression(pattern: str) -> None:
    assert name_regex(pattern)
    is_named("a", pattern)


def test_a_day_is_a_day() -> None:
    assert day_of("", "due_on") is None
    assert str(day_of("2026-03-31", "due_on")) == "2026-03-31"
    with pytest.raises(MalformedError, match="2026-03-31"):
        day_of("31.3.", "due_on")


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"lot": "W1"}, "lot W1"),
        ({"lot": "W1", "verb": "ship", "holds": ["x"]}, "release of lot W1"),
        ({"lot": "W1", "state": "shipped"}, "change of lot W1, now shipped"),
        ({"serials": ["A", "B", "C", "D"]}, "units A, B, C"),
        ({"wafer": "W1-01"}, "wafer W1-01"),
        ({"serials": []}, ""),
        ({"serials": "A", "other": 1}, ""),
        ({}, ""),
    ],
)
def test_what_a_row_waits_for_is_said(fields: dict[str, object], words: str) -> None:
    assert awaited(fields) == words
