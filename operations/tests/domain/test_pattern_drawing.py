from __future__ import annotations

from operations.domain.pattern_drawing import PlaceCount, draw_pattern
from operations.domain.wafer_drawing import DieSize

COUNTS = [PlaceCount(0, 0, 25, 5), PlaceCount(1, 0, 25, 25), PlaceCount(0, 1, 25, 0)]
SIZE = DieSize(26, 33)


def test_places_are_shaded_by_the_share_that_failed() -> None:
    places = draw_pattern(COUNTS, [], SIZE).places
    assert [place.level for place in places] == [1, 4, 0]
    assert [place.label for place in places] == ["20", "100", "0"]


def test_shape_is_marked_on_its_places_alone() -> None:
    places = draw_pattern(COUNTS, [(1, 0), (9, 9)], SIZE).places
    assert [place.is_in_shape for place in places] == [False, True, False]


def test_title_says_what_a_place_shows() -> None:
    assert draw_pattern(COUNTS, [], SIZE).places[0].title == "X 0, Y 0: 5 of 25 failed"


def test_a_legend_counts_the_places_of_every_step() -> None:
    legend = draw_pattern(COUNTS, [], SIZE).legend
    assert [(step.title, step.count) for step in legend] == [
        ("0 to under 20 %", 1),
        ("20 to under 40 %", 1),
        ("40 to under 60 %", 0),
        ("60 to under 80 %", 0),
        ("80 to 100 %", 1),
    ]
