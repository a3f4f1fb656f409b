"""Frozen pictures drawn, and told in words and figures."""

from __future__ import annotations

from operations.domain.evidence_drawing import draw_evidence
from quality.domain.pictures import Picture, PicturePoint, PointOf

YIELDS = Picture(
    title="Final yield of each lot",
    of=PointOf.LOT,
    rule="below what 1 earlier lots predict",
    points=(
        PicturePoint("A", 0.95, 200),
        PicturePoint("B", 0.75, 200, is_flagged=True),
    ),
    whole=9,
    middle=0.94,
    low=0.9,
)
SITES = Picture(
    title="Passed, by site",
    of=PointOf.SITE,
    rule="-20.0 points from its siblings",
    points=(PicturePoint("1/1", 0.7, 50, 0.6, 0.8, True), PicturePoint("1/2", 0.9, 50, 0.8, 0.95)),
    whole=2,
)
VALUES = Picture(
    title="idd of each passing unit",
    of=PointOf.UNIT,
    rule="passed beyond a part average limit",
    points=(PicturePoint("", 0.001), PicturePoint("U1", 0.0029, is_flagged=True)),
    whole=2,
    high=0.002,
    is_ratio=False,
    unit="A",
    scale=3,
)


def test_lots_are_joined_link_to_their_pages_and_the_low_one_is_marked() -> None:
    drawn = draw_evidence("one", YIELDS, {"A": "/lots/A", "B": "/lots/B"})
    good, low = drawn.drawing.marks
    assert drawn.drawing.line
    assert (good.address, good.shape) == ("/lots/A", "")
    assert low.shape
    assert low.title == "B: 75.0 %, below what 1 earlier lots predict"
    assert [(level.name, level.value) for level in drawn.levels] == [
        ("Usual", "94.0 %"),
        ("Lower limit", "90.0 %"),
    ]
    assert drawn.rest == 7
    assert [(row.name, row.kind, row.value) for row in drawn.rows] == [
        ("A", "lot", "95.0 %"),
        ("B", "lot", "75.0 %"),
    ]


def test_sites_stand_apart_each_with_its_interval() -> None:
    drawn = draw_evidence("one", SITES, {})
    assert drawn.drawing.line == ""
    assert all(mark.whisker and not mark.address for mark in drawn.drawing.marks)
    assert drawn.has_span
    assert (drawn.rows[0].low, drawn.rows[0].high) == ("60.0 %", "80.0 %")
    assert drawn.drawing.axes is not None
    assert drawn.drawing.axes.across == "Head and site"


def test_values_are_shown_as_their_test_asks() -> None:
    drawn = draw_evidence("one", VALUES, {})
    assert drawn.title == "idd of each passing unit, mA"
    assert [row.value for row in drawn.rows] == ["1", "2.9"]
    assert [level.value for level in drawn.levels] == ["2"]
    assert (drawn.rows[0].name, drawn.rows[0].low) == ("—", "—")
    assert not drawn.has_span
    assert not drawn.has_units
