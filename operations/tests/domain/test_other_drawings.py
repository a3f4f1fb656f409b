from __future__ import annotations

import pytest

from operations.domain.family_drawing import BOX_WIDTH, RELATIVES_MAX, Relative, draw_family
from operations.domain.rack_drawing import SlotContent, draw_rack
from operations.domain.signs import PLAIN, sign_of, verb_sign

ITSELF = Relative("L1", "", "TRN3", "")


def relatives(count: int) -> list[Relative]:
    return [Relative(f"R{n}", f"/lots/R{n}", "", "split") for n in range(count)]


def test_a_lot_without_relatives_has_no_family_picture() -> None:
    assert draw_family(ITSELF, [], []) is None


def test_parents_stand_left_and_children_right() -> None:
    drawing = draw_family(ITSELF, relatives(1), relatives(2))
    assert drawing is not None
    own, parent, *children = drawing.boxes
    assert parent.left < own.left < min(child.left for child in children)
    assert len(drawing.links) == 3
    assert drawing.width == max(child.left for child in children) + BOX_WIDTH + 4


@pytest.mark.parametrize(("parents", "children"), [(0, 1), (1, 0)])
def test_an_empty_side_takes_no_room(parents: int, children: int) -> None:
    drawing = draw_family(ITSELF, relatives(parents), relatives(children))
    assert drawing is not None
    assert drawing.width < 3 * BOX_WIDTH


def test_many_relatives_end_in_a_count() -> None:
    drawing = draw_family(ITSELF, [], relatives(30))
    assert drawing is not None
    assert len(drawing.boxes) == 1 + RELATIVES_MAX
    assert (drawing.boxes[-1].name, drawing.boxes[-1].address) == ("23 more", "")


def test_the_highest_slot_is_drawn_on_top() -> None:
    contents = [SlotContent(n, "", "compute", "", "") for n in (1, 2, 3)]
    drawing = draw_rack(contents)
    assert [slot.number for slot in drawing.slots] == [3, 2, 1]
    assert drawing.slots[-1].top + drawing.slot_height < drawing.height
    assert drawing.slot_right < drawing.width


@pytest.mark.parametrize(
    ("serial", "warning", "style", "title"),
    [
        ("", "", "empty", "Slot 4, empty"),
        ("S1", "", "full", "Slot 4, SRV S1"),
        ("S1", "open issue Q-000001", "warning", "Slot 4, SRV S1, open issue Q-000001"),
    ],
)
def test_a_slot_says_what_it_holds(serial: str, warning: str, style: str, title: str) -> None:
    (slot,) = draw_rack([SlotContent(4, serial, "SRV", "/units/S1", warning)]).slots
    assert (slot.style, slot.title) == (style, title)


def test_states_have_signs_and_unknown_words_a_plain_dot() -> None:
    assert sign_of("critical").tone == "bad"
    assert verb_sign("hold").icon == "front_hand"
    assert sign_of("whatever") == verb_sign("whatever") == PLAIN
