from __future__ import annotations

from io import BytesIO
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from intake.domain.maps.document import read_map
from intake.domain.maps.e142_writer import write_e142
from intake.domain.maps.words import Axis, BinDefinition, BinMap, Grid, Origin

codes = st.integers(0, 65535).map(str)
names = st.text(st.characters(codec="ascii", categories=["L", "N", "P", "S"]), max_size=12)


@st.composite
def bin_maps(draw: Any) -> BinMap:
    width, height = draw(st.integers(1, 6)), draw(st.integers(1, 6))
    row = st.tuples(*[codes] * width)
    return BinMap(
        substrate=draw(names.filter(bool)),
        lot=draw(names),
        name=draw(names),
        version=draw(names),
        orientation=draw(st.sampled_from([0, 90, 180, 270])),
        grid=Grid(
            rows=draw(st.tuples(*[row] * height)),
            origin=draw(st.sampled_from(Origin)),
            axis=draw(st.sampled_from(Axis)),
            null_code=draw(codes),
        ),
        bins=tuple(
            BinDefinition(str(number), draw(st.booleans()), draw(st.integers(0, 9)), draw(names))
            for number in range(draw(st.integers(0, 3)))
        ),
        created_at="20260302140500",
    )


@given(bin_maps())
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=60)
def test_what_is_written_is_read_again_as_it_was(one: BinMap) -> None:
    assert read_map(BytesIO(write_e142(one))).maps == (one,)


def test_a_count_that_is_not_known_is_not_written() -> None:
    grid = Grid((("1",),), Origin.UPPER_LEFT, Axis.DOWN_RIGHT, "255")
    one = BinMap("W1", "", "", "", 0, grid, (BinDefinition("1", is_pass=True),))
    assert b"BinCount" not in write_e142(one)


def test_control_characters_that_xml_cannot_hold_are_left_out() -> None:
    grid = Grid((("1",),), Origin.UPPER_LEFT, Axis.DOWN_RIGHT, "255")
    one = BinMap("W\x011", "L<&>\x00", "", "", 0, grid, ())
    (read,) = read_map(BytesIO(write_e142(one))).maps
    assert (read.substrate, read.lot) == ("W1", "L<&>")
