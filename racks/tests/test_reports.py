from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from racks.domain.reports import commissioning_report, instant, rack_report, reading_value
from racks.tests.builders import commissioning_json, rack_json
from supplychain.base.errors import MalformedError

JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)


def read(report: object) -> Any:
    return rack_report(json.dumps(report).encode())


def reading(**changes: object) -> Any:
    """The first entry of a commissioning report with this in its first reading."""
    report = commissioning_json()
    report["readings"][0].update(changes)
    return commissioning_report(json.dumps(report).encode()).entries[0]


def test_a_rack_report_gives_the_place_and_the_units() -> None:
    report = read(rack_json("S1", "S2"))
    assert (report.header["site_code"], report.header["slot_count"]) == ("PDX1", 4)
    assert [entry.content for entry in report.entries] == [
        {"slot": 1, "serial": "S1"},
        {"slot": 2, "serial": "S2"},
    ]


def test_a_bad_placement_is_named_and_the_others_stand() -> None:
    rows = [{"slot": "one", "serial": "S1"}, {"slot": 2, "serial": "S2"}, 7, {"slot": 3}]
    entries = read(rack_json(placements=rows)).entries
    assert [entry.reason for entry in entries] == [
        "slot must be a whole number",
        "",
        "'7' stands where an object is needed",
        "serial is missing",
    ]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"format": "rack-2"}, "format"),
        ({"site": "PDX1"}, "object"),
        ({"hall": ""}, "hall must be text"),
        ({"hall": "H\0"}, "no text"),
        ({"hall": "\ud800"}, "no text"),
        ({"column": 40_000}, "column must be from 0"),
        ({"column": True}, "column must be a whole number"),
        ({"installed_at": "2026-03-01T08:00:00"}, "no offset"),
        ({"installed_at": "yesterday"}, "ISO 8601"),
        ({"installed_at": "0001-01-01T00:00:00+14:00"}, "age"),
        ({"placements": {}}, "placements must be a list"),
    ],
)
def test_a_bad_header_refuses_the_report(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(MalformedError, match=reason):
        read(rack_json(**changes))


@pytest.mark.parametrize("content", [b"", b"\xff", b"[" * 100_000, b"9" * 5000])
def test_what_is_no_json_is_refused(content: bytes) -> None:
    with pytest.raises(MalformedError):
        rack_report(content)


def test_country_and_name_may_be_absent() -> None:
    report = read(rack_json(site={"code": "P", "name": "P"}, rack={"serial": "R1", "slots": 1}))
    assert (report.header["country"], report.header["rack_name"]) == ("", "")


def test_a_round_cannot_end_before_it_began() -> None:
    report = {**commissioning_json(), "finished_at": "2020-01-01T00:00:00+00:00"}
    with pytest.raises(MalformedError, match="before"):
        commissioning_report(json.dumps(report).encode())


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"value": "high"}, "value must be a number or null"),
        ({"value": True}, "value must be a number or null"),
        ({"kind": "smell"}, "kind 'smell' is not known"),
        ({"measured_at": None}, "None is no time as ISO 8601 writes it"),
    ],
)
def test_a_bad_reading_is_named(changes: dict[str, Any], reason: str) -> None:
    assert reading(**changes).reason == reason


@pytest.mark.parametrize("value", [None, math.nan, math.inf, 10**400])
def test_what_is_no_finite_number_is_a_sensor_that_gave_none(value: float | None) -> None:
    assert reading(value=value).content["value"] is None
    assert math.isnan(reading_value(None))


def test_a_value_is_kept_as_it_is() -> None:
    assert reading_value(reading(value=3).content["value"]) == 3.0


def test_an_instant_keeps_its_offset() -> None:
    assert instant("2026-03-01T08:00:00-08:00").isoformat() == "2026-03-01T08:00:00-08:00"


@given(JSON, st.sampled_from(sorted(rack_json())))
def test_any_json_is_read_or_refused(value: object, name: str) -> None:
    content = json.dumps(rack_json("S1") | {name: value}).encode()
    try:
        report = rack_report(content)
    except MalformedError:
        return
    assert all(entry.content or entry.reason for entry in report.entries)
