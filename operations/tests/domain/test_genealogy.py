"""Trees that fold and the drawing of them, as pure functions."""

from __future__ import annotations

from datetime import UTC, datetime

from operations.domain.genealogy_drawing import Knot, draw_genealogy
from operations.domain.genealogy_tree import Link, tree_of

NOW = datetime(2026, 3, 2, tzinfo=UTC)


def link(key: int, reached_by: int | None = None, product: str = "TRN3", **rest: object) -> Link:
    values: dict[str, object] = {
        "serial": f"S{key}",
        "beside": "S0",
        "kind": "package",
        "product": product,
        "state": "good",
        "is_declared": False,
        "lot": "",
        "wafer": "",
        "x": None,
        "y": None,
        "position": f"C{key}",
        "since": NOW,
        "until": None,
        "depth": 1,
        **rest,
    }
    return Link(key=key, reached_by=reached_by, **values)  # type: ignore[arg-type]


def test_links_hang_on_what_they_were_reached_by() -> None:
    first, second = tree_of([link(1), link(2), link(3, 1), link(4, 3)])
    assert (first.count, second.count) == (3, 1)
    assert first.branches[0].branches[0].link == link(4, 3)
    assert first.is_open


def test_many_like_parts_fold_into_one_line() -> None:
    (group,) = tree_of([link(key) for key in range(64)])
    assert (group.name, group.count, group.is_open) == ("64 TRN3", 64, False)


def test_what_has_ended_folds_apart() -> None:
    links = [link(key) for key in range(9)] + [link(20 + key, until=NOW) for key in range(9)]
    assert [group.name for group in tree_of(links)] == ["9 TRN3", "9 former TRN3"]
    assert links[-1].is_former


def test_columns_stand_from_left_to_right_and_links_join_them() -> None:
    drawing = draw_genealogy(
        [[Knot("a", "SRV", "server")], [Knot("self", "C", "chip", is_self=True)], []],
        [("a", "self"), ("self", "gone")],
    )
    assert [drawn.left for drawn in drawing.knots] == [4.0, 212.0]
    assert len(drawing.links) == 1
    assert not drawing.links[0].is_former


def test_a_long_column_counts_what_it_leaves_out() -> None:
    column = [Knot(f"w{number}", f"W-{number}", "wafer", is_former=True) for number in range(9)]
    drawing = draw_genealogy([[Knot("self", "C", "")], column], [("self", "w1"), ("self", "w8")])
    assert [drawn.knot.name for drawn in drawing.knots][-1] == "4 more"
    assert [one.is_former for one in drawing.links] == [True]
