"""Pictures that are frozen with the evidence: bounded, in order, and back as they were."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality.domain.dispersion import Count
from quality.domain.pictures import (
    MARKED_MAX,
    POINTS_MAX,
    Picture,
    PicturePoint,
    PointOf,
    frozen_picture,
    lot_points,
    share_points,
    value_points,
)


def lots(count: int) -> list[tuple[str, Count]]:
    return [(f"L{number}", Count(number, 200)) for number in range(count)]


def test_the_last_lots_are_kept_and_the_very_last_marked() -> None:
    points = lot_points(lots(100))
    assert len(points) == POINTS_MAX
    assert (points[0].name, points[-1].name) == ("L40", "L99")
    assert [point.name for point in points if point.is_flagged] == ["L99"]
    assert (points[-1].value, points[-1].units) == (99 / 200, 200)


def test_several_lots_are_marked() -> None:
    assert [point.is_flagged for point in lot_points(lots(3), 2)] == [False, True, True]


def test_sites_stand_in_order_of_their_numbers_with_intervals() -> None:
    counts = {name: Count(90, 100) for name in ("1/10", "1/9", "1/1")}
    points = share_points(counts, {"1/9"})
    assert [point.name for point in points] == ["1/1", "1/9", "1/10"]
    assert [point.is_flagged for point in points] == [False, True, False]
    assert (points[0].low, points[0].high) == pytest.approx((0.8256, 0.9448), abs=1e-4)


def test_an_interval_is_wider_where_lots_differ_by_more_than_chance() -> None:
    (plain,) = share_points({"1/1": Count(90, 100)}, ())
    (wide,) = share_points({"1/1": Count(90, 100)}, (), dispersion=4)
    assert plain.low is not None
    assert wide.low == pytest.approx(0.9 - 2 * (0.9 - plain.low))
    (full,) = share_points({"1/1": Count(100, 100)}, (), dispersion=400)
    assert (full.low, full.high) == pytest.approx((0.26, 1.0), abs=0.01)


def test_the_marked_one_of_many_is_kept() -> None:
    counts = {f"S{number}": Count(1, 1000 - number) for number in range(99)}
    points = share_points(counts, {"S98"})
    assert len(points) == POINTS_MAX
    assert points[-1].name == "S98"
    assert "S60" not in {point.name for point in points}


def test_values_rise_and_those_beyond_are_named() -> None:
    values = [("odd", 99.0), *((f"u{number}", float(number)) for number in range(5))]
    points = value_points(values, {"odd"})
    assert [point.value for point in points] == [0, 1, 2, 3, 4, 99]
    assert [point.name for point in points] == ["", "", "", "", "", "odd"]
    assert points[-1].is_flagged


def test_of_many_values_the_ends_and_the_farthest_stay() -> None:
    plain = [(f"u{number}", number / 1000) for number in range(1001)]
    odd = [(f"o{number}", 5.0 + number) for number in range(50)]
    points = value_points([*plain, *odd], {name for name, _ in odd})
    marked = [point.value for point in points if point.is_flagged]
    others = [point.value for point in points if not point.is_flagged]
    assert len(points) == POINTS_MAX
    assert marked == [25.0 + number for number in range(MARKED_MAX)]
    assert (others[0], others[-1]) == (0.0, 1.0)


def test_no_values_make_no_points() -> None:
    assert value_points([], {"a"}) == ()


points = st.builds(
    PicturePoint,
    name=st.text(max_size=5),
    value=st.floats(allow_nan=False, allow_infinity=False),
    units=st.none() | st.integers(1, 9),
    low=st.none() | st.floats(0, 1),
    high=st.none() | st.floats(0, 1),
    is_flagged=st.booleans(),
)
pictures = st.builds(
    Picture,
    title=st.text(min_size=1, max_size=5),
    of=st.sampled_from(PointOf),
    rule=st.text(min_size=1, max_size=5),
    points=st.lists(points, max_size=4).map(tuple),
    whole=st.integers(0, 99),
    middle=st.none() | st.floats(0, 1),
    low=st.none() | st.floats(0, 1),
    high=st.none() | st.floats(0, 1),
    is_ratio=st.booleans(),
    unit=st.sampled_from(["", "A"]),
    scale=st.none() | st.integers(-9, 9),
)


@given(pictures)
def test_a_frozen_picture_comes_back_as_it_was(picture: Picture) -> None:
    assert frozen_picture(json.loads(json.dumps(picture.as_json()))) == picture
