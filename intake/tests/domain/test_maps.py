from __future__ import annotations

import io
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.domain.maps.contents import bin_map_of, content_of, dies_content, transfers_of
from intake.domain.maps.document import looks_like_map, read_map
from intake.domain.maps.grids import bin_faults, codes_of, dies_of, good_count, refuse_ragged
from intake.domain.maps.words import Axis, BinDefinition, Grid, MapDocument, MapError, Origin
from intake.domain.maps.xml import read_xml
from intake.tests.maps_writer import e142, g85, transfers
from supplychain.base.errors import MalformedError

DRAWN = (("A", "B", "C"), ("D", "E", "F"), ("G", "H", "I"))


def read(content: bytes) -> MapDocument:
    return read_map(io.BytesIO(content))


def places(origin: Origin, axis: Axis) -> dict[str, tuple[int, int]]:
    return {die.code: (die.x, die.y) for die in dies_of(Grid(DRAWN, origin, axis, ""))}


def test_a_blank_may_stand_for_no_die_in_g85() -> None:
    content = (
        g85("AB", " A").replace(b"HexaDecimal", b"Ascii").replace(b'NullBin="FF"', b'NullBin=" "')
    )
    (one,) = read(content).maps
    assert [(die.x, die.y, die.code) for die in dies_of(one.grid)] == [
        (0, 0, "A"), (1, 0, "B"), (1, 1, "A")
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("origin", "axis", "upper_left", "lower_right"),
    [
        (Origin.UPPER_LEFT, Axis.DOWN_RIGHT, (0, 0), (2, 2)),
        (Origin.LOWER_LEFT, Axis.UP_RIGHT, (0, 2), (2, 0)),
        (Origin.UPPER_RIGHT, Axis.DOWN_LEFT, (2, 0), (0, 2)),
        (Origin.LOWER_RIGHT, Axis.UP_LEFT, (2, 2), (0, 0)),
        (Origin.CENTER, Axis.UP_RIGHT, (-1, 1), (1, -1)),
        (Origin.LOWER_LEFT, Axis.DOWN_LEFT, (0, -2), (-2, 0)),
    ],
)
def test_origin_and_axis_say_where_a_die_lies(
    origin: Origin, axis: Axis, upper_left: tuple[int, int], lower_right: tuple[int, int]
) -> None:
    found = places(origin, axis)
    assert (found["A"], found["I"]) == (upper_left, lower_right)


@given(st.sampled_from(list(Origin)), st.sampled_from(list(Axis)))
def test_dies_keep_their_neighbours_whatever_the_origin(origin: Origin, axis: Axis) -> None:
    found = places(origin, axis)
    assert len(set(found.values())) == 9
    (ax, ay), (bx, by) = found["A"], found["B"]
    assert (abs(ax - bx), ay - by) == (1, 0)


def test_the_middle_of_an_even_grid_is_no_die() -> None:
    with pytest.raises(MapError, match="centre of 2 by 1"):
        dies_of(Grid((("A", "B"),), Origin.CENTER, Axis.UP_RIGHT, ""))


def test_places_without_a_die_are_left_out() -> None:
    grid = Grid((("FF", "01"),), Origin.LOWER_LEFT, Axis.UP_RIGHT, "FF")
    assert [(die.x, die.code) for die in dies_of(grid)] == [(1, "01")]


@pytest.mark.parametrize(
    ("row", "kind", "codes"),
    [
        ("XG0", "Ascii", ("X", "G", "0")),
        ("000 001 255", "Decimal", ("000", "001", "255")),
        ("0A FF", "HexaDecimal", ("0A", "FF")),
        ("0AFF", "HexaDecimal", ("0A", "FF")),
        ("000AFFFF", "Integer2", ("000A", "FFFF")),
        ("XG", "", ("X", "G")),
    ],
)
def test_codes_are_as_wide_as_their_type(row: str, kind: str, codes: tuple[str, ...]) -> None:
    assert codes_of(row, kind) == codes


def test_rows_that_do_not_divide_or_differ_are_refused() -> None:
    with pytest.raises(MapError, match="does not divide"):
        codes_of("0AF", "HexaDecimal")
    with pytest.raises(MapError, match="'Octal' is not known"):
        codes_of("0AF", "Octal")
    with pytest.raises(MapError, match="row 2 has 1 dies"):
        refuse_ragged([("A", "B"), ("A",)], "Map")
    with pytest.raises(MapError, match="no rows"):
        refuse_ragged([()], "Map")
    with pytest.raises(MapError, match="more than"):
        refuse_ragged([("A",) * 1000] * 251, "Map")


