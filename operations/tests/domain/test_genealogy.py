"""Trees that fold and the drawing of them, as pure functions."""

from __future__ import annotations

from datetime import UTC, datetime

from operations.domain.genealogy_drawing import GenealogyDrawing, Sign, draw_genealogy
from operations.domain.genealogy_folding import Knot, turned_of
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


def knot(name: str, group: str = "", *, is_former: bool = False) -> Knot:
    return Knot(name, name, group=group, is_former=is_former)


def signs_of(drawing: GenealogyDrawing) -> dict[str, Sign]:
    return {sign.label: sign for drawn in drawing.knots for sign in drawn.signs}


def names(drawing: GenealogyDrawing) -> list[str]:
    return [drawn.knot.name for drawn in drawing.knots]


def test_columns_stand_from_left_to_right_and_links_join_them() -> None:
    drawing = draw_genealogy(
        knot("chip"), {"chip": [knot("SRV")]}, {"chip": [knot("D1", is_former=True), knot("D2")]}
    )
    lefts = {drawn.knot.name: drawn.left for drawn in drawing.knots}
    assert lefts == {"SRV": 32.0, "chip": 268.0, "D1": 504.0, "D2": 504.0}
    assert [link.is_former for link in drawing.links] == [False, True, False]
    assert (drawing.width, drawing.height) == (712.0, 98.0)


def test_the_thing_itself_stands_in_one_row_of_both_sides() -> None:
    parts = [knot(f"D{number}") for number in range(3)]
    drawing = draw_genealogy(knot("chip"), {"chip": [knot("SRV")]}, {"chip": parts})
    tops = {drawn.knot.name: drawn.top for drawn in drawing.knots}
    assert tops == {"D0": 4.0, "D1": 54.0, "D2": 104.0, "chip": 54.0, "SRV": 54.0}
    assert min(tops.values()) == 4.0


def test_a_thing_stands_near_the_top_of_much() -> None:
    parts = [knot(f"D{number}") for number in range(20)]
    tops = {
        drawn.knot.name: drawn.top
        for drawn in draw_genealogy(knot("wafer"), {}, {"wafer": parts}).knots
    }
    assert tops["wafer"] == tops["D2"]


def test_a_sign_folds_what_is_open_and_unfolds_it_again() -> None:
    beyond = {"chip": [knot("D1")]}
    sign = signs_of(draw_genealogy(knot("chip"), {}, beyond))["Origins of chip, 1"]
    assert (sign.is_open, sign.turned) == (True, sign.turn)
    folded = draw_genealogy(knot("chip"), {}, beyond, turned_of(sign.turned))
    assert names(folded) == ["chip"]
    again = signs_of(folded)["Origins of chip, 1"]
    assert (again.is_open, again.turned) == (False, "")


def test_turning_one_thing_leaves_the_others_as_they_were() -> None:
    beyond = {"chip": [knot(f"D{n}") for n in range(5)]}
    beyond |= {f"D{n}": [knot(f"W{n}{m}") for m in range(5)] for n in range(5)}
    before = signs_of(draw_genealogy(knot("chip"), {}, beyond))
    last = before["Origins of D4, 5"]
    assert not last.is_open
    after = signs_of(draw_genealogy(knot("chip"), {}, beyond, turned_of(last.turned)))
    changed = {label for label in before if before[label].is_open != after[label].is_open}
    assert changed == {"Origins of D4, 5"}


def test_many_like_things_stand_folded_until_they_are_asked_for() -> None:
    beyond = {"wafer": [knot("odd"), *(knot(f"D{number}", "die") for number in range(64))]}
    drawing = draw_genealogy(knot("wafer"), beyond, {})
    assert names(drawing) == ["wafer", "odd", "64 die"]
    fold = signs_of(drawing)["64 die"]
    shown = draw_genealogy(knot("wafer"), beyond, {}, turned_of(fold.turned))
    assert names(shown)[2:] == ["64 die", *(f"D{number}" for number in range(24)), "and 40 more"]


def test_the_rest_is_shown_a_page_at_a_time_beside_the_first() -> None:
    beyond = {"lot": [knot(f"S{number}") for number in range(60)]}
    turned: frozenset[str] = frozenset()
    for rest in ("and 36 more", "and 12 more"):
        drawing = draw_genealogy(knot("lot"), {}, beyond, turned)
        assert names(drawing)[-1] == rest
        turned = turned_of(signs_of(drawing)[rest].turned)
    drawing = draw_genealogy(knot("lot"), {}, beyond, turned)
    assert len(drawing.knots) == 1 + 60 + 2
    assert len({drawn.left for drawn in drawing.knots}) == 2
    assert signs_of(drawing)["12 more"].is_open


def test_what_comes_round_again_is_not_followed_twice() -> None:
    drawing = draw_genealogy(knot("A"), {}, {"A": [knot("B")], "B": [knot("A")]})
    assert names(drawing) == ["A", "B", "A"]
    assert set(signs_of(drawing)) == {"Origins of A, 1", "Origins of B, 1"}


def test_a_long_way_is_unfolded_only_so_far_at_first() -> None:
    way = {f"L{number}": [knot(f"L{number + 1}")] for number in range(9)}
    assert names(draw_genealogy(knot("L0"), {}, way)) == ["L0", "L1", "L2", "L3", "L4"]


def test_a_thing_alone_has_no_sign() -> None:
    drawing = draw_genealogy(knot("LONE"), {}, {})
    assert (len(drawing.knots), drawing.knots[0].signs, drawing.links) == (1, (), ())
    assert drawing.knots[0].is_self


def test_an_address_turns_only_so_many() -> None:
    assert turned_of("") == frozenset()
    assert len(turned_of(".".join(str(number) for number in range(999)))) == 200