def test_counts_and_meanings_of_bins_are_checked() -> None:
    bins = [BinDefinition("01", is_pass=True, count=1), BinDefinition("02", is_pass=False)]
    dies = dies_of(Grid((("01", "01", "03"),), Origin.LOWER_LEFT, Axis.UP_RIGHT, ""))
    assert bin_faults(dies, bins) == [
        "bin 03 is not defined",
        "bin 01 is stated 1 times and drawn 2 times",
    ]
    assert good_count(dies, bins) == 2


def test_both_formats_say_the_same() -> None:
    rows = ("FF01", "0102")
    (one,), (other,) = read(e142(*rows)).maps, read(g85(*rows)).maps
    assert one.grid == other.grid
    assert (one.substrate, one.lot, one.bins) == (other.substrate, other.lot, other.bins)
    assert one.created_at == "20260302080000"


def test_e142_defaults_to_its_lower_left() -> None:
    content = e142("01").replace(b'OriginLocation="UpperLeft" AxisDirection="DownRight"', b"")
    (one,) = read(content.replace(b'Orientation="0"', b"")).maps
    assert (one.grid.origin, one.grid.axis) == (Origin.LOWER_LEFT, Axis.UP_RIGHT)


def test_the_codes_of_one_element_may_be_several_rows() -> None:
    content = e142("0102").replace(b"<BinCode>0102</BinCode>", b"<BinCode>\n01\n02\n</BinCode>")
    assert read(content).maps[0].grid.rows == (("01",), ("02",))


def test_overlays_without_bins_are_passed_over() -> None:
    content = e142("01").replace(b'<Overlay MapName="Sort"', b'<Overlay/><Overlay MapName="Sort"')
    assert len(read(content).maps) == 1


def test_letters_as_codes_are_read_in_both() -> None:
    content = e142("01").replace(b"HexaDecimal", b"ASCII").replace(b">01</", b"> GX </")
    assert read(content).maps[0].grid.rows == (("G", "X"),)


def test_a_blank_may_stand_for_no_die() -> None:
    content = e142(" G ", "GXG", "   ").replace(b"HexaDecimal", b"ASCII")
    (one,) = read(content.replace(b'NullBin="FF"', b'NullBin=" "')).maps
    assert one.grid.rows == (("", "G", ""), ("G", "X", "G"), ("", "", ""))
    assert [(die.x, die.y, die.code) for die in dies_of(one.grid)] == [
        (1, 0, "G"),
        (0, 1, "G"),
        (1, 1, "X"),
        (2, 1, "G"),
    ]
    assert bin_map_of(content_of(one)).grid == one.grid


@pytest.mark.parametrize(
    ("origin", "corner"),
    [
        ("0", "Center"),
        ("1", "UpperRight"),
        ("3", "LowerLeft"),
        ("4", "LowerRight"),
        ("", "UpperLeft"),
    ],
)
def test_g85_numbers_its_corners(origin: str, corner: str) -> None:
    assert read(g85("01", origin=origin)).maps[0].grid.origin == corner


def test_dies_go_into_the_devices_of_a_tray() -> None:
    content = transfers(
        (3, 4, 0, 0), (5, 6, 0, 0), (7, 8, 1, 0), serials={(0, 0): "A", (1, 0): "B"}
    )
    one, other = read(content).transfers
    assert (one.serial, one.lot, one.product) == ("A", "C1", "TRN3")
    assert [(die.wafer, die.x, die.y, die.position) for die in one.dies] == [
        ("W1-01", 3, 4, "D1"),
        ("W1-01", 5, 6, "D2"),
    ]
    assert other.serial == "B"


def test_a_package_may_be_the_substrate_itself() -> None:
    content = transfers((3, 4, 0, 0), (5, 6, 1, 0)).replace(b'"Tray"', b'"Package"')
    (one,) = read(content.replace(b"<DeviceIdMap></DeviceIdMap>", b"")).transfers
    assert (one.serial, len(one.dies)) == ("TR1", 2)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "no XML"),
        (b"<MapData>", "line 1"),
        (b"lot,step\n", "no XML"),
        (b"<html/>", "begins with html"),
        (b"<MapData/>", "no bin map"),
        (b"<Maps/>", "no map with a Device"),
        (b"<Map><Device/></Map>", "no SubstrateId"),
        (e142("01").replace(b'SubstrateId="W1-01"', b""), "no SubstrateId"),
        (e142("01").replace(b"UpperLeft", b"Top"), "OriginLocation is 'Top'"),
        (e142("01").replace(b'Orientation="0"', b'Orientation="x"'), "Orientation is 'x'"),
        (e142("0101", "01"), "row 2 has 1 dies"),
        (g85("01", origin="7"), "OriginLocation is '7'"),
        (g85("01", extra='Columns="9"'), "Columns says 9, 1 are drawn"),
        (transfers((3, 4, 0, 0)), "names no device at 0, 0"),
        (transfers((3, 4, 0, 0), wafer=""), "names no wafer"),
        (transfers((3, 4, 0, 0)).replace(b'FX="3"', b'FX="c"'), "FX is 'c'"),
        (b"<a>" * 60, "levels"),
        (b"<?xml version='1.0' encoding='ebcdic'?><a/>", "no XML"),
    ],
)
def test_what_breaks_a_map_is_named(content: bytes, reason: str) -> None:
    with pytest.raises(MapError) as caught:
        read(content)
    assert reason in caught.value.detail


BOMB = b"""<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "aaaaaaaaaa">
<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><MapData>&b;</MapData>"""
OUTSIDE = b"""<!DOCTYPE l [<!ENTITY x SYSTEM "file:///etc/passwd">]><MapData>&x;</MapData>"""


@pytest.mark.parametrize("content", [BOMB, OUTSIDE, b"<!DOCTYPE html><MapData/>"])
def test_a_doctype_is_refused_before_anything_expands(content: bytes) -> None:
    begun = time.monotonic()
    with pytest.raises(MapError, match="DOCTYPE"):
        read(content)
    assert time.monotonic() - begun < 1


def test_too_many_elements_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("intake.domain.maps.xml.ELEMENTS_MAX", 3)
    with pytest.raises(MapError, match="more than 3 elements"):
        read_xml(io.BytesIO(b"<a><b/><b/><b/></a>"))


def test_too_much_text_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("intake.domain.maps.xml.LETTERS_MAX", 5)
    with pytest.raises(MapError, match="more than 5 letters"):
        read_xml(io.BytesIO(b"<a>abc<b>def</b></a>"))


def test_text_between_elements_belongs_to_the_outer_one() -> None:
    root = read_xml(io.BytesIO(b"<a>ab<b>cd</b>ef&amp;\ng</a>"))
    assert (root.text, root.words("b")) == ("abef&\ng", "cd")


def test_a_map_survives_as_a_row() -> None:
    (one,) = read(e142("FF01", "0102")).maps
    again = bin_map_of(content_of(one))
    assert (again.grid, again.bins, again.substrate) == (one.grid, one.bins, one.substrate)


@pytest.mark.parametrize(
    "change", [{"origin": "Top"}, {"rows": None}, {"bins": [{"code": "1"}]}, {"rows": []}]
)
def test_a_row_that_is_no_map_is_refused(change: dict[str, Any]) -> None:
    content = content_of(read(e142("01")).maps[0])
    with pytest.raises(MalformedError):
        bin_map_of({**content, **change})


def test_a_transfer_survives_as_a_row() -> None:
    (one,) = read(transfers((3, 4, 0, 0), serials={(0, 0): "A"})).transfers
    assert transfers_of({"dies": dies_content(one.dies)}) == one.dies


@pytest.mark.parametrize(
    ("dies", "reason"),
    [
        ([], "no die"),
        ([{"wafer": "W", "x": 1, "y": 1, "position": "D1"}] * 2, "die W:1:1 twice"),
        ([{"wafer": "W"}], "cannot be read"),
        (None, "cannot be read"),
    ],
)
def test_a_row_that_is_no_transfer_is_refused(dies: Any, reason: str) -> None:
    with pytest.raises(MalformedError, match=reason):
        transfers_of({"serial": "A", "dies": dies})


def test_the_dies_of_a_package_are_bounded_and_compared_in_one_pass(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    dies = [{"wafer": "W", "x": x, "y": 0, "position": f"D{x}"} for x in range(1001)]
    with pytest.raises(MalformedError, match="names 1,001 dies"):
        transfers_of({"serial": "A", "dies": dies})
    assert len(transfers_of({"serial": "A", "dies": dies[1:]})) == 1000
    monkeypatch.setattr("intake.domain.maps.contents.PACKAGE_DIES_MAX", 50_000)
    many = [{"wafer": "W", "x": x, "y": 0, "position": "D"} for x in range(50_000)]
    begun = time.monotonic()
    transfers_of({"serial": "A", "dies": many})
    assert time.monotonic() - begun < 5


def test_a_map_is_known_by_its_first_bytes() -> None:
    assert looks_like_map(e142("01")[:4096])
    assert looks_like_map(g85("01")[:4096])
    assert not looks_like_map(b"<html>")
    assert not looks_like_map(b"lot,step")


@given(st.integers(0, 2000), st.integers(0, 255))
def test_a_flipped_byte_is_read_or_refused(position: int, byte: int) -> None:
    content = bytearray(e142("FF01", "0102"))
    content[position % len(content)] = byte
    try:
        read(bytes(content))
    except MapError as error:
        assert error.detail
